package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of a test's own, dropped at its end. The source and the target log in as roles that
 * the manual's statements made; what a test itself does there, it does as the superuser.
 */
final class Database implements AutoCloseable {

    static final String PIPELINE = "orders:east->west";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    final PostgresServer server;
    final String name;
    final PostgresSource source;
    final PostgresTarget target;
    private final Privileges sourceRole;
    private final Privileges targetRole;
    private final Connection connection;

    private Database(PostgresServer server) {
        this.server = server;
        name = "postgres_" + NUMBER.incrementAndGet();
        server.createDatabase(name);
        sourceRole = role(End.SOURCE);
        targetRole = role(End.TARGET);
        connection = server.connect(name);
        // Positions are those of what is flushed, and tests compare them.
        run("SET synchronous_commit = on");
        source = new PostgresSource(sourceAddress());
        target = new PostgresTarget(targetAddress());
    }

    static Database create() {
        return new Database(Servers.sharedPostgres());
    }

    static Database on(PostgresServer server) {
        return new Database(server);
    }

    /** A session of the gateway's role for the target, as another gateway would have it. */
    Connection connectAsTarget() throws SQLException {
        return DriverManager.getConnection(
                server.url(name), targetRole.role(), targetRole.password());
    }

    /** Lets the target apply under replication origins, as the manual recommends it. */
    void allowOrigins() {
        targetRole.grant(server, name, End.SITE);
    }

    private Privileges role(End end) {
        Privileges role = Privileges.fresh(end.name().toLowerCase(Locale.ROOT) + "_" + name);
        role.create(server, name, end);
        return role;
    }

    DatabaseAddress sourceAddress() {
        return address(sourceRole.role(), sourceRole.password());
    }

    DatabaseAddress targetAddress() {
        return address(targetRole.role(), targetRole.password());
    }

    DatabaseAddress address(String role, String password) {
        return new DatabaseAddress("west", server.url(name), role, password);
    }

    void run(String... statements) {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each row as its values' text, joined by a bar; null is ∅. */
    List<String> rows(String query) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    String value = rows.getString(i);
                    row.add(value == null ? "∅" : value);
                }
                found.add(row.toString());
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static final Holder GATEWAY_1 = Holder.named("gateway-1");

    String one(String query) {
        return rows(query).getFirst();
    }

    Lsn position() {
        return Lsn.parse(one("SELECT pg_current_wal_flush_lsn()"));
    }

    TableDefinition definition(String schema, String table) {
        return target.tables(List.of(new TableId(schema, table))).getFirst();
    }

    TableSchema schema(String table) {
        return definition("public", table).schema();
    }

    SchemaHistory history() {
        return target.schemaHistory(PIPELINE);
    }

    /** Makes a role that is no superuser, with a name that must be quoted. */
    String role() {
        String role = "Plain " + name;
        run("CREATE ROLE \"" + role + "\" LOGIN PASSWORD 'plain'");
        return role;
    }

    Checkpoint claim() {
        target.prepare();
        return target.claim(PIPELINE, GATEWAY_1);
    }

    TargetSession session() {
        return target.session(claim(), Duration.ofSeconds(30));
    }

    @Override
    public void close() {
        source.close();
        target.close();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        server.dropDatabase(name);
        sourceRole.drop(server);
        targetRole.drop(server);
    }
}
