package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.AppliedMark;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.debezium.PostgresChangeSource;
import io.sluice.connectors.debezium.SiteCapture;
import io.sluice.connectors.spi.Arrivals;
import io.sluice.connectors.spi.Arrivals.Whole;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A database that is read and written, with the rights that the manual grants. */
class PostgresSiteTest {

    /** Writes to the database. */
    private static final String IN = Database.PIPELINE;

    /** Reads its log. */
    private static final String OUT = "orders:west->east";

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Instant LONG_AGO = Instant.parse("2020-02-29T12:00:00Z");

    private final List<AutoCloseable> open = new ArrayList<>();
    private Database database;
    private PostgresTarget target;
    private TableSchema table;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run(
                "CREATE TABLE t (id bigint PRIMARY KEY, v text)",
                "ALTER TABLE t REPLICA IDENTITY FULL");
        target = PostgresTarget.ofSite(database.targetAddress());
        target.prepare();
        table = database.schema("t");
        open.add(target);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasAppliedComesAsAMarkAndWhatIsLocalComesWhole(boolean origins) {
        if (origins) {
            database.allowOrigins();
        }
        Lsn from = startLog();
        Checkpoint claim = claim();
        HybridTimestamp clock = new HybridTimestamp(1_700_000_000_000_001L, 7);
        try (TargetSession session = target.session(claim, LIMIT);
                TargetSession beside = target.session(claim, LIMIT)) {
            insert(session, 1, 2);
            session.commit(streaming(claim, 16).stamped(clock));
            database.run("INSERT INTO t VALUES (10, 'local')");
            session.requireClaim();
            session.execute(new TruncateTables(List.of(new TableId("public", "t"))));
            insert(session, 3);
            session.commit(streaming(claim, 17));
            insert(beside, 4);
            beside.commit(streaming(claim, 18));
            insert(session, 5);
            session.commit(claim.in(Phase.COPYING));
            insert(session, 6);
            session.rollback();
            insert(session, 7);
            session.commit(streaming(claim, 19));
            database.run("UPDATE t SET v = 'local' WHERE id = 3");
        }
        assertThat(database.rows("SELECT id FROM t ORDER BY 1"))
                .containsExactly("3", "4", "5", "7");
        assertThat(target.checkpoint(IN)).contains(streaming(claim, 19).stamped(clock));

        // The same again after a restart.
        for (int run = 0; run < 2; run++) {
            Arrivals arrivals = read(from, Set.of());
            Whole first = arrivals.next();
            assertMark(first, 16, clock);
            assertThat(first.end().commitTime()).isAfter(LONG_AGO.plus(Duration.ofDays(365)));
            Whole local = arrivals.next();
            assertThat(local.end().applied()).isEmpty();
            assertThat(local.end().origin().name()).isEqualTo("west");
            assertThat(local.changes())
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Insert.class,
                            insert -> assertThat(insert.after()).isEqualTo(Row.of(10L, "local")));
            Whole second = arrivals.next();
            assertMark(second, 17, HybridTimestamp.ZERO);
            assertThat(second.end().commitTime()).isAfter(first.end().commitTime());
            assertMark(arrivals.next(), 18, HybridTimestamp.ZERO);
            assertMark(arrivals.next(), 19, HybridTimestamp.ZERO);
            assertThat(arrivals.next().changes()).hasSize(1);
            closeReader();
        }
    }

    @Test
    void aHugeAppliedTransactionLeavesNothingButItsMark() {
        database.allowOrigins();
        Lsn from = startLog();
        Checkpoint claim = claim();
        try (TargetSession session = target.session(claim, LIMIT)) {
            for (int part = 0; part < 10; part++) {
                session.execute(
                        new InsertRows(
                                table,
                                LongStream.range(part * 3_000L, (part + 1) * 3_000L)
                                        .mapToObj(id -> Row.of(id, "x".repeat(100)))
                                        .toList()));
            }
            session.commit(streaming(claim, 16));
        }
        Whole mark = read(from, Set.of()).next();
        assertMark(mark, 16, HybridTimestamp.ZERO);
        assertThat(mark.pieces()).isEqualTo(1);
    }

    @Test
    void onlyAcceptedOriginsOfOtherReplicationPass() throws SQLException {
        database.allowOrigins();
        Lsn from = startLog();
        Checkpoint claim = claim();
        underOrigin("north " + database.name, "INSERT INTO t VALUES (1, 'north')");
        Checkpoint feed = claim("feed:x->west");
        try (TargetSession oneWay = database.target.session(feed, LIMIT)) {
            insert(oneWay, 2);
            oneWay.commit(streaming(feed, 1));
        }
        Checkpoint other = claim("other:y->west");
        try (TargetSession session = target.session(other, LIMIT)) {
            insert(session, 3);
            session.commit(streaming(other, 2));
        }
        try (TargetSession session = target.session(claim, LIMIT)) {
            insert(session, 4);
            session.commit(streaming(claim, 3));
        }
        assertThat(originFindings(Set.of())).hasSize(1).allMatch(f -> !f.remedy().isEmpty());
        assertThat(originFindings(Set.of("north " + database.name, "other:y->west"))).isEmpty();

        Arrivals none = read(from, Set.of());
        assertThat(ids(none.next())).containsExactly(2L);
        assertMark(none.next(), 3, HybridTimestamp.ZERO);
        closeReader();

        Arrivals both = read(from, Set.of("north " + database.name, "other:y->west"));
        Whole north = both.next();
        assertThat(ids(north)).containsExactly(1L);
        assertThat(north.end().origin().name()).isEqualTo("north " + database.name);
        assertThat(ids(both.next())).containsExactly(2L);
        assertThat(ids(both.next())).containsExactly(3L);
        assertMark(both.next(), 3, HybridTimestamp.ZERO);
        database.run("SELECT pg_replication_origin_drop('north " + database.name + "')");
    }

    @Test
    void theOriginOfASessionWhoseGatewayWasKilledIsTakenOver() throws SQLException {
        database.allowOrigins();
        claim();
        try (TargetSession earlier = target.session(claim(), LIMIT)) {
            insert(earlier, 1);
            // Another gateway, which has no part in what this one knows of its own sessions.
            try (PostgresTarget next = PostgresTarget.ofSite(database.targetAddress())) {
                Checkpoint claim = next.claim(IN, Database.GATEWAY_1);
                try (TargetSession session = next.session(claim, LIMIT)) {
                    assertThatThrownBy(
                                    () ->
                                            underOrigin(
                                                    LogNames.origin(database.name, IN), "SELECT 1"))
                            .hasMessageContaining("already active");
                    insert(session, 1);
                    session.commit(streaming(claim, 16));
                }
            }
        }
    }

    @Test
    void appliedChangesThatAreNotMarkedEndTheReading() {
        Lsn from = startLog();
        AppliedMark mark = new AppliedMark(IN, new Lsn(16), HybridTimestamp.ZERO);
        database.run(
                "BEGIN",
                "INSERT INTO t VALUES (9, 'local')",
                "SELECT pg_logical_emit_message(true, 'sluice mark', 'anybody may write this')",
                "COMMIT");
        Arrivals arrivals = read(from, Set.of());
        assertThat(ids(arrivals.next())).containsExactly(9L);
        database.run(
                "BEGIN",
                "INSERT INTO t VALUES (1, 'applied')",
                "SELECT pg_logical_emit_message(true, 'sluice mark', '%s')".formatted(mark.text()),
                "COMMIT");
        ConnectorException failure = arrivals.failure();
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure).hasMessageContaining("not marked as such").hasMessageContaining(IN);
    }

    @Test
    void aProbeThatDoesNotComeEndsTheReading() {
        Lsn from = startLog();
        try (PostgresConnections connections = new PostgresConnections(database.sourceAddress())) {
            SiteCapture.Prober unheard =
                    name -> {
                        Lsn before = database.position();
                        database.run("INSERT INTO t VALUES (1, 'later')");
                        return before;
                    };
            Arrivals arrivals = new Arrivals();
            ChangeSource changes =
                    new PostgresChangeSource(
                            CaptureSettings.of(connections, OUT)
                                    .with(
                                            new SiteCapture(
                                                    Set.of(IN),
                                                    Set.of(),
                                                    Set.of(),
                                                    Set.of(),
                                                    unheard)),
                            from);
            open.add(changes);
            changes.start(arrivals);
            ConnectorException failure = arrivals.failure();
            assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
            assertThat(failure).hasMessageContaining("go round for ever");
        }
    }

    @Test
    void theCheckNamesTheRightsThatAreMissing() {
        List<TableDefinition> tables = target.tables(List.of(new TableId("public", "t")));
        assertThat(target.check(tables))
                .filteredOn(finding -> finding.subject().equals("replication origins"))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNS);
                            database.run(finding.remedy().replaceFirst(".*: (GRANT.*)", "$1"));
                        });
        assertThat(target.check(tables))
                .extracting(Finding::subject)
                .doesNotContain("replication origins");
        assertThat(database.target.check(tables))
                .extracting(Finding::subject)
                .doesNotContain("replication origins");
    }

    private List<Finding> originFindings(Set<String> accepted) {
        try (PostgresSource source = source(accepted)) {
            return source.check(List.of()).stream()
                    .filter(finding -> finding.subject().startsWith("replication origin "))
                    .filter(
                            finding ->
                                    finding.subject().contains(database.name)
                                            || finding.subject().contains("sluice_"))
                    .toList();
        }
    }

    private void underOrigin(String origin, String sql) throws SQLException {
        try (Connection connection = database.server.connect(database.name);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_replication_origin_create('%1$s') WHERE pg_replication_origin_oid('%1$s') IS NULL"
                            .formatted(origin));
            statement.execute("SELECT pg_replication_origin_session_setup('%s')".formatted(origin));
            statement.execute(sql);
            statement.execute("SELECT pg_replication_origin_session_reset()");
        }
    }

    private Checkpoint claim() {
        return claim(IN);
    }

    private Checkpoint claim(String pipeline) {
        return target.claim(pipeline, Database.GATEWAY_1);
    }

    private static Checkpoint streaming(Checkpoint claim, long position) {
        return claim.of("source").at(new Lsn(position), LONG_AGO).in(Phase.STREAMING);
    }

    private void insert(TargetSession session, long... ids) {
        session.execute(
                new InsertRows(
                        table, LongStream.of(ids).mapToObj(id -> Row.of(id, "applied")).toList()));
    }

    private PostgresSource source(Set<String> accepted) {
        return new PostgresSource(database.sourceAddress(), new SiteReading(Set.of(IN), accepted));
    }

    private Lsn startLog() {
        try (PostgresSource source = source(Set.of());
                SnapshotReader snapshot =
                        source.startLog(
                                OUT,
                                target.tables(List.of(new TableId("public", "t"))),
                                target.schemaHistory(OUT),
                                1)) {
            return (Lsn) snapshot.position();
        }
    }

    private Arrivals read(SourcePosition from, Set<String> accepted) {
        Arrivals arrivals = new Arrivals();
        start(from, accepted, arrivals);
        return arrivals;
    }

    private void start(SourcePosition from, Set<String> accepted, Arrivals arrivals) {
        PostgresSource source = source(accepted);
        open.add(source);
        ChangeSource changes =
                source.changes(
                        OUT, List.of(new TableId("public", "t")), from, target.schemaHistory(OUT));
        open.add(changes);
        changes.start(arrivals);
    }

    private void closeReader() {
        try {
            open.removeLast().close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<Object> ids(Whole whole) {
        List<Object> ids = new ArrayList<>();
        whole.changes().forEach(change -> ids.add(((Insert) change).after().get(0)));
        return ids;
    }

    private static void assertMark(Whole whole, long position, HybridTimestamp clock) {
        assertThat(whole.changes()).isEmpty();
        assertThat(whole.end().applied()).contains(new AppliedMark(IN, new Lsn(position), clock));
    }
}
