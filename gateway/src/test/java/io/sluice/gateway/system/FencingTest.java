package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two gateways on one configuration: the newer one writes, and the older one says why it ended.
 * Each has a pipeline in every pair of engines.
 */
final class FencingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir private Path folder;

    @Test
    void anIdleOlderGatewayNoticesTheNewerOneAndNamesIt() throws Exception {
        try (LogCapture log = new LogCapture();
                SeveralPairs pairs = SeveralPairs.shared()) {
            pairs.each(
                    (pair, sites) ->
                            sites.with("rpo: {objective: 1s}")
                                    .onSource(
                                            "CREATE TABLE item (id int PRIMARY KEY)",
                                            "INSERT INTO item VALUES (1)"));
            try (Gateway older = new Gateway(pairs.gatewayName("older").config())) {
                pairs.awaitAll(older, PipelineState.STREAMING);
                try (Gateway newer = new Gateway(pairs.gatewayName("newer").config())) {
                    pairs.awaitAll(older, PipelineState.FAILED);
                    pairs.awaitAll(newer, PipelineState.STREAMING);
                    pairs.each(
                            (pair, sites) -> {
                                assertThat(failure(older, sites))
                                        .contains(sites.pipeline())
                                        .contains("taken over by newer")
                                        .contains("Stop one of the two");
                                requireNewerWrites(older, newer, sites);
                            });
                    pairs.each((pair, sites) -> requireNoFalseBreachIsKept(older, sites, log));
                }
            }
        }
    }

    private static void requireNewerWrites(Gateway older, Gateway newer, TwoSites sites) {
        sites.onSource("INSERT INTO item VALUES (2)");
        sites.awaitOnTarget("SELECT count(*) FROM item", "2");
        assertThat(owner(sites)).startsWith("newer");
        assertThat(status(older, sites).state()).isEqualTo(PipelineState.FAILED);
        assertThat(status(newer, sites).failure()).isNull();
    }

    /** What the older one takes for a breach from then on is none. */
    private static void requireNoFalseBreachIsKept(Gateway older, TwoSites sites, LogCapture log) {
        TwoSites.await(PATIENCE, () -> !status(older, sites).withinObjective());
        TwoSites.await(
                PATIENCE, () -> log.text(sites.pipeline()).contains("Another gateway keeps"));
        assertThat(
                        sites.queryTarget(
                                "SELECT count(*) FROM sluice.breach WHERE cause LIKE"
                                        + " '%taken over%'"))
                .isEqualTo("0");
    }

    @Test
    void underLoadOnlyTheNewerGatewayWritesAndNothingIsRepeated() throws Exception {
        Map<Pair, EventLoad> loads = new EnumMap<>(Pair.class);
        try (SeveralPairs pairs = SeveralPairs.shared()) {
            pairs.each(
                    (pair, sites) -> EventLoad.prepare(pair, sites.with("apply: {maxRows: 20}")));
            try (Gateway older = new Gateway(pairs.gatewayName("older").config())) {
                pairs.awaitAll(older, PipelineState.STREAMING);
                pairs.each((pair, sites) -> loads.put(pair, EventLoad.start(pair, sites)));
                pairs.each(
                        (pair, sites) ->
                                sites.awaitOnTarget(
                                        "SELECT CASE WHEN count(*) > 200 THEN 'many' END FROM"
                                                + " event",
                                        "many"));
                try (Gateway newer = new Gateway(pairs.gatewayName("newer").config())) {
                    pairs.awaitAll(older, PipelineState.FAILED);
                    pairs.awaitAll(newer, PipelineState.STREAMING);
                    for (EventLoad load : loads.values()) {
                        load.awaitMore(200);
                    }
                    pairs.each(
                            (pair, sites) -> {
                                int rows = Objects.requireNonNull(loads.get(pair)).stop();
                                assertThat(failure(older, sites)).contains("taken over by newer");
                                sites.awaitEqual(PATIENCE, List.of("public.event"));
                                assertThat(sites.queryTarget("SELECT count(*) FROM event"))
                                        .isEqualTo("" + rows);
                            });
                }
            } finally {
                for (EventLoad load : loads.values()) {
                    load.close();
                }
            }
        }
    }

    @Test
    void aGatewayFrozenInTheMiddleOfATransactionCannotCommitWhenItWakes() throws Exception {
        try (SeveralPairs pairs = SeveralPairs.shared()) {
            pairs.each(FencingTest::threeTables);
            String older = pairs.gatewayName("older").configFile(folder);
            try (GatewayProcess frozen = GatewayProcess.start("run", "-c", older)) {
                pairs.each(
                        (pair, sites) ->
                                sites.awaitOnTarget(
                                        "SELECT phase FROM sluice.checkpoint", "STREAMING"));
                freezeInTransactions(pairs, frozen);
                try (Gateway newer = new Gateway(pairs.gatewayName("newer").config())) {
                    pairs.each(
                            (pair, sites) -> sites.awaitOnTarget("SELECT count(*) FROM last", "1"));
                    pairs.each((pair, sites) -> requireStreams(sites, 2));

                    frozen.thaw();
                    pairs.each(
                            (pair, sites) -> {
                                TwoSites.await(
                                        PATIENCE,
                                        () -> SeveralPairs.says(frozen, sites, "FAILED: "));
                                assertThat(SeveralPairs.says(frozen, sites, "taken over by newer"))
                                        .as(frozen.errors())
                                        .isTrue();
                            });

                    pairs.each(
                            (pair, sites) -> {
                                requireStreams(sites, 3);
                                sites.awaitEqual(
                                        PATIENCE,
                                        List.of("public.first", "public.event", "public.last"));
                                assertThat(sites.queryTarget("SELECT count(*) FROM event"))
                                        .isEqualTo("6000");
                                assertThat(status(newer, sites).state())
                                        .isNotEqualTo(PipelineState.FAILED);
                                assertThat(owner(sites)).startsWith("newer");
                            });
                }
            }
        }
    }

    private static void requireStreams(TwoSites sites, int last) {
        sites.onSource("INSERT INTO last VALUES (%d)".formatted(last));
        sites.awaitOnTarget("SELECT count(*) FROM last", "" + last);
    }

    private static void threeTables(Pair pair, TwoSites sites) {
        EventLoad.prepare(pair, sites.with("apply: {maxRows: 500}"));
        sites.onSource(
                "CREATE TABLE first (id int PRIMARY KEY)",
                "CREATE TABLE last (id int PRIMARY KEY)");
        if (!pair.fromMySql) {
            // The slot is free for another when the server has given the frozen reader up.
            sites.onSource(
                    "ALTER ROLE %s SET wal_sender_timeout = '2s'"
                            .formatted(sites.username("source")));
        }
    }

    /** Every transaction has written two tables when it meets a lock on the third. */
    private static void freezeInTransactions(SeveralPairs pairs, GatewayProcess gateway)
            throws Exception {
        List<Connection> locks = new ArrayList<>();
        try {
            pairs.each((pair, sites) -> locks.add(lock(pair, sites)));
            pairs.each(
                    (pair, sites) ->
                            sites.onSource(
                                    "BEGIN",
                                    "INSERT INTO first SELECT g FROM " + pair.numbers(6000),
                                    "INSERT INTO event SELECT g %% 100 FROM %s"
                                            .formatted(pair.numbers(6000)),
                                    "INSERT INTO last VALUES (1)",
                                    "COMMIT"));
            pairs.each(FencingTest::awaitLockIsMet);
            gateway.freeze();
        } finally {
            for (Connection lock : locks) {
                lock.close();
            }
        }
    }

    private static Connection lock(Pair pair, TwoSites sites) throws SQLException {
        Connection lock = sites.target();
        try (Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute(
                    pair.toMySql ? "LOCK TABLES last READ" : "LOCK TABLE last IN SHARE MODE");
        }
        return lock;
    }

    private static void awaitLockIsMet(Pair pair, TwoSites sites) {
        sites.awaitOnTarget(
                pair.toMySql
                        ? "SELECT count(*) FROM performance_schema.metadata_locks WHERE"
                                + " object_schema = database() AND object_name = 'last' AND"
                                + " lock_status = 'PENDING'"
                        : "SELECT count(*) FROM pg_stat_activity WHERE datname ="
                                + " current_database() AND application_name LIKE 'sluice apply%'"
                                + " AND backend_xid IS NOT NULL AND wait_event_type = 'Lock'",
                "1");
    }

    private static String owner(TwoSites sites) {
        return Objects.requireNonNull(
                sites.queryTarget("SELECT owner FROM sluice.checkpoint"), "no checkpoint");
    }

    private static PipelineStatus status(Gateway gateway, TwoSites sites) {
        return Watching.status(gateway, sites.pipeline());
    }

    private static String failure(Gateway gateway, TwoSites sites) {
        PipelineStatus.Failure failure = status(gateway, sites).failure();
        return failure == null ? "no failure" : failure.message();
    }
}
