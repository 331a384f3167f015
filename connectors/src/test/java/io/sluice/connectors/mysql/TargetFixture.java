package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of a test's own and a pipeline of its own, dropped at its end. The target logs in as
 * an account that the manual's statements made; what a test itself does there, it does as the
 * superuser.
 */
final class TargetFixture implements AutoCloseable {

    static final Holder GATEWAY_1 = Holder.named("gateway-1");

    private static final AtomicInteger NUMBER = new AtomicInteger();

    final MySqlServer server;
    final String name;
    final String pipeline;
    final MySqlTarget target;
    private final Privileges account;
    private final Connection connection;

    private TargetFixture(MySqlServer server) {
        this.server = server;
        int number = NUMBER.incrementAndGet();
        name = "target_" + number;
        pipeline = "orders,east->west " + number;
        server.createDatabase(name);
        connection = server.connect(name);
        run("SET time_zone = '+00:00'", "SET sql_mode = ''");
        account = Privileges.fresh(name);
        account.create(server, name, Privileges.End.TARGET);
        target = new MySqlTarget(address());
    }

    static TargetFixture create() {
        return new TargetFixture(Servers.sharedMySql());
    }

    static TargetFixture on(MySqlServer server) {
        return new TargetFixture(server);
    }

    DatabaseAddress address() {
        return address(account.role(), account.password());
    }

    /** As the same account, which may also do what a source's may. */
    DatabaseAddress siteAddress() {
        account.grant(server, name, Privileges.End.SOURCE);
        return address();
    }

    DatabaseAddress address(String user, String password) {
        return new DatabaseAddress("west", server.url(name) + "?sslMode=DISABLED", user, password);
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

    String one(String query) {
        return rows(query).getFirst();
    }

    TableId id(String table) {
        return new TableId(name, table);
    }

    TableDefinition definition(String table) {
        return target.tables(List.of(id(table))).getFirst();
    }

    TableSchema schema(String table) {
        return definition(table).schema();
    }

    Checkpoint claim() {
        target.prepare();
        return target.claim(pipeline, GATEWAY_1);
    }

    TargetSession session() {
        return target.session(claim(), Duration.ofSeconds(30));
    }

    static Row row(Object... values) {
        return Row.of(values);
    }

    @Override
    public void close() {
        target.close();
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        server.dropDatabase(name);
        account.drop(server);
    }
}
