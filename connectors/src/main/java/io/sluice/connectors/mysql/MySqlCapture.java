package io.sluice.connectors.mysql;

import com.mysql.cj.conf.ConnectionUrl;
import com.mysql.cj.conf.HostInfo;
import com.mysql.cj.jdbc.JdbcConnection;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.connectors.debezium.CaptureLimits;
import io.sluice.connectors.debezium.MySqlCaptureSettings;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.TableDefinition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From a database's address to what the reader of its log is told. */
final class MySqlCapture {

    private static final int DEFAULT_PORT = 3306;

    /** What the reader decides itself, or is told apart from the driver's properties. */
    private static final Set<String> NOT_PASSED_ON =
            Set.of(
                    "host",
                    "port",
                    "protocol",
                    "user",
                    "password",
                    "dbname",
                    "connectionAttributes",
                    "connectionTimeZone",
                    "serverTimezone",
                    "socketTimeout",
                    "sessionVariables",
                    "tinyInt1isBit",
                    "yearIsDateType");

    private MySqlCapture() {}

    static MySqlCaptureSettings settings(
            MySqlConnections connections,
            String pipeline,
            List<TableId> tables,
            SchemaHistory history) {
        ConnectionUrl url =
                ConnectionUrl.getConnectionUrlInstance(
                        connections.address().url(), new Properties());
        HostInfo first = url.getMainHost();
        Map<String, String> driver = new HashMap<>();
        first.getHostProperties()
                .forEach(
                        (name, value) -> {
                            if (!NOT_PASSED_ON.contains(name)) {
                                driver.put(name, value);
                            }
                        });
        if (connections.isOnThisMachine(connections.address().url())) {
            driver.putIfAbsent("allowPublicKeyRetrieval", "true");
        }
        Place place =
                url.getHostsList().size() == 1
                        ? new Place(first.getHost(), first.getPort())
                        : answering(connections, pipeline);
        return new MySqlCaptureSettings(
                place.host(),
                place.port(),
                or(first.getUser(), connections.address().username()),
                or(first.getPassword(), connections.address().password()),
                driver,
                pipeline,
                MySqlCaptureSettings.freshServerId(),
                Set.copyOf(tables),
                new Origin(connections.name()),
                table -> definition(connections, pipeline, table),
                MySqlErrors::classify,
                history,
                CaptureLimits.DEFAULT);
    }

    private record Place(String host, int port) {}

    /** Of several hosts the one that answers now as the URL asks, since a log is on one server. */
    private static Place answering(MySqlConnections connections, String pipeline) {
        String pair =
                connections.with(
                        SessionNames.session(pipeline),
                        "asking which host answers",
                        connection -> connection.unwrap(JdbcConnection.class).getHostPortPair());
        int colon = pair.lastIndexOf(':');
        return colon < 0
                ? new Place(pair, DEFAULT_PORT)
                : new Place(pair.substring(0, colon), Integer.parseInt(pair.substring(colon + 1)));
    }

    private static @Nullable TableDefinition definition(
            MySqlConnections connections, String pipeline, TableId table) {
        List<TableDefinition> found =
                connections.with(
                        SessionNames.session(pipeline),
                        "reading the catalog",
                        connection -> MySqlCatalog.tables(connection, List.of(table)));
        return found.isEmpty() ? null : found.getFirst();
    }

    private static String or(@Nullable String first, String second) {
        return first == null || first.isEmpty() ? second : first;
    }
}
