package io.sluice.connectors.debezium;

import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link MySqlChangeSource} needs to know.
 *
 * @param driverProperties further properties of the JDBC driver, such as {@code sslMode} and the
 *     key stores; they win over this package's own choices, and those of TLS count for the reading
 *     of the log as well
 * @param pipeline shown in messages
 * @param serverId by which the server knows this reader, unique among all servers and readers of
 *     the topology; see {@link #freshServerId}
 * @param tables the replicated tables, by their exact names
 * @param origin the origin of all changes
 * @param catalog a table as the source's catalog has it now; null where there is no such table.
 *     Called on the thread that reads the log, once for each definition of a table; may throw
 *     {@link io.sluice.connectors.spi.ConnectorException}
 * @param errors the class of the server's errors
 * @param history what was remembered of table definitions up to the checkpoint
 * @param limits what may be held in memory
 * @param site how the log is read where the database is one of several sites; else null
 */
public record MySqlCaptureSettings(
        String host,
        int port,
        String username,
        String password,
        Map<String, String> driverProperties,
        String pipeline,
        long serverId,
        Set<TableId> tables,
        Origin origin,
        Function<TableId, @Nullable TableDefinition> catalog,
        Function<SQLException, ErrorClass> errors,
        SchemaHistory history,
        CaptureLimits limits,
        @Nullable SiteCapture site) {

    // Servers are usually numbered from 1, or by a part of their address.
    private static final long LOWEST_FRESH_ID = 3_500_000_000L;
    private static final long HIGHEST_ID = 4_294_967_295L;

    public MySqlCaptureSettings {
        Objects.requireNonNull(host);
        Objects.requireNonNull(username);
        Objects.requireNonNull(password);
        driverProperties = Map.copyOf(driverProperties);
        Objects.requireNonNull(pipeline);
        if (serverId < 1 || serverId > HIGHEST_ID) {
            throw new IllegalArgumentException("not a server id: " + serverId);
        }
        tables = Set.copyOf(tables);
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("a reader needs at least one table");
        }
        Objects.requireNonNull(origin);
        Objects.requireNonNull(catalog);
        Objects.requireNonNull(errors);
        Objects.requireNonNull(history);
        Objects.requireNonNull(limits);
    }

    /** Of a server that is read for others alone. */
    public MySqlCaptureSettings(
            String host,
            int port,
            String username,
            String password,
            Map<String, String> driverProperties,
            String pipeline,
            long serverId,
            Set<TableId> tables,
            Origin origin,
            Function<TableId, @Nullable TableDefinition> catalog,
            Function<SQLException, ErrorClass> errors,
            SchemaHistory history,
            CaptureLimits limits) {
        this(
                host,
                port,
                username,
                password,
                driverProperties,
                pipeline,
                serverId,
                tables,
                origin,
                catalog,
                errors,
                history,
                limits,
                null);
    }

    public MySqlCaptureSettings with(SiteCapture newSite) {
        return new MySqlCaptureSettings(
                host,
                port,
                username,
                password,
                driverProperties,
                pipeline,
                serverId,
                tables,
                origin,
                catalog,
                errors,
                history,
                limits,
                newSite);
    }

    /** A server id that nobody else is likely to have, new with each call. */
    public static long freshServerId() {
        return ThreadLocalRandom.current().nextLong(LOWEST_FRESH_ID, HIGHEST_ID);
    }

    /** Says where it reads and never with which password. */
    @Override
    public String toString() {
        return "%s (%d tables at %s:%d)".formatted(pipeline, tables.size(), host, port);
    }
}
