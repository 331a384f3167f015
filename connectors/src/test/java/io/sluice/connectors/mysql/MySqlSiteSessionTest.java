package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session does for a server that others write to as well. */
final class MySqlSiteSessionTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String KEYS =
            """
            CREATE TABLE t (big bigint unsigned, word varchar(20) COLLATE utf8mb4_0900_bin,
              raw varbinary(8), day date, at datetime(3), amount decimal(6,2), v varchar(20),
              PRIMARY KEY (word, big, raw, day, at, amount))
            """;

    private TargetFixture db;
    private MySqlTarget target;
    private Checkpoint claim;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        target = MySqlTarget.ofSite(db.address());
        target.prepare();
        claim = target.claim(db.pipeline, TargetFixture.GATEWAY_1);
    }

    @AfterEach
    void close() {
        target.close();
        db.close();
    }

    @Test
    void rowsAreFoundByKeysOfAllTypesAndLockedUntilTheEnd() throws Exception {
        db.run(
                KEYS,
                "INSERT INTO t VALUES (18446744073709551615, 'a ', x'00ff', '2024-02-29',"
                        + " '2024-02-29 12:00:00.5', 1.5, 'there'),"
                        + " (0, 'é', x'', '0000-00-00', '0000-00-00', -0.01, 'other')");
        TableSchema t = db.schema("t");
        List<Row> keys =
                List.of(
                        key("18446744073709551615", "a", "2024-02-29 12:00:00.500"),
                        key("18446744073709551615", "a ", "2024-02-29 12:00:00.500"),
                        key("18446744073709551614", "a ", "2024-02-29 12:00:00.500"),
                        key("18446744073709551615", "a ", "2024-02-29 12:00:00.501"),
                        row(
                                "0",
                                "é",
                                new byte[0],
                                "0000-00-00",
                                "0000-00-00 00:00:00.000",
                                "-0.01",
                                Row.NOT_SENT));
        try (TargetSession session = target.session(claim, LIMIT);
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement()) {
            SiteSession site = site(session);
            assertThat(site.lock(t, keys)).isEqualTo(places(1, 4));
            assertThat(site.find(t, keys).get(1).get(6)).isEqualTo("there");
            assertThat(site.find(t, keys).get(1).key(t.key())).isEqualTo(keys.get(1).key(t.key()));
            assertThat(site.find(t, keys)).containsOnlyKeys(1, 4);
            statement.execute("SET innodb_lock_wait_timeout = 1");
            // What is not there is nobody's.
            statement.execute(
                    "INSERT INTO t VALUES (1, 'a', x'00ff', '2024-02-29', '2024-02-29', 1.5, 'new')");
            assertThatThrownBy(() -> statement.execute("UPDATE t SET v = 'x' WHERE word = 'é'"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(MySqlErrors.LOCK_WAIT));
            session.rollback();
            statement.execute("UPDATE t SET v = 'x' WHERE word = 'é'");
            assertThat(site.find(t, keys).get(4).get(6)).isEqualTo("x");
        }
    }

    @Test
    void hundredsOfKeysAreLockedTogetherAndOwnRowsAreFound() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY, v int)");
        TableSchema t = db.schema("t");
        List<Row> even =
                LongStream.range(0, 1_200)
                        .filter(i -> i % 2 == 0)
                        .mapToObj(i -> row(i, 1L))
                        .toList();
        List<Row> all = LongStream.range(0, 1_200).mapToObj(i -> row(i, Row.NOT_SENT)).toList();
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            session.execute(new InsertRows(t, even));
            assertThat(site.lock(t, all))
                    .isEqualTo(places(IntStream.range(0, 600).map(i -> 2 * i).toArray()));
            assertThat(site.lock(t, List.of())).isEqualTo(new BitSet());
        }
    }

    @Test
    void aRowThatOthersHoldIsWaitedForAndItsNeighboursAreNot() throws Exception {
        db.run(
                "CREATE TABLE t (id bigint PRIMARY KEY, v int)",
                "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)");
        TableSchema t = db.schema("t");
        try (TargetSession session = target.session(claim, LIMIT);
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement()) {
            local.setAutoCommit(false);
            statement.execute("UPDATE t SET v = 1 WHERE id = 2");
            SiteSession site = site(session);
            // Every row of a small table would be read, did the server choose.
            List<Row> around = List.of(row(1L, 0L), row(3L, 0L), row(0L, 0L), row(4L, 0L));
            assertThat(site.lock(t, around)).isEqualTo(places(0, 1));
            Thread waiting =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        awaitWaiting();
                                        commit(local);
                                    });
            assertThat(site.lock(t, List.of(row(2L, 0L)))).isEqualTo(places(0));
            waiting.join();
            assertThat(site.find(t, List.of(row(2L, 0L)))).containsEntry(0, row(2L, 1L));
        }
    }

    @Test
    void aDeadlockIsACollisionUnlessAPartIsWrittenAlready() throws Exception {
        db.run(
                "CREATE TABLE t (id bigint PRIMARY KEY, v int)",
                "INSERT INTO t VALUES (1, 0), (2, 0)",
                "CREATE TABLE heavy (id bigint PRIMARY KEY)");
        TableSchema t = db.schema("t");
        for (boolean inPart : new boolean[] {false, true}) {
            try (TargetSession session = target.session(claim, LIMIT);
                    Connection local = db.server.connect(db.name);
                    Statement statement = local.createStatement()) {
                SiteSession site = site(session);
                if (inPart) {
                    session.savepoint();
                }
                local.setAutoCommit(false);
                site.lock(t, List.of(row(1L, 0L)));
                // Of two the one that has written less is ended.
                statement.execute(
                        "INSERT INTO heavy WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
                                + " FROM n WHERE i < 500) SELECT i FROM n");
                statement.execute("UPDATE t SET v = 1 WHERE id = 2");
                Thread waiting =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            execute(statement, "UPDATE t SET v = 1 WHERE id = 1");
                                            commit(local);
                                        });
                awaitWaiting();
                assertThatThrownBy(() -> site.lock(t, List.of(row(2L, 0L))))
                        .isInstanceOfSatisfying(
                                ConnectorException.class,
                                e -> {
                                    assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY);
                                    assertThat(e instanceof CollisionException).isEqualTo(!inPart);
                                });
                waiting.join();
                session.rollback();
                assertThat(site.lock(t, List.of(row(2L, 0L)))).isEqualTo(places(0));
                db.run("DELETE FROM heavy");
            }
        }
    }

    @Test
    void aKeyThatIsEqualAndLooksDifferentIsNotTakenForAnother() {
        db.run(
                "CREATE TABLE t (word varchar(20) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY, v int)",
                "INSERT INTO t VALUES ('Word', 0)");
        TableSchema t = db.schema("t");
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThatThrownBy(() -> site.lock(t, List.of(row("word", 0L))))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                    .hasMessageContaining("utf8mb4_0900_bin");
        }
    }

    @Test
    void whatIsKeptBesideTheRowsIsCommittedWithThem() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY, v int)");
        TableSchema t = db.schema("t");
        TableId strange = new TableId("büro", "t'\"\\`");
        List<RowName> names =
                IntStream.range(0, 700)
                        .mapToObj(i -> new RowName(i % 2 == 0 ? t.table() : strange, hash(i)))
                        .toList();
        ReadingPoint point = new ReadingPoint(new Lsn(77), new HybridTimestamp(5, 1), "a=5.1");
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThat(site.readingPoint()).isEmpty();
            assertThat(site.versions(List.of())).isEmpty();
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            session.rollback();
            assertThat(site.versions(names)).isEmpty();
            assertThat(site.readingPoint()).isEmpty();
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.keep(List.of(version(names.get(1), "new", 11)));
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            site.save(point);
            site.record(
                    List.of(conflict(names.get(1), null), conflict(names.get(0), "{\"id\":1}")));
            session.commit(streaming());
            assertThat(site.versions(names)).hasSize(700);
            assertThat(site.versions(names.subList(0, 2)))
                    .containsEntry(names.get(1), version(names.get(1), "new", 11));
            assertThat(site.readingPoint()).contains(point);
            assertThat(site.forgotten()).isEmpty();
            assertThat(site.memory()).isEqualTo(new SiteSession.Memory("", ""));
            site.remember(new SiteSession.Memory("", "1\n"));
            site.remember(new SiteSession.Memory("a=5.1", "2\n\n"));
            assertThat(site.memory()).isEqualTo(new SiteSession.Memory("a=5.1", "2\n\n"));
            assertThat(site.shared("another").forgotten()).isEmpty();
            assertThat(site.forgotten()).isEqualTo("a=5.1");
            site.forget(new HybridTimestamp(11, 0));
            assertThat(site.versions(names)).containsOnlyKeys(names.get(1));
        }
        assertThat(
                        db.rows(
                                "SELECT table_schema, table_name, kind, resolution, operation,"
                                        + " incoming_version, standing_version, incoming_row,"
                                        + " standing_row, policy, result_row, timestampdiff(HOUR, at, now())"
                                        + " FROM sluice.conflict WHERE pipeline = '"
                                        + db.pipeline
                                        + "' ORDER BY id"))
                .containsExactly(
                        "büro|t'\"\\`|update_missing|park|update|9@east|∅|{\"id\": 1}|∅|park|∅|0",
                        db.name
                                + "|t|update_missing|park|update|9@east|8@west|{\"id\": 1}|{\"id\": 1}|park|∅|0");
        Checkpoint other = target.claim(db.pipeline + " other", TargetFixture.GATEWAY_1);
        try (TargetSession session = target.session(other, LIMIT)) {
            assertThat(site(session).versions(names)).isEmpty();
            assertThat(site(session).readingPoint()).isEmpty();
        }
    }

    @Test
    void anotherPipelineBeginsWithTheCommitUnlessItWasTakenOver() {
        Checkpoint other = target.claim(db.pipeline + " other", TargetFixture.GATEWAY_1);
        Checkpoint begun =
                other.of("another's")
                        .at(new Lsn(20), Instant.EPOCH)
                        .in(Phase.STREAMING)
                        .stamped(new HybridTimestamp(7, 1));
        ReadingPoint point = new ReadingPoint(new Lsn(18), new HybridTimestamp(6, 0), "a=5");
        try (TargetSession session = target.session(claim, LIMIT)) {
            site(session).begin(begun, point);
            session.rollback();
            assertThat(target.checkpoint(other.pipeline())).contains(other);
            site(session).begin(begun, point);
            session.commit(streaming());
            assertThat(target.checkpoint(other.pipeline())).contains(begun);
            try (TargetSession its = target.session(other, LIMIT)) {
                assertThat(site(its).readingPoint()).contains(point);
            }
            target.claim(other.pipeline(), TargetFixture.GATEWAY_1);
            assertThatThrownBy(() -> site(session).begin(begun, point))
                    .isInstanceOf(FencedException.class);
        }
    }

    @Test
    void whatAPipelineKeptAloneIsTakenIntoWhatAllKeepThereUnlessThatHasTheRow() {
        List<RowName> names =
                IntStream.range(0, 2).mapToObj(i -> new RowName(db.id("t"), hash(i))).toList();
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession shared = site(session).shared(db.pipeline + " all");
            shared.alone();
            shared.keep(List.of(version(names.get(1), "all's", 11)));
            site(session).keep(names.stream().map(name -> version(name, "own", 10)).toList());
            session.commit(streaming());
            assertThat(site(session).takeOwn()).isFalse();
            assertThat(shared.takeOwn()).isTrue();
            session.commit(streaming());
            assertThat(shared.versions(names))
                    .containsEntry(names.get(0), version(names.get(0), "own", 10))
                    .containsEntry(names.get(1), version(names.get(1), "all's", 11));
            assertThat(shared.takeOwn()).isFalse();
        }
    }

    @Test
    void whatASiteKeepsIsReadAsItWasAtTheMomentOfItsRows() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        String all = db.pipeline + " all";
        List<StoredVersion> versions =
                IntStream.range(0, 3)
                        .mapToObj(i -> version(new RowName(db.id("t"), hash(i)), "old", 10))
                        .toList();
        ReadingPoint point = new ReadingPoint(new Lsn(15), new HybridTimestamp(6, 0), "a=5");
        SiteReading reading = new SiteReading(Set.of(db.pipeline), Set.of());
        try (TargetSession session = target.session(claim, LIMIT);
                MySqlSource source = new MySqlSource(db.siteAddress(), reading)) {
            SiteSession site = site(session).shared(all);
            site.alone();
            site.keep(versions);
            site.remember(new SiteSession.Memory("a=5", ""));
            site.save(point);
            session.commit(streaming());
            try (SnapshotReader snapshot =
                    source.snapshot(db.pipeline, List.of(db.definition("t")), 1)) {
                SiteSnapshot memory = snapshot.site().orElseThrow();
                site.forget(new HybridTimestamp(Long.MAX_VALUE, 0));
                site.remember(new SiteSession.Memory("a=9", ""));
                site.save(new ReadingPoint(new Lsn(30), new HybridTimestamp(9, 0), "a=9"));
                session.commit(streaming().at(new Lsn(31), Instant.EPOCH));
                assertThat(memory.checkpoint(db.pipeline)).contains(streaming());
                assertThat(memory.readingPoint(db.pipeline)).contains(point);
                assertThat(memory.forgotten(all)).isEqualTo("a=5");
                assertThat(memory.checkpoint("none")).isEmpty();
                assertThat(memory.readingPoint("none")).isEmpty();
                assertThat(memory.forgotten("none")).isEmpty();
                List<List<StoredVersion>> batches = new ArrayList<>();
                memory.versions(all, 2, batches::add);
                assertThat(batches).extracting(List::size).containsExactly(2, 1);
                assertThat(batches.stream().flatMap(List::stream))
                        .containsExactlyElementsOf(versions);
                assertThat(snapshot.readers()).isOne();
            }
            try (SnapshotReader now = source.present(db.pipeline, List.of(), 1)) {
                SiteSnapshot memory = now.site().orElseThrow();
                assertThat(memory.forgotten(all)).isEqualTo("a=9");
                memory.versions(all, 2, batch -> assertThat(batch).isEmpty());
            }
        }
    }

    @Test
    void aSiteSpeaksByATransactionThatLeavesNothing() {
        SiteReading reading = new SiteReading(Set.of(db.pipeline), Set.of());
        String points = "SELECT count(*) FROM sluice.reading_point";
        String kept = db.one(points);
        try (MySqlSource source = new MySqlSource(db.siteAddress(), reading);
                SourceProbe probe = source.probe(db.pipeline)) {
            SourcePosition before = probe.read().position();
            source.speak();
            SourcePosition after = probe.read().position();
            assertThat(after.covers(before)).isTrue();
            assertThat(before.covers(after)).isFalse();
        }
        assertThat(db.one(points)).isEqualTo(kept);
    }

    @Test
    void theHorizonCoversAllThatIsVisibleAndWaitsForNothingElse() throws Exception {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY)");
        try (MySqlSource source =
                        new MySqlSource(
                                db.siteAddress(), new SiteReading(Set.of(db.pipeline), Set.of()));
                SourceProbe probe = source.probe("orders:west->east");
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement();
                Connection replica = db.server.connect(db.name);
                Statement applier = replica.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
            assertCovers(probe, statement);
            assertThat(passed()).isZero();

            String elsewhere = UUID.randomUUID() + ":7";
            applier.execute("SET GTID_NEXT = '" + elsewhere + "'");
            applier.execute("BEGIN");
            applier.execute("INSERT INTO t VALUES (2)");
            try {
                statement.execute("INSERT INTO t VALUES (3)");
                BinlogPosition horizon = assertCovers(probe, statement);
                assertThat(horizon.gtids().containsAll(GtidSet.parse(elsewhere))).isFalse();
                assertThat(passed()).isOne();

                db.run("SET GLOBAL binlog_order_commits = OFF");
                horizon = assertCovers(probe, statement);
                assertThat(horizon.gtids().containsAll(GtidSet.parse(elsewhere))).isTrue();
            } finally {
                db.run("SET GLOBAL binlog_order_commits = ON");
                applier.execute("ROLLBACK");
                applier.execute("SET GTID_NEXT = 'AUTOMATIC'");
            }
        }
    }

    private long passed() {
        return Long.parseLong(
                db.one(
                        "SELECT coalesce(sum(transactions), 0) FROM sluice.site_mark WHERE session ="
                                + " -1 AND pipeline = '"
                                + db.pipeline
                                + "'"));
    }

    private static BinlogPosition assertCovers(SourceProbe probe, Statement statement)
            throws SQLException {
        ResultSet rows = statement.executeQuery("SELECT @@GLOBAL.gtid_executed");
        rows.next();
        GtidSet committed = GtidSet.parse(rows.getString(1));
        BinlogPosition horizon = (BinlogPosition) probe.horizon();
        assertThat(Objects.requireNonNull(horizon.gtids()).containsAll(committed)).isTrue();
        return horizon;
    }

    private void awaitWaiting() {
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .until(
                        () -> {
                            try (Connection own = db.server.connect(db.name);
                                    Statement statement = own.createStatement();
                                    ResultSet rows =
                                            statement.executeQuery(
                                                    "SELECT count(*) FROM"
                                                            + " performance_schema.data_lock_waits")) {
                                rows.next();
                                return rows.getLong(1) > 0;
                            }
                        });
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void commit(Connection connection) {
        try {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Checkpoint streaming() {
        return claim.of("source").at(new Lsn(16), Instant.EPOCH).in(Phase.STREAMING);
    }

    private static SiteSession site(TargetSession session) {
        return session.site().orElseThrow();
    }

    private static Row key(String big, String word, String at) {
        return row(big, word, new byte[] {0, (byte) 0xff}, "2024-02-29", at, "1.50", Row.NOT_SENT);
    }

    private static StoredVersion version(RowName name, String text, long micros) {
        return new StoredVersion(name, "{\"id\": 1}", text, new HybridTimestamp(micros, 2));
    }

    private static ConflictRecord conflict(RowName name, @Nullable String standing) {
        return new ConflictRecord(
                0,
                name,
                "{\"id\":1}",
                "update_missing",
                "park",
                "it is kept aside",
                "park",
                "update",
                "9@east",
                standing == null ? null : "8@west",
                "{\"id\":1}",
                standing,
                null,
                null);
    }

    private static String hash(int i) {
        return "%064d".formatted(i);
    }

    private static BitSet places(int... places) {
        BitSet set = new BitSet();
        IntStream.of(places).forEach(set::set);
        return set;
    }
}
