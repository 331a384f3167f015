package io.sluice.connectors.postgres;

import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.debezium.CaptureLimits;
import io.sluice.connectors.debezium.PostgresCaptureSettings;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.HostSpec;

/** From a database's address to what the reader of its log is told. */
final class CaptureSettings {

    private static final String HOST = "PGHOST";
    private static final String PORT = "PGPORT";
    private static final String DATABASE = "PGDBNAME";

    /** What the reader decides itself, or is told apart from the driver's properties. */
    private static final Set<String> NOT_PASSED_ON =
            Set.of(
                    HOST,
                    PORT,
                    DATABASE,
                    "user",
                    "password",
                    "ApplicationName",
                    "currentSchema",
                    "options",
                    "preferQueryMode",
                    "replication",
                    "socketTimeout",
                    "targetServerType",
                    "loadBalanceHosts",
                    "autosave",
                    "readOnly");

    private CaptureSettings() {}

    static PostgresCaptureSettings of(PostgresConnections connections, String pipeline) {
        Properties url = Driver.parseURL(connections.address().url(), null);
        if (url == null) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    connections.name() + ": the URL is not one of PostgreSQL: check its spelling");
        }
        Map<String, String> driver = new HashMap<>();
        for (String name : url.stringPropertyNames()) {
            if (!NOT_PASSED_ON.contains(name)) {
                driver.put(name, url.getProperty(name));
            }
        }
        HostSpec host = host(connections, url, pipeline);
        return new PostgresCaptureSettings(
                host.getHost(),
                host.getPort(),
                url.getProperty(DATABASE, connections.address().username()),
                url.getProperty("user", connections.address().username()),
                url.getProperty("password", connections.address().password()),
                driver,
                pipeline,
                LogNames.slot(pipeline),
                LogNames.publication(pipeline),
                new Origin(connections.name()),
                table -> schema(connections, pipeline, table),
                PostgresErrors::classify,
                CaptureLimits.DEFAULT);
    }

    /** Of several hosts the one that answers now as the URL asks, since a slot is on one server. */
    private static HostSpec host(PostgresConnections connections, Properties url, String pipeline) {
        String hosts = url.getProperty(HOST, "localhost");
        String ports = url.getProperty(PORT, "5432");
        if (!hosts.contains(",")) {
            return new HostSpec(hosts, Integer.parseInt(ports));
        }
        return connections.with(
                LogNames.session(pipeline),
                "asking which host answers",
                connection ->
                        connection.unwrap(BaseConnection.class).getQueryExecutor().getHostSpec());
    }

    private static @Nullable TableSchema schema(
            PostgresConnections connections, String pipeline, TableId table) {
        List<TableDefinition> found =
                connections.with(
                        LogNames.session(pipeline),
                        "reading the catalog",
                        connection -> PostgresCatalog.tables(connection, List.of(table)));
        return found.isEmpty() ? null : found.getFirst().schema();
    }
}
