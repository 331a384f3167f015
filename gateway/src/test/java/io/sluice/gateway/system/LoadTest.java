package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Run;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.MySqlServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole tables, once and again: the modes full and snapshot. */
final class LoadTest {

    private static final int ROWS = 500;

    @Test
    void readersNeverSeeAHalfFilledTableWhileLoadsTakeTurns() throws Exception {
        readersNeverSeeAHalf(Pair.POSTGRES_TO_POSTGRES);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRES_TO_POSTGRES")
    @Tag("slow")
    void readersNeverSeeAHalfFilledTableBetweenOtherEngines(Pair pair) throws Exception {
        readersNeverSeeAHalf(pair);
    }

    /** One table is the gateway's and is exchanged, the other is a user's and gets its rows. */
    private static void readersNeverSeeAHalf(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared().mode("full").with("schedule: every 1s")) {
            accounts(pair, sites, "fresh", "made");
            sites.onTarget(
                    "CREATE TABLE made (id int PRIMARY KEY, n int)",
                    "INSERT INTO made VALUES (0, 0)",
                    "CREATE VIEW seen AS SELECT id, n FROM made");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.WAITING, Duration.ofSeconds(180));
                String once = "SELECT concat(count(*), ' ', max(n) - min(n)) FROM ";
                try (Reader fresh = new Reader(sites, once + "fresh");
                        Reader made = new Reader(sites, once + "seen")) {
                    for (int round = 0; round < 3; round++) {
                        sites.onSource("UPDATE fresh SET n = n + 1", "UPDATE made SET n = n + 1");
                        String n = sites.querySource("SELECT max(n) FROM made");
                        sites.awaitOnTarget("SELECT max(n) FROM made", n);
                        sites.awaitOnTarget("SELECT max(n) FROM fresh", n);
                    }
                    assertThat(fresh.seen()).containsOnly(ROWS + " 0");
                    assertThat(made.seen()).containsOnly(ROWS + " 0");
                }
                PipelineStatus status = Watching.status(gateway);
                assertThat(status.exposure().basis()).isEqualTo(Basis.MEASURED);
                assertThat(status.failure()).isNull();
            }
            requireNothingLeft(sites, List.of());
        }
    }

    @Test
    void aSnapshotShowsOneMomentOfAllTablesAndKeepsFormerOnes() throws Exception {
        aSnapshotShowsOneMoment(Pair.POSTGRES_TO_POSTGRES);
    }

    @Test
    @Tag("slow")
    void aSnapshotBetweenMySqlServersShowsOneMomentOfAllTables() throws Exception {
        aSnapshotShowsOneMoment(Pair.MYSQL_TO_MYSQL);
    }

    private static void aSnapshotShowsOneMoment(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared().mode("snapshot").with("schedule: every 1s").with("keep: 2")) {
            accounts(pair, sites, "credit", "debit");
            AtomicBoolean stop = new AtomicBoolean();
            Thread writer = Thread.ofPlatform().start(() -> move(sites, stop));
            String sum =
                    "SELECT (SELECT coalesce(sum(n), 0) FROM credit)"
                            + " + (SELECT coalesce(sum(n), 0) FROM debit)";
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.WAITING, Duration.ofSeconds(180));
                try (Reader reader = new Reader(sites, sum)) {
                    TwoSites.await(
                            Duration.ofSeconds(60),
                            () -> Watching.status(gateway).load().run().number() >= 5);
                    assertThat(reader.seen()).containsOnly("0");
                }
            } finally {
                stop.set(true);
                writer.join();
            }
            assertThat(sites.querySource("SELECT count(*) FROM credit WHERE n <> 0"))
                    .as("the source was written to")
                    .isNotEqualTo("0");
            List<String> kept = besides(sites);
            assertThat(kept)
                    .hasSize(4)
                    .allMatch(name -> name.matches("(credit|debit)__sluice_[0-9]{8}T[0-9]{6}Z"));
            for (String credit : kept.subList(0, 2)) {
                String debit = credit.replace("credit", "debit");
                assertThat(
                                sites.queryTarget(
                                        sum.replace("FROM credit", "FROM " + quoted(sites, credit))
                                                .replace(
                                                        "FROM debit",
                                                        "FROM " + quoted(sites, debit))))
                        .isEqualTo("0");
            }
        }
    }

    private static String quoted(TwoSites sites, String name) {
        String quote = sites.targetServer instanceof MySqlServer ? "`" : "\"";
        return quote + name + quote;
    }

    private static void move(TwoSites sites, AtomicBoolean stop) {
        try (Connection connection = sites.source();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; !stop.get(); i++) {
                statement.execute("UPDATE credit SET n = n + 1 WHERE id = " + (i % ROWS + 1));
                statement.execute("UPDATE debit SET n = n - 1 WHERE id = " + (i % ROWS + 1));
                connection.commit();
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aMergeWritesWhatDiffersAndDeletesWhatIsGone() throws Exception {
        aMergeWritesWhatDiffers(Pair.POSTGRES_TO_POSTGRES);
    }

    @Test
    @Tag("slow")
    void aMergeBetweenMySqlServersWritesWhatDiffersAndDeletesWhatIsGone() throws Exception {
        aMergeWritesWhatDiffers(Pair.MYSQL_TO_MYSQL);
    }

    private static void aMergeWritesWhatDiffers(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared().mode("full").with("load: merge")) {
            // On MySQL its collation takes 'Case' and 'case' for equal.
            String table = "CREATE TABLE item (id int PRIMARY KEY, word varchar(20) UNIQUE, n int)";
            sites.onSource(
                    table,
                    "INSERT INTO item VALUES (1, 'same', 1), (2, 'new', 2), (3, 'Case', 3),"
                            + " (5, 'six', 5), (6, 'five', 6), (7, 'null', NULL)");
            sites.onTarget(
                    table,
                    "INSERT INTO item VALUES (1, 'same', 1), (3, 'case', 3), (4, 'gone', 4),"
                            + " (5, 'five', 5), (6, 'six', 6), (7, 'null', 0)");
            assertThat(loadOnce(sites)).isEqualTo(new Changes(1, 4, 1));
            assertThat(sites.compare(List.of("public.item")).isEqual()).isTrue();

            sites.onSource("UPDATE item SET n = 10 WHERE id = 1");
            Recopying.order(sites);
            assertThat(loadOnce(sites)).isEqualTo(new Changes(0, 1, 0));
            assertThat(sites.compare(List.of("public.item")).isEqual()).isTrue();
            requireNothingLeft(sites, List.of());
        }
    }

    private static Changes loadOnce(TwoSites sites) throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitState(gateway, PipelineState.COMPLETED, Duration.ofSeconds(180));
            assertThat(gateway.isCaughtUp()).isTrue();
            Changes changes = Watching.status(gateway).load().run().changes();
            JsonNode counted = TablesTest.table(gateway, "item");
            assertThat(counted.get("inserts").asLong()).isEqualTo(changes.inserted());
            assertThat(counted.get("updates").asLong()).isEqualTo(changes.updated());
            assertThat(counted.get("deletes").asLong()).isEqualTo(changes.deleted());
            assertThat(counted.at("/copy/state").asText()).isEqualTo("copied");
            return changes;
        }
    }

    /** What was granted, indexed and named on an exchanged table is there on the next one. */
    @Test
    void anExchangedTableKeepsItsRightsIndexesAndNames() throws Exception {
        try (TwoSites sites = TwoSites.shared().mode("full")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY, word text UNIQUE)");
            sites.onTarget("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO pg_monitor");
            Run first = runOnce(sites);
            sites.onTarget(
                    "REVOKE SELECT ON item FROM pg_monitor",
                    "CREATE INDEX by_word ON item (lower(word)) WHERE id > 0",
                    "GRANT SELECT ON item TO PUBLIC");
            String oid = "SELECT 'public.item'::regclass::oid::text";
            String before = sites.queryTarget(oid);
            assertThat(runOnce(sites).number()).as("once is once").isEqualTo(first.number());

            sites.onSource("INSERT INTO item VALUES (1, 'one')");
            Recopying.order(sites);
            assertThat(runOnce(sites).rows()).isEqualTo(1);

            assertThat(sites.queryTarget(oid)).isNotEqualTo(before);
            assertThat(
                            sites.queryTarget(
                                    "SELECT string_agg(indexname, ' ' ORDER BY indexname COLLATE \"C\") FROM pg_indexes"
                                            + " WHERE tablename = 'item'"))
                    .isEqualTo("by_word item_pkey item_word_key");
            assertThat(
                            sites.queryTarget(
                                    "SELECT string_agg(a.grantee::text, ' ') FROM pg_class,"
                                            + " aclexplode(relacl) a WHERE"
                                            + " oid = 'public.item'::regclass AND a.grantee <> relowner"))
                    .as("granted to PUBLIC alone")
                    .isEqualTo("0");
        }
    }

    @Test
    void aTableIsNotReplacedWhereThatWouldDeleteRowsOfAnother() throws Exception {
        try (TwoSites sites = TwoSites.shared().mode("full")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)");
            String role = "plain_" + sites.targetDatabase;
            sites.onTarget(
                    "CREATE TABLE item (id int PRIMARY KEY)",
                    "CREATE TABLE note (item int REFERENCES item ON DELETE CASCADE)",
                    "INSERT INTO item VALUES (1)",
                    "INSERT INTO note VALUES (1)",
                    "CREATE ROLE %s LOGIN PASSWORD 'plain'".formatted(role),
                    "GRANT CREATE ON DATABASE %s TO %s".formatted(sites.targetDatabase, role),
                    "GRANT CREATE ON SCHEMA public TO " + role,
                    "GRANT ALL ON item TO " + role);
            sites.login("target", role, "plain");
            try {
                try (Gateway gateway = new Gateway(sites.config())) {
                    Watching.awaitState(gateway, PipelineState.FAILED, Duration.ofSeconds(180));
                    assertThat(Watching.status(gateway).failure().message())
                            .contains("public.note");
                }
                assertThat(sites.queryTarget("SELECT count(*) FROM note")).isEqualTo("1");
                requireNothingLeft(sites, List.of());
            } finally {
                sites.onTarget("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    private static Run runOnce(TwoSites sites) throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitState(gateway, PipelineState.COMPLETED, Duration.ofSeconds(180));
            return Watching.status(gateway).load().run();
        }
    }

    static void accounts(Pair pair, TwoSites sites, String... tables) {
        for (String table : tables) {
            sites.onSource(
                    "CREATE TABLE %s (id int PRIMARY KEY, n int)".formatted(table),
                    "INSERT INTO %s SELECT g, 0 FROM %s".formatted(table, pair.numbers(ROWS)));
        }
    }

    /** The tables of the target whose names are the gateway's. */
    static List<String> besides(TwoSites sites) {
        boolean mysql = sites.targetServer instanceof MySqlServer;
        List<String> names = new ArrayList<>();
        try (Connection connection = sites.target();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT table_name FROM information_schema.tables WHERE"
                                        + " table_schema = %s AND table_name LIKE '%%\\_\\_sluice%%'"
                                                .formatted(
                                                        mysql
                                                                ? "'" + sites.targetDatabase + "'"
                                                                : "'public'")
                                        + " ORDER BY 1")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    static void requireNothingLeft(TwoSites sites, List<String> tables) {
        assertThat(besides(sites)).isEqualTo(tables);
        assertThat(
                        sites.queryTarget(
                                "SELECT count(*) FROM sluice.load_table WHERE role = 'SHADOW'"))
                .isEqualTo("0");
        assertThat(
                        sites.queryTarget(
                                "SELECT count(*) FROM sluice.copy_progress WHERE table_name LIKE"
                                        + " '%sluice%'"))
                .isEqualTo("0");
    }

    /** Asks the target the same thing again and again, and remembers every answer. */
    private static final class Reader implements AutoCloseable {

        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final java.util.Set<String> answers =
                java.util.concurrent.ConcurrentHashMap.newKeySet();
        private final AtomicLong asked = new AtomicLong();
        private final Thread thread;

        Reader(TwoSites sites, String query) {
            thread =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try (Connection connection = sites.target();
                                                Statement statement =
                                                        connection.createStatement()) {
                                            while (!stop.get()) {
                                                ask(statement, query);
                                            }
                                        } catch (SQLException | RuntimeException e) {
                                            failure.set(e);
                                        }
                                    });
        }

        private void ask(Statement statement, String query) throws SQLException {
            try (ResultSet row = statement.executeQuery(query)) {
                row.next();
                answers.add(String.valueOf(row.getString(1)));
                asked.incrementAndGet();
            }
        }

        java.util.Set<String> seen() {
            assertThat(failure.get()).isNull();
            assertThat(asked.get()).isGreaterThan(20);
            return answers;
        }

        @Override
        public void close() throws InterruptedException {
            stop.set(true);
            thread.join();
        }
    }
}
