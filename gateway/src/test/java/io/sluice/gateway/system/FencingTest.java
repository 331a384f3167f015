package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.Durability;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two gateways on one configuration: the newer one writes, and the older one says why it ended. */
final class FencingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_MYSQL"})
    void anIdleOlderGatewayNoticesTheNewerOneAndNamesIt(Pair pair) throws InterruptedException {
        try (LogCapture log = new LogCapture();
                TwoSites sites =
                        pair.shared().with("heartbeat: 200ms").with("rpo: {objective: 1s}")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)");
            try (Gateway older = new Gateway(sites.gatewayName("older").config())) {
                awaitState(older, PipelineState.STREAMING);
                try (Gateway newer = new Gateway(sites.gatewayName("newer").config())) {
                    awaitState(older, PipelineState.FAILED);
                    assertThat(failure(older))
                            .contains("test:source->target")
                            .contains("taken over by newer")
                            .contains("Stop one of the two");
                    awaitState(newer, PipelineState.STREAMING);

                    sites.onSource("INSERT INTO item VALUES (2)");
                    sites.awaitOnTarget("SELECT count(*) FROM item", "2");
                    assertThat(owner(sites)).startsWith("newer");
                    assertThat(status(older).state()).isEqualTo(PipelineState.FAILED);
                    assertThat(status(newer).failure()).isNull();

                    // What it takes for a breach from then on is none, and is not kept.
                    TwoSites.await(PATIENCE, () -> !status(older).withinObjective());
                    TwoSites.await(PATIENCE, () -> log.text().contains("Another gateway keeps"));
                    assertThat(
                                    sites.queryTarget(
                                            "SELECT count(*) FROM sluice.breach WHERE cause LIKE"
                                                    + " '%taken over%'"))
                            .isEqualTo("0");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void underLoadOnlyTheNewerGatewayWritesAndNothingIsRepeated(Pair pair)
            throws InterruptedException {
        try (TwoSites sites = pair.shared().with("heartbeat: 200ms").with("apply: {maxRows: 20}")) {
            sites.onSource("CREATE TABLE event (n int)");
            pair.logWholeRows(sites, "event");
            try (Gateway older = new Gateway(sites.gatewayName("older").config())) {
                awaitState(older, PipelineState.STREAMING);
                Thread load = Thread.ofVirtual().start(() -> writeEvents(sites));
                sites.awaitOnTarget(
                        "SELECT CASE WHEN count(*) > 200 THEN 'many' END FROM event", "many");
                try (Gateway newer = new Gateway(sites.gatewayName("newer").config())) {
                    awaitState(older, PipelineState.FAILED);
                    assertThat(failure(older)).contains("taken over by newer");
                    awaitState(newer, PipelineState.STREAMING);
                    load.join();
                    sites.awaitEqual(PATIENCE, List.of("public.event"));
                    assertThat(sites.queryTarget("SELECT count(*) FROM event")).isEqualTo("4000");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aGatewayFrozenInTheMiddleOfATransactionCannotCommitWhenItWakes(Pair pair)
            throws InterruptedException, SQLException {
        try (TwoSites sites =
                pair.sites(Durability.FAST)
                        .with("heartbeat: 200ms")
                        .with("apply: {maxRows: 500}")) {
            sites.sourceServer.setting("wal_sender_timeout", "2s");
            sites.onSource(
                    "CREATE TABLE first (id int PRIMARY KEY)",
                    "CREATE TABLE event (n int)",
                    "ALTER TABLE event REPLICA IDENTITY FULL",
                    "CREATE TABLE last (id int PRIMARY KEY)");
            Path older = sites.gatewayName("older").configFile(folder);
            try (GatewayProcess frozen = GatewayProcess.start("run", "-c", older.toString())) {
                sites.awaitOnTarget("SELECT phase FROM sluice.checkpoint", "STREAMING");
                freezeInTransaction(pair, sites, frozen);
                try (Gateway newer = new Gateway(sites.gatewayName("newer").config())) {
                    sites.awaitOnTarget("SELECT count(*) FROM last", "1");
                    sites.onSource("INSERT INTO last VALUES (2)");
                    sites.awaitOnTarget("SELECT count(*) FROM last", "2");

                    frozen.thaw();
                    TwoSites.await(PATIENCE, () -> frozen.errors().contains("FAILED: "));
                    assertThat(frozen.errors()).contains("taken over by newer");

                    sites.onSource("INSERT INTO last VALUES (3)");
                    List<String> tables = List.of("public.first", "public.event", "public.last");
                    sites.awaitEqual(PATIENCE, tables);
                    assertThat(sites.queryTarget("SELECT count(*) FROM event")).isEqualTo("6000");
                    assertThat(status(newer).state()).isNotEqualTo(PipelineState.FAILED);
                    assertThat(owner(sites)).startsWith("newer");
                }
            }
        }
    }

    /** The transaction has written two tables when it meets a lock on the third. */
    private static void freezeInTransaction(Pair pair, TwoSites sites, GatewayProcess gateway)
            throws SQLException {
        try (Connection lock = sites.target();
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute(
                    pair.toMySql ? "LOCK TABLES last READ" : "LOCK TABLE last IN SHARE MODE");
            sites.onSource(
                    "BEGIN",
                    "INSERT INTO first SELECT generate_series(1, 6000)",
                    "INSERT INTO event SELECT g % 100 FROM generate_series(1, 6000) g",
                    "INSERT INTO last VALUES (1)",
                    "COMMIT");
            sites.awaitOnTarget(
                    pair.toMySql
                            ? "SELECT count(*) FROM performance_schema.metadata_locks WHERE"
                                    + " object_name = 'last' AND lock_status = 'PENDING'"
                            : "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE"
                                    + " 'sluice apply%' AND backend_xid IS NOT NULL AND"
                                    + " wait_event_type = 'Lock'",
                    "1");
            gateway.freeze();
            statement.execute(pair.toMySql ? "UNLOCK TABLES" : "ROLLBACK");
        }
    }

    private static void writeEvents(TwoSites sites) {
        try (Connection source = sites.source();
                Statement statement = source.createStatement()) {
            for (int i = 0; i < 2000; i++) {
                statement.execute("INSERT INTO event VALUES (1), (1)");
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static String owner(TwoSites sites) {
        return Objects.requireNonNull(
                sites.queryTarget("SELECT owner FROM sluice.checkpoint"), "no checkpoint");
    }

    private static void awaitState(Gateway gateway, PipelineState state) {
        TwoSites.await(PATIENCE, () -> status(gateway).state() == state);
    }

    private static PipelineStatus status(Gateway gateway) {
        return gateway.statuses().getFirst();
    }

    private static String failure(Gateway gateway) {
        PipelineStatus.Failure failure = status(gateway).failure();
        return failure == null ? "no failure" : failure.message();
    }
}
