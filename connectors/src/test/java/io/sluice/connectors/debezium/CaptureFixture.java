package io.sluice.connectors.debezium;

import io.sluice.change.Column;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own with a publication and a slot, made by plain SQL of the superuser, and
 * readers of it, who log in as a role that the manual's statements made.
 */
final class CaptureFixture implements AutoCloseable {

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final PostgresServer server = Servers.sharedPostgres();
    final String database =
            "capture_" + ProcessHandle.current().pid() + "_" + NUMBERS.incrementAndGet();
    final Connection connection;
    CaptureLimits limits = CaptureLimits.DEFAULT;

    private final Privileges role = Privileges.fresh(database);
    private int port = server.port();
    private final List<Reading> readings = new ArrayList<>();

    CaptureFixture() {
        server.createDatabase(database);
        role.create(server, database, Privileges.End.SOURCE);
        connection = server.connect(database);
    }

    /** Runs each statement in a transaction of its own, unless it says otherwise. */
    void run(String... statements) {
        for (String sql : statements) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }
    }

    String ask(String query) {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            return result.next() ? result.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    /** Publishes tables, given as SQL, and makes the slot; returns where the log begins. */
    Lsn publish(String tables) {
        run("CREATE PUBLICATION " + database + " FOR TABLE " + tables);
        return makeSlot();
    }

    Lsn makeSlot() {
        return Lsn.parse(
                ask(
                        "SELECT lsn::text FROM pg_create_logical_replication_slot('%s', 'pgoutput')"
                                .formatted(database)));
    }

    Lsn confirmed() {
        return Lsn.parse(
                ask(
                        "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = '%s'"
                                .formatted(database)));
    }

    PostgresCaptureSettings settings() {
        return new PostgresCaptureSettings(
                server.host(),
                port,
                database,
                role.role(),
                role.password(),
                Map.of(),
                "orders:east->west 'x' \"é\"",
                database,
                database,
                new Origin("east"),
                this::schema,
                CaptureFixture::classify,
                limits);
    }

    /** Readers made from now on reach the server through a proxy. */
    void through(FaultProxy proxy) {
        port = proxy.port();
    }

    private static ErrorClass classify(SQLException e) {
        String state = e.getSQLState();
        return state.startsWith("08") || state.startsWith("57P0") || state.equals("55006")
                ? ErrorClass.RETRY
                : ErrorClass.FATAL;
    }

    /** A reader that is started. */
    Reading read(Lsn from) {
        Reading reading = new Reading(new PostgresChangeSource(settings(), from));
        readings.add(reading);
        reading.source.start(reading);
        return reading;
    }

    private @Nullable TableSchema schema(TableId table) {
        String columns =
                """
                SELECT a.attname, coalesce(nullif(t.typbasetype, 0), t.oid)::int, coalesce(k.key, false)
                FROM pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN LATERAL (
                    SELECT true AS key FROM pg_index i
                    WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
                    AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END) k ON true
                WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0
                AND NOT a.attisdropped AND a.attgenerated = ''
                ORDER BY a.attnum""";
        try (Connection catalog = server.connect(database);
                PreparedStatement statement = catalog.prepareStatement(columns)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            List<Column> found = new ArrayList<>();
            List<Integer> key = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (rows.getBoolean(3)) {
                        key.add(found.size());
                    }
                    found.add(new Column(rows.getString(1), CanonicalValue.typeOf(rows.getInt(2))));
                }
            }
            return found.isEmpty() ? null : new TableSchema(table, found, key);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws SQLException {
        readings.forEach(reading -> reading.source.close());
        connection.close();
        server.dropDatabase(database);
        role.drop(server);
    }
}
