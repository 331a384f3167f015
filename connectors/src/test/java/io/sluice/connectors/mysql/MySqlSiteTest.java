package io.sluice.connectors.mysql;

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
import io.sluice.connectors.mysql.SourceFixture.History;
import io.sluice.connectors.spi.Arrivals;
import io.sluice.connectors.spi.Arrivals.Whole;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlBinaries;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A server that is read and written, by an account with the rights that the manual grants. */
class MySqlSiteTest {

    /** Writes to the server. */
    private static final String IN = "orders:east->west";

    /** Reads its log. */
    private static final String OUT = "orders:west->east";

    private static final String ELSEWHERE = "6f3a1b52-0000-4000-8000-00000000beef";

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Instant LONG_AGO = Instant.parse("2020-02-29T12:00:00Z");

    @Test
    void theNewestServerWithGtids() throws Exception {
        site(
                Servers.mysql(
                        Durability.FAST,
                        Map.of("gtid_mode", "ON", "enforce_gtid_consistency", "ON")),
                true);
    }

    @Test
    void theOldestServerWithoutGtids() throws Exception {
        site(
                Servers.mysql(MySqlBinaries.old(), Durability.FAST, Map.of("gtid_mode", "OFF")),
                false);
    }

    @Test
    void aServerThatDoesNotLogTheMarksIsRefused() throws Exception {
        try (MySqlServer server =
                        Servers.mysql(Durability.FAST, Map.of("binlog_ignore_db", "sluice"));
                Site site = new Site(server)) {
            assertThat(site.source(Set.of()).check(List.of()))
                    .filteredOn(finding -> finding.severity() == Severity.BLOCKS)
                    .extracting(Finding::problem)
                    .singleElement()
                    .asString()
                    .contains("database sluice");
            SourcePosition from = site.startLog();
            // What is committed after the probe shows that the probe does not come.
            AtomicBoolean done = new AtomicBoolean();
            Thread writer =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        for (int id = 0; !done.get(); id++) {
                                            site.run(
                                                    "INSERT INTO t VALUES (%d, 'x')".formatted(id));
                                        }
                                    });
            ConnectorException failure;
            try {
                failure = site.read(from, Set.of()).failure();
            } finally {
                done.set(true);
                writer.join();
            }
            assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
            assertThat(failure).hasMessageContaining("binlog_ignore_db");
        }
    }

    private static void site(MySqlServer server, boolean gtids) throws Exception {
        try (server;
                Site site = new Site(server)) {
            SourcePosition from = site.startLog();
            Checkpoint claim = site.claim(IN);
            HybridTimestamp clock = new HybridTimestamp(1_700_000_000_000_001L, 7);
            try (TargetSession session = site.target.session(claim, LIMIT);
                    TargetSession beside = site.target.session(claim, LIMIT)) {
                site.insert(session, 1, 2);
                site.insert(beside, 4);
                session.commit(streaming(claim, 16).stamped(clock));
                site.run("INSERT INTO t VALUES (10, 'local')");
                beside.commit(streaming(claim, 18));
                session.requireClaim();
                session.empty(List.of(site.table.table()));
                site.insert(session, 3);
                session.rollback();
                site.insert(session, 5);
                session.commit(claim.in(Phase.COPYING));
                huge(site, session);
                session.commit(streaming(claim, 19));
            }
            assertThat(site.target.checkpoint(IN)).contains(streaming(claim, 19).stamped(clock));
            Checkpoint feed = site.claim("feed:x->west");
            try (MySqlTarget oneWay = new MySqlTarget(site.address());
                    TargetSession session = oneWay.session(feed, LIMIT)) {
                site.insert(session, 20);
                session.commit(streaming(feed, 1));
            }
            Checkpoint other = site.claim("other:y->west");
            try (TargetSession session = site.target.session(other, LIMIT)) {
                site.insert(session, 21);
                session.commit(streaming(other, 1));
            }
            if (gtids) {
                site.elsewhere("INSERT INTO t VALUES (22, 'north')");
            }
            site.takenOver(claim);
            site.run("INSERT INTO t VALUES (30, 'local')");

            for (int run = 0; run < 2; run++) { // the same again after a restart
                Arrivals arrivals = site.read(from, Set.of());
                common(arrivals, clock);
                assertThat(ids(arrivals.next())).containsExactly(20L);
                assertMark(arrivals.next(), 19, clock); // the claim writes the row as it stands
                assertMark(arrivals.next(), 23, HybridTimestamp.ZERO);
                assertThat(ids(arrivals.next())).containsExactly(30L);
                site.closeReader();
            }
            Arrivals arrivals = site.read(from, Set.of(ELSEWHERE, "other:y->west"));
            common(arrivals, clock);
            assertThat(ids(arrivals.next())).containsExactly(20L);
            Whole accepted = arrivals.next();
            assertThat(ids(accepted)).containsExactly(21L);
            assertThat(accepted.end().origin().name()).isEqualTo("other:y->west");
            if (gtids) {
                Whole north = arrivals.next();
                assertThat(ids(north)).containsExactly(22L);
                assertThat(north.end().origin().name()).isEqualTo(ELSEWHERE);
                failover(site, from);
            }
            site.closeReader();
            unmarked(site, claim);
        }
    }

    private static void common(Arrivals arrivals, HybridTimestamp clock) {
        assertMark(arrivals.next(), 16, clock);
        Whole local = arrivals.next();
        assertThat(local.end().applied()).isEmpty();
        assertThat(local.end().origin().name()).isEqualTo("west");
        assertThat(ids(local)).containsExactly(10L);
        assertMark(arrivals.next(), 18, clock);
        Whole huge = arrivals.next();
        assertMark(huge, 19, clock);
        assertThat(huge.pieces()).isEqualTo(1);
    }

    private static void huge(Site site, TargetSession session) {
        for (int part = 0; part < 5; part++) {
            long first = 1_000 + part * 3_000L;
            site.insert(session, LongStream.range(first, first + 3_000).toArray());
        }
    }

    private static void failover(Site site, SourcePosition from) {
        String earlier = "mysql:" + ELSEWHERE;
        assertThatThrownBy(() -> site.source(Set.of()).resumeLog(OUT, List.of(), from, earlier))
                .hasMessageContaining("name " + ELSEWHERE + " in acceptOrigins");
        assertThat(site.source(Set.of(ELSEWHERE)).resumeLog(OUT, List.of(), from, earlier))
                .startsWith("mysql:");
    }

    private static void unmarked(Site site, Checkpoint claim) {
        SourcePosition from = site.startLog();
        site.run(
                "BEGIN",
                "INSERT INTO t VALUES (40, 'applied')",
                "UPDATE sluice.checkpoint SET position = '0/99' WHERE pipeline = '%s'"
                        .formatted(claim.pipeline()),
                "COMMIT");
        ConnectorException failure = site.read(from, Set.of()).failure();
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure).hasMessageContaining("not marked as such").hasMessageContaining(IN);
    }

    private static Checkpoint streaming(Checkpoint claim, long position) {
        return claim.of("source").at(new Lsn(position), LONG_AGO).in(Phase.STREAMING);
    }

    private static List<Object> ids(Whole whole) {
        List<Object> ids = new ArrayList<>();
        whole.changes().forEach(change -> ids.add(((Insert) change).after().get(0)));
        return ids;
    }

    private static void assertMark(Whole whole, long position, HybridTimestamp clock) {
        assertThat(whole.changes()).isEmpty();
        assertThat(whole.end().applied()).isPresent();
        AppliedMark mark = whole.end().applied().get();
        assertThat(mark.pipeline()).isEqualTo(IN);
        assertThat(mark.upTo()).isEqualTo(new Lsn(position));
        assertThat(mark.clock()).isEqualTo(clock);
    }

    /** A server, the gateway's account there, and a table of a shop. */
    private static final class Site implements AutoCloseable {

        final MySqlServer server;
        final MySqlTarget target;
        final TableSchema table;
        private final Privileges account = Privileges.fresh("site");
        private final Connection connection;
        private final History history = new History();
        private final List<AutoCloseable> open = new ArrayList<>();

        Site(MySqlServer server) {
            this.server = server;
            server.createDatabase("shop");
            connection = server.connect("shop");
            run("CREATE TABLE t (id bigint PRIMARY KEY, v varchar(20))");
            account.create(server, "shop", End.SOURCE);
            account.grant(server, "shop", End.TARGET);
            target = MySqlTarget.ofSite(address());
            target.prepare();
            open.add(target);
            table = target.tables(List.of(new TableId("shop", "t"))).getFirst().schema();
        }

        DatabaseAddress address() {
            return new DatabaseAddress(
                    "west",
                    server.url("shop") + "?sslMode=DISABLED&allowPublicKeyRetrieval=true",
                    account.role(),
                    account.password());
        }

        synchronized void run(String... statements) {
            SourceFixture.run(connection, statements);
        }

        void elsewhere(String sql) throws SQLException {
            try (Connection replica = server.connect("shop");
                    Statement statement = replica.createStatement()) {
                statement.execute("SET GTID_NEXT = '" + ELSEWHERE + ":1'");
                statement.execute(sql);
                statement.execute("SET GTID_NEXT = 'AUTOMATIC'");
            }
        }

        /** A gateway that was killed in the middle of a transaction is followed by another. */
        void takenOver(Checkpoint claim) {
            try (TargetSession killed = target.session(claim, LIMIT);
                    MySqlTarget next = MySqlTarget.ofSite(address())) {
                insert(killed, 23);
                Checkpoint again = next.claim(IN, Holder.named("gateway-2"));
                try (TargetSession session = next.session(again, LIMIT)) {
                    insert(session, 23);
                    session.commit(
                            new Checkpoint(
                                    IN,
                                    again.epoch(),
                                    Phase.STREAMING,
                                    new Lsn(23),
                                    LONG_AGO,
                                    "source",
                                    HybridTimestamp.ZERO));
                }
            }
        }

        Checkpoint claim(String pipeline) {
            return target.claim(pipeline, TargetFixture.GATEWAY_1);
        }

        void insert(TargetSession session, long... ids) {
            session.execute(
                    new InsertRows(
                            table,
                            LongStream.of(ids).mapToObj(id -> Row.of(id, "applied")).toList()));
        }

        MySqlSource source(Set<String> accepted) {
            MySqlSource source = new MySqlSource(address(), new SiteReading(Set.of(IN), accepted));
            open.add(source);
            return source;
        }

        SourcePosition startLog() {
            try (SnapshotReader snapshot =
                    source(Set.of())
                            .startLog(
                                    OUT,
                                    target.tables(List.of(new TableId("shop", "t"))),
                                    history,
                                    1)) {
                return snapshot.position();
            }
        }

        Arrivals read(SourcePosition from, Set<String> accepted) {
            ChangeSource changes =
                    source(accepted).changes(OUT, List.of(new TableId("shop", "t")), from, history);
            open.add(changes);
            Arrivals arrivals = new Arrivals();
            changes.start(arrivals);
            return arrivals;
        }

        void closeReader() throws Exception {
            open.removeLast().close();
        }

        @Override
        public void close() throws Exception {
            for (AutoCloseable one : open.reversed()) {
                one.close();
            }
            connection.close();
        }
    }
}
