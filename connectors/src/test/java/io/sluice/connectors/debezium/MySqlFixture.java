package io.sluice.connectors.debezium;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SchemaHistory;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.MySqlServer;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A database of its own on a MySQL server, and readers of its tables, who log in as an account that
 * the manual's statements made. What a test itself does there, it does as the superuser.
 */
final class MySqlFixture implements AutoCloseable {

    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static @Nullable MySqlServer plain;

    final MySqlServer server;
    final String database = "capture_" + NUMBERS.incrementAndGet();
    final History history = new History();
    CaptureLimits limits = CaptureLimits.DEFAULT;
    Connection connection;

    private final boolean gtids;
    private final boolean own;
    private int port;
    private final Privileges account = Privileges.fresh(database);
    private String user = account.role();
    private Set<TableId> tables = Set.of();
    private final List<Reading> readings = new ArrayList<>();

    /** What would lie in the target. */
    static final class History implements SchemaHistory {

        final List<String> records = new CopyOnWriteArrayList<>();

        @Override
        public List<String> records() {
            return List.copyOf(records);
        }

        @Override
        public void add(String record) {
            records.add(record);
        }

        @Override
        public void replace(List<String> now) {
            records.clear();
            records.addAll(now);
        }
    }

    private MySqlFixture(MySqlServer server, boolean gtids, boolean own) {
        this.server = server;
        this.gtids = gtids;
        this.own = own;
        port = server.port();
        server.createDatabase(database);
        account.create(server, database, Privileges.End.SOURCE);
        connection = server.connect(database);
    }

    /** On a server that tests share. */
    static MySqlFixture shared(boolean gtids) {
        return new MySqlFixture(gtids ? Servers.sharedMySql() : sharedPlain(), gtids, false);
    }

    /** On a server of its own. */
    static MySqlFixture own(boolean gtids) {
        return new MySqlFixture(
                gtids ? Servers.mysql(Durability.REAL) : plainServer(Durability.REAL), gtids, true);
    }

    private static synchronized MySqlServer sharedPlain() {
        MySqlServer server = plain;
        if (server == null) {
            server = plainServer(Durability.FAST);
            plain = server;
        }
        return server;
    }

    private static MySqlServer plainServer(Durability durability) {
        return Servers.mysql(
                durability, Map.of("gtid_mode", "OFF", "enforce_gtid_consistency", "OFF"));
    }

    /** Runs each statement in a transaction of its own, unless it says otherwise. */
    void run(String... statements) {
        run(connection, statements);
    }

    static void run(Connection connection, String... statements) {
        for (String sql : statements) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }
    }

    String ask(String query) {
        return ask(query, 1);
    }

    private String ask(String query, int column) {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            return result.next() ? result.getString(column) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    TableId table(String name) {
        return new TableId(database, name);
    }

    /** Where the log stands now. */
    BinlogPosition now() {
        String status = "SHOW BINARY LOG STATUS";
        return new BinlogPosition(
                ask(status, 1),
                Long.parseLong(ask(status, 2)),
                gtids ? GtidSet.parse(ask("SELECT @@global.gtid_executed")) : null);
    }

    /** Replicates these tables from now on. */
    BinlogPosition publish(String... names) {
        tables = List.of(names).stream().map(this::table).collect(Collectors.toSet());
        List<MySqlSchemaRecords.CreateTable> created = new ArrayList<>();
        for (String name : names) {
            created.add(
                    new MySqlSchemaRecords.CreateTable(
                            table(name),
                            ask("SHOW CREATE TABLE `%s`".formatted(name.replace("`", "``")), 2)));
        }
        BinlogPosition at = now();
        history.replace(
                MySqlSchemaRecords.first(
                        ask("SELECT @@character_set_server"),
                        Map.of(database, ask("SELECT @@character_set_database")),
                        created,
                        at));
        return at;
    }

    /** Of whomever the readers log in as. */
    String password() {
        return account.password();
    }

    /** Readers made from now on log in as somebody else, who has the same password. */
    void as(String name) {
        user = name;
    }

    /** Readers made from now on reach the server through a proxy. */
    void through(FaultProxy proxy) {
        port = proxy.port();
    }

    MySqlCaptureSettings settings() {
        return new MySqlCaptureSettings(
                server.host(),
                port,
                user,
                password(),
                Map.of("sslMode", "DISABLED", "allowPublicKeyRetrieval", "true"),
                "orders:east->west 'x' \"é\"",
                MySqlCaptureSettings.freshServerId(),
                tables,
                new Origin("east"),
                this::definition,
                MySqlFixture::classify,
                history,
                limits);
    }

    private static ErrorClass classify(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith("08") ? ErrorClass.RETRY : ErrorClass.FATAL;
    }

    /** A reader that is started. */
    Reading read(BinlogPosition from) {
        return read(settings(), from);
    }

    /** A reader of these settings that is started. */
    Reading read(MySqlCaptureSettings settings, BinlogPosition from) {
        Reading reading = new Reading(new MySqlChangeSource(settings, from));
        readings.add(reading);
        reading.source.start(reading);
        return reading;
    }

    private @Nullable TableDefinition definition(TableId table) {
        try (Connection catalog = server.connect(table.schema())) {
            List<ColumnDefinition> columns = new ArrayList<>();
            query(
                    catalog,
                    "SELECT column_name, generation_expression FROM information_schema.columns"
                            + " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
                    table,
                    row -> columns.add(column(row.getString(1), row.getString(2))));
            Map<String, TreeSet<String>> keys = new java.util.LinkedHashMap<>();
            query(
                    catalog,
                    "SELECT index_name, column_name, nullable FROM information_schema.statistics"
                            + " WHERE table_schema = ? AND table_name = ? AND non_unique = 0"
                            + " ORDER BY index_name <> 'PRIMARY', index_name",
                    table,
                    row ->
                            keys.computeIfAbsent(row.getString(1), name -> new TreeSet<>())
                                    .add(row.getString(2)));
            if (columns.isEmpty()) {
                return null;
            }
            List<String> primary = List.copyOf(keys.getOrDefault("PRIMARY", new TreeSet<>()));
            List<List<String>> unique = new ArrayList<>();
            keys.forEach(
                    (name, of) -> {
                        if (!name.equals("PRIMARY")) {
                            unique.add(List.copyOf(of));
                        }
                    });
            List<String> replicaKey =
                    !primary.isEmpty() || unique.isEmpty() ? primary : unique.getFirst();
            return new TableDefinition(
                    table,
                    Engine.MYSQL,
                    columns,
                    primary,
                    unique,
                    replicaKey,
                    TableDefinition.RowIdentity.FULL,
                    false,
                    -1,
                    -1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ColumnDefinition column(String name, @Nullable String generation) {
        return new ColumnDefinition(
                name,
                new DataType.Bool(),
                "",
                false,
                null,
                generation == null || generation.isEmpty() ? null : generation,
                ColumnDefinition.Identity.NONE,
                null);
    }

    private interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    private static void query(Connection catalog, String sql, TableId table, RowTaker taker)
            throws SQLException {
        try (PreparedStatement statement = catalog.prepareStatement(sql)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.name());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    taker.take(rows);
                }
            }
        }
    }

    @Override
    public void close() throws SQLException {
        readings.forEach(reading -> reading.source.close());
        connection.close();
        if (own) {
            server.close();
        } else {
            server.dropDatabase(database);
            account.drop(server);
        }
    }
}
