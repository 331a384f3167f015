package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Privileges;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of a test's own on a server, dropped at its end. The source logs in as an account that
 * the manual's statements made; what a test itself does there, it does as the superuser.
 */
final class SourceFixture implements AutoCloseable {

    static final String PIPELINE = "orders:east->west";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    final MySqlServer server;
    final String name = "source_" + NUMBER.incrementAndGet();
    final MySqlSource source;
    private final Privileges account = Privileges.fresh(name);
    private final List<MySqlSource> more = new ArrayList<>();
    private Connection connection;

    SourceFixture(MySqlServer server) {
        this.server = server;
        server.createDatabase(name);
        connection = server.connect(name);
        account.create(server, name, Privileges.End.SOURCE);
        source = as(account.role(), account.password());
    }

    /** The source may read a further database. */
    void alsoFrom(String database) {
        account.grant(server, database, Privileges.End.SOURCE);
    }

    MySqlSource as(String user, String password) {
        MySqlSource made = new MySqlSource(address(user, password));
        more.add(made);
        return made;
    }

    /** Makes an account with these privileges on everything, and a source that uses it. */
    MySqlSource role(String user, String privileges) {
        run(
                "DROP USER IF EXISTS '" + user + "'@'%'",
                "CREATE USER '" + user + "'@'%' IDENTIFIED BY 'plain'",
                "GRANT " + privileges + " ON *.* TO '" + user + "'@'%'");
        return as(user, "plain");
    }

    /** As {@link #role}, with the log's privileges, and others on this database alone. */
    MySqlSource narrowRole(String user, String privileges) {
        MySqlSource made = role(user, "REPLICATION SLAVE, REPLICATION CLIENT");
        run("GRANT " + privileges + " ON `" + name + "`.* TO '" + user + "'@'%'");
        return made;
    }

    DatabaseAddress address() {
        return address(account.role(), account.password());
    }

    DatabaseAddress address(String user, String password) {
        return new DatabaseAddress(
                "west",
                server.url("") + "?sslMode=DISABLED&allowPublicKeyRetrieval=true",
                user,
                password);
    }

    void run(String... statements) {
        run(connection, statements);
    }

    static void run(Connection connection, String... statements) {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** After the server was stopped or killed. */
    void reconnect() {
        connection = server.connect(name);
    }

    List<String> rows(String query) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(rows.getString(i)));
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

    BinlogPosition end() {
        try {
            return BinaryLog.end("west", connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<TableDefinition> tables() {
        return source.tables().stream().filter(t -> t.table().schema().equals(name)).toList();
    }

    TableDefinition table(String table) {
        return tables().stream()
                .filter(t -> t.table().equals(new TableId(name, table)))
                .findFirst()
                .orElseThrow();
    }

    SnapshotReader start(MySqlSource by, History history) {
        return start(by, history, 1);
    }

    SnapshotReader start(MySqlSource by, History history, int readers) {
        return by.startLog(PIPELINE, tables(), history, readers);
    }

    /** A table's lines in the snapshot, without their newline. */
    List<String> lines(SnapshotReader snapshot, String table) {
        return lines(snapshot, table, "");
    }

    /** The lines of a part of the table. */
    List<String> lines(SnapshotReader snapshot, String table, String range) {
        TableDefinition definition = table(table);
        List<String> lines = new ArrayList<>();
        snapshot.read(
                definition,
                definition.columns().stream()
                        .filter(ColumnDefinition::isReplicated)
                        .map(ColumnDefinition::name)
                        .toList(),
                range,
                CopyFormat.TEXT,
                line -> {
                    String text = new String(line, StandardCharsets.UTF_8);
                    lines.add(text.substring(0, text.length() - 1));
                });
        return lines;
    }

    /** What a check says of a subject: severity and problem. */
    static List<String> about(List<Finding> findings, String subject) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .map(finding -> finding.severity() + " " + finding.problem())
                .toList();
    }

    static List<String> fields(String line) {
        return Arrays.asList(line.split("\t", -1));
    }

    /** A schema history that is only kept here. */
    static final class History implements SchemaHistory {
        final List<String> kept = new ArrayList<>();

        @Override
        public List<String> records() {
            return List.copyOf(kept);
        }

        @Override
        public void add(String record) {
            kept.add(record);
        }

        @Override
        public void replace(List<String> records) {
            kept.clear();
            kept.addAll(records);
        }
    }

    @Override
    public void close() {
        more.forEach(MySqlSource::close);
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        if (server.isRunning()) {
            server.dropDatabase(name);
            account.drop(server);
        }
    }
}
