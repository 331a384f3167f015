package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Lsn;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

class PostgresLogTest {

    private static final String SLOT = LogNames.slot(Database.PIPELINE);

    private Database database;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void theSnapshotHoldsExactlyWhatWasCommittedBeforeTheLogBegan() {
        database.run("INSERT INTO t VALUES (2, E'b\\tc\\n')");
        try (SnapshotReader snapshot = start()) {
            database.run("INSERT INTO t VALUES (3, 'later')", "DELETE FROM t WHERE id = 1");

            assertThat(read(snapshot, "t", "v", "id")).containsExactly("a\t1\n", "b\\tc\\n\t2\n");
            assertThat(read(snapshot, "t", "id")).containsExactly("1\n", "2\n");
            assertThat(
                            database.one(
                                    "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                                            + SLOT
                                            + "'"))
                    .isEqualTo(snapshot.position().text());
        }
        assertThat(database.rows("SELECT * FROM pg_publication_tables").size()).isEqualTo(1);
        assertThat(changesOf("t")).containsExactly("INSERT 3", "DELETE 1");
    }

    @Test
    void aTableCannotBeEmptiedWhileItsCopyIsUnderWay() {
        try (SnapshotReader snapshot = start()) {
            assertThatThrownBy(() -> database.run("SET lock_timeout = '200ms'; TRUNCATE TABLE t"))
                    .hasStackTraceContaining("lock timeout");
            assertThat(read(snapshot, "t", "id")).containsExactly("1\n");
        }
        database.run("TRUNCATE TABLE t");
        assertThat(database.rows("SELECT id FROM t")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRUNCATE TABLE t", "VACUUM FULL t"})
    void aTableThatNobodyHeldAndThatWasEmptiedOrRewrittenIsNotCopied(String statement) {
        database.run("CREATE TABLE other (id int PRIMARY KEY)", "INSERT INTO other VALUES (5)");
        try (SnapshotReader snapshot = start()) {
            assertThat(
                            database.rows(
                                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                                            + " WHERE application_name = '"
                                            + LogNames.session(Database.PIPELINE)
                                            + "' AND backend_type = 'client backend'"
                                            + " AND state = 'idle in transaction'"))
                    .containsExactly("t");
            database.run(statement);

            assertThatThrownBy(() -> read(snapshot, "t", "id"))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("t was emptied or rewritten before it was copied");
        }
    }

    @Test
    void partitionsAndChildrenAreReadOnce() {
        database.run(
                "CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
                "INSERT INTO p VALUES (1, 'x')",
                "CREATE TABLE child (extra int, PRIMARY KEY (id)) INHERITS (t)",
                "INSERT INTO child VALUES (7, 'c', 8)");
        try (SnapshotReader snapshot = start()) {
            assertThat(read(snapshot, "p", "id", "v")).containsExactly("1\tx\n");
            assertThat(read(snapshot, "t", "id")).containsExactly("1\n");
            assertThat(read(snapshot, "child", "id", "extra")).containsExactly("7\t8\n");
        }
        assertThat(database.rows("SELECT tablename FROM pg_publication_tables ORDER BY 1"))
                .containsExactly("child", "p", "t");
    }

    @Test
    void aReceiverThatFailsEndsTheReadWithItsOwnException() {
        database.run("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(10, 20000) i");
        try (SnapshotReader snapshot = start()) {
            assertThatThrownBy(
                            () ->
                                    snapshot.read(
                                            definition("t"),
                                            List.of("id"),
                                            "",
                                            CopyFormat.TEXT,
                                            line -> {
                                                throw new IllegalStateException("full");
                                            }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("full");
            assertThat(read(snapshot, "t", "id")).hasSize(19992);
        }
    }

    @Test
    void aSnapshotThatIsGoneIsARetry() {
        SnapshotReader snapshot = start();
        snapshot.close();
        assertThatThrownBy(() -> read(snapshot, "t", "id"))
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.RETRY, ConnectorException::errorClass);
    }

    @Test
    void startingAgainReplacesWhatAnUnfinishedStartLeft() {
        Lsn first;
        try (SnapshotReader snapshot = start()) {
            first = (Lsn) snapshot.position();
        }
        database.run("CREATE TABLE u (id int PRIMARY KEY)");
        try (SnapshotReader snapshot = start()) {
            assertThat((Lsn) snapshot.position()).isGreaterThan(first);
        }
        assertThat(database.rows("SELECT tablename FROM pg_publication_tables ORDER BY 1"))
                .containsExactly("t", "u");

        database.source.dropLog(Database.PIPELINE);
        database.source.dropLog(Database.PIPELINE);
        assertThat(
                        database.rows(
                                "SELECT 1 FROM pg_replication_slots WHERE slot_name = '"
                                        + SLOT
                                        + "'"))
                .isEmpty();
        assertThat(database.rows("SELECT 1 FROM pg_publication")).isEmpty();
    }

    /** Dropping one that has tables fails the updates that are being planned meanwhile. */
    @Test
    void aPublicationIsAlteredWhereItStandsAndEmptiedBeforeItIsDropped() {
        database.run(
                "CREATE TABLE gone (id serial PRIMARY KEY, tag text, type text)",
                """
                CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                  INSERT INTO public.gone (tag, type)
                    SELECT tg_tag, object_type FROM pg_event_trigger_dropped_objects();
                END $$""",
                "CREATE EVENT TRIGGER note ON sql_drop EXECUTE FUNCTION note()");
        start().close();
        String first = database.one("SELECT oid FROM pg_publication");
        database.run("CREATE TABLE later (id int PRIMARY KEY)");
        start().close();
        assertThat(database.one("SELECT oid FROM pg_publication")).isEqualTo(first);
        assertThat(database.rows("SELECT tablename FROM pg_publication_tables ORDER BY 1"))
                .containsExactly("gone", "later", "t");

        database.source.dropLog(Database.PIPELINE);
        assertThat(database.rows("SELECT tag, type FROM gone"))
                .contains("ALTER PUBLICATION|publication relation", "DROP PUBLICATION|publication")
                .doesNotContain("DROP PUBLICATION|publication relation");
    }

    @Test
    void startingWaitsForTransactionsThatRun() throws Exception {
        try (Connection connection = database.server.connect(database.name);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (2, 'in flight')");
            CompletableFuture<SnapshotReader> starting = CompletableFuture.supplyAsync(this::start);

            assertThatThrownBy(() -> starting.get(2, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);
            connection.commit();

            try (SnapshotReader snapshot = starting.get(60, TimeUnit.SECONDS)) {
                assertThat(read(snapshot, "t", "id")).containsExactly("1\n", "2\n");
            }
        }
    }

    @Test
    void aTableWhoseRowsTheLogCannotNameIsNotPublished() {
        database.run("CREATE TABLE bare (id int)");
        assertThatThrownBy(this::start)
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("ALTER TABLE \"public\".\"bare\" REPLICA IDENTITY FULL");
        assertThat(database.rows("SELECT 1 FROM pg_publication")).isEmpty();
    }

    @Test
    void aLogThatContinuesIsResumed() {
        Lsn from = started();
        database.run("INSERT INTO t VALUES (9, 'x')");
        resume(from);
        database.run("CREATE TABLE u (id int PRIMARY KEY)");

        assertThatThrownBy(() -> resume(from))
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.FATAL, ConnectorException::errorClass)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("public.u", "sluice recopy -c FILE 'orders:east->west'");
    }

    @Test
    void aTableThatIsNoLongerWantedLeavesThePublication() {
        database.run("CREATE TABLE u (id int PRIMARY KEY)");
        Lsn from = started();
        database.source.resumeLog(
                Database.PIPELINE, List.of(definition("t")), from, database.source.identity());
        assertThat(database.rows("SELECT tablename FROM pg_publication_tables"))
                .containsExactly("t");
    }

    @Test
    void aSlotThatIsGoneIsAGap() {
        Lsn from = started();
        database.run(
                "SELECT pg_drop_replication_slot('" + SLOT + "')",
                "INSERT INTO t VALUES (2, 'lost')");
        assertGap(from, "is gone", database.position().text());
        assertThat(
                        database.rows(
                                "SELECT 1 FROM pg_replication_slots WHERE slot_name = '"
                                        + SLOT
                                        + "'"))
                .isEmpty();
    }

    @Test
    void aSlotThatMovedPastTheCheckpointIsAGap() {
        Lsn from = started();
        database.run("INSERT INTO t VALUES (2, 'skipped')");
        String moved =
                database.one(
                        "SELECT end_lsn FROM pg_replication_slot_advance('"
                                + SLOT
                                + "', pg_current_wal_flush_lsn())");
        assertGap(from, "moved past the checkpoint", moved);
    }

    @Test
    void anotherDatabaseUnderTheAddressIsAGap() {
        Lsn from = started();
        assertThatThrownBy(
                        () ->
                                database.source.resumeLog(
                                        Database.PIPELINE, tables(), from, "7000000000000000000/5"))
                .asInstanceOf(type(LogGapException.class))
                .returns(from.text(), LogGapException::from)
                .extracting(Throwable::getMessage)
                .asString()
                .contains(
                        "another database answers",
                        "7000000000000000000/5",
                        "sluice recopy -c FILE 'orders:east->west'");
    }

    @Test
    void aDatabaseThatWasMadeAnewHasAnotherIdentity() {
        String identity = database.source.identity();
        assertThat(database.source.identity()).isEqualTo(identity).matches("\\d+/\\d+");
        try (Database other = Database.create()) {
            assertThat(other.source.identity()).isNotEqualTo(identity);
        }
    }

    @Test
    void aPublicationThatIsGoneIsAGap() {
        Lsn from = started();
        database.run("DROP PUBLICATION " + SLOT);
        assertGap(from, "publication", database.position().text());
    }

    @Test
    void aSourceThatWentBackIsAGap() {
        started();
        Lsn ahead = new Lsn(database.position().value() + (1L << 40));
        assertGap(ahead, "ends before the checkpoint", null);
    }

    @Test
    void aSlotThatTheServerInvalidatedIsAGap() {
        try (PostgresServer server =
                        Servers.postgres(
                                Durability.FAST,
                                Map.of(
                                        "max_slot_wal_keep_size",
                                        "1MB",
                                        "min_wal_size",
                                        "32MB",
                                        "max_wal_size",
                                        "32MB"));
                Database own = Database.on(server)) {
            own.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
            Lsn from;
            try (SnapshotReader snapshot =
                    own.source.startLog(Database.PIPELINE, own.source.tables(), own.history(), 1)) {
                from = (Lsn) snapshot.position();
            }
            Awaitility.await()
                    .atMost(60, TimeUnit.SECONDS)
                    .until(
                            () -> {
                                own.run(
                                        "SELECT pg_logical_emit_message(false, 'churn', repeat('x', 1000000))",
                                        "SELECT pg_switch_wal()",
                                        "CHECKPOINT");
                                return own.one("SELECT wal_status FROM pg_replication_slots")
                                        .equals("lost");
                            });
            assertThatThrownBy(
                            () ->
                                    own.source.resumeLog(
                                            Database.PIPELINE,
                                            own.source.tables(),
                                            from,
                                            own.source.identity()))
                    .asInstanceOf(type(LogGapException.class))
                    .returns(from.text(), LogGapException::from)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("wal_removed", "invalidated", "sluice recopy");
        }
    }

    @Test
    void aSlotInUseIsTriedAgainLaterAndItsHolderIsNamed() throws SQLException {
        Lsn from = started();
        String role = database.role();
        database.run(
                "ALTER ROLE \"" + role + "\" REPLICATION",
                "GRANT pg_read_all_stats TO \"" + role + "\"");
        PostgresSource plain = new PostgresSource(database.address(role, "plain"));
        try (Connection holder = replication();
                PGReplicationStream stream = stream(holder, from)) {
            assertThat(stream.isClosed()).isFalse();
            for (Runnable step :
                    List.<Runnable>of(
                            () ->
                                    plain.resumeLog(
                                            Database.PIPELINE, tables(), from, plain.identity()),
                            () -> plain.dropLog(Database.PIPELINE))) {
                assertThatThrownBy(step::run)
                        .asInstanceOf(type(ConnectorException.class))
                        .returns(ErrorClass.RETRY, ConnectorException::errorClass)
                        .extracting(Throwable::getMessage)
                        .asString()
                        .contains(SLOT, "in use by process", " of holder from 127.0.0.1");
            }
        }
        plain.close();
        resume(from);
    }

    @Test
    void aReaderThatDoesNotLetGoOfTheSlotIsEndedWhereTheRoleMay() throws SQLException {
        Lsn from = started();
        Connection holder = replication();
        stream(holder, from);

        resume(from);

        assertThat(
                        database.one(
                                "SELECT active FROM pg_replication_slots WHERE slot_name = '%s'"
                                        .formatted(SLOT)))
                .isEqualTo("f");
        holder.abort(Runnable::run);
    }

    @Test
    void theProbeMeasuresClockPositionAndWhatIsKept() {
        try (var probe = database.source.probe(Database.PIPELINE)) {
            assertThat(probe.read().retainedBytes()).isEqualTo(-1);
            started();
            database.run(
                    "INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(10, 1000) i");
            var reading = probe.read();
            assertThat(reading.retainedBytes()).isPositive();
            assertThat(java.time.Duration.between(reading.clock(), java.time.Instant.now()).abs())
                    .isLessThan(java.time.Duration.ofSeconds(30));
            assertThat(
                            reading.position().covers(database.position())
                                    || database.position().covers(reading.position()))
                    .isTrue();
            Lsn before = database.position();
            probe.heartbeat();
            assertThat(probe.read().position().bytesSince(before).orElseThrow()).isPositive();

            database.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '"
                            + LogNames.session(Database.PIPELINE)
                            + "'");
            assertThatThrownBy(probe::heartbeat)
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass);
            probe.heartbeat();
        }
    }

    private SnapshotReader start() {
        return database.source.startLog(Database.PIPELINE, tables(), database.history(), 1);
    }

    private Lsn started() {
        try (SnapshotReader snapshot = start()) {
            return (Lsn) snapshot.position();
        }
    }

    private void resume(Lsn from) {
        database.source.resumeLog(Database.PIPELINE, tables(), from, database.source.identity());
    }

    private void assertGap(Lsn from, String why, @org.jspecify.annotations.Nullable String to) {
        assertThatThrownBy(() -> resume(from))
                .asInstanceOf(type(LogGapException.class))
                .returns(from.text(), LogGapException::from)
                .satisfies(gap -> assertThat(gap.to()).isEqualTo(to == null ? gap.to() : to))
                .extracting(Throwable::getMessage)
                .asString()
                .contains(why, from.text(), "sluice recopy -c FILE 'orders:east->west'");
    }

    private List<TableDefinition> tables() {
        return database.source.tables();
    }

    private TableDefinition definition(String name) {
        return tables().stream()
                .filter(table -> table.table().equals(new TableId("public", name)))
                .findFirst()
                .orElseThrow();
    }

    private List<String> read(SnapshotReader snapshot, String table, String... columns) {
        List<String> lines = new ArrayList<>();
        snapshot.read(
                definition(table),
                List.of(columns),
                "",
                CopyFormat.TEXT,
                line -> lines.add(new String(line, StandardCharsets.UTF_8)));
        return lines;
    }

    /** What the slot sends of a table, as operation and key. */
    private List<String> changesOf(String table) {
        database.run(
                "CREATE TABLE seen AS SELECT data FROM pg_logical_slot_peek_binary_changes('"
                        + SLOT
                        + "', NULL, NULL, 'proto_version', '1', 'publication_names', '"
                        + SLOT
                        + "')");
        return database.rows(
                """
                SELECT CASE get_byte(data, 0) WHEN 73 THEN 'INSERT ' ELSE 'DELETE ' END
                  || chr(get_byte(data, 13))
                FROM seen WHERE get_byte(data, 0) IN (73, 68)
                """);
    }

    /** As another gateway of this pipeline. */
    private Connection replication() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.sourceAddress().username());
        properties.setProperty("password", database.sourceAddress().password());
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        properties.setProperty("ApplicationName", "holder");
        return new org.postgresql.Driver().connect(database.server.url(database.name), properties);
    }

    private static PGReplicationStream stream(Connection connection, Lsn from) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(SLOT)
                .withStartPosition(
                        org.postgresql.replication.LogSequenceNumber.valueOf(from.text()))
                .withSlotOption("proto_version", "1")
                .withSlotOption("publication_names", SLOT)
                .start();
    }
}
