package io.sluice.connectors.debezium;

import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ErrorClass;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PostgresChangeSource} needs to know.
 *
 * @param driverProperties further properties of the JDBC driver, such as {@code sslmode}; they win
 *     over this package's own choices
 * @param pipeline shown in messages and as part of the sessions' application name
 * @param slot an existing logical slot with the plug-in {@code pgoutput}
 * @param publication an existing publication; it alone says which tables are read
 * @param origin the origin of changes that did not reach the source by other replication
 * @param catalog the replicated columns and the replica key of a table as the source's catalog has
 *     them now; null where there is no such table. Called on the engine's thread, once for each
 *     time that the log announces a table; may throw {@link
 *     io.sluice.connectors.spi.ConnectorException}
 * @param errors the class of the server's errors, by their SQLSTATE
 * @param limits what may be held in memory
 * @param site how the log is read where the database is one of several sites; else null
 */
public record PostgresCaptureSettings(
        String host,
        int port,
        String database,
        String username,
        String password,
        Map<String, String> driverProperties,
        String pipeline,
        String slot,
        String publication,
        Origin origin,
        Function<TableId, @Nullable TableSchema> catalog,
        Function<SQLException, ErrorClass> errors,
        CaptureLimits limits,
        @Nullable SiteCapture site) {

    private static final Pattern SERVER_NAME = Pattern.compile("[a-z0-9_]{1,63}");

    public PostgresCaptureSettings {
        Objects.requireNonNull(host);
        Objects.requireNonNull(database);
        Objects.requireNonNull(username);
        Objects.requireNonNull(password);
        driverProperties = Map.copyOf(driverProperties);
        Objects.requireNonNull(pipeline);
        requireServerName("slot", slot);
        requireServerName("publication", publication);
        Objects.requireNonNull(origin);
        Objects.requireNonNull(catalog);
        Objects.requireNonNull(errors);
        Objects.requireNonNull(limits);
    }

    /** Of a database that is read for others alone. */
    public PostgresCaptureSettings(
            String host,
            int port,
            String database,
            String username,
            String password,
            Map<String, String> driverProperties,
            String pipeline,
            String slot,
            String publication,
            Origin origin,
            Function<TableId, @Nullable TableSchema> catalog,
            Function<SQLException, ErrorClass> errors,
            CaptureLimits limits) {
        this(
                host,
                port,
                database,
                username,
                password,
                driverProperties,
                pipeline,
                slot,
                publication,
                origin,
                catalog,
                errors,
                limits,
                null);
    }

    public PostgresCaptureSettings with(SiteCapture newSite) {
        return new PostgresCaptureSettings(
                host,
                port,
                database,
                username,
                password,
                driverProperties,
                pipeline,
                slot,
                publication,
                origin,
                catalog,
                errors,
                limits,
                newSite);
    }

    // Debezium puts both names into statements as they are, and the server folds the publication's.
    private static void requireServerName(String what, String name) {
        if (!SERVER_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of a %s is made of a-z, 0-9 and _: %s".formatted(what, name));
        }
    }

    @Override
    public String toString() {
        return "%s (slot %s at %s:%d/%s)".formatted(pipeline, slot, host, port, database);
    }
}
