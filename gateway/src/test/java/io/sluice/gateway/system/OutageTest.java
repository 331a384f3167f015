package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.FaultProxy.Direction;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A database that is killed, cut off, stalled or frozen under a load: the pipeline comes back by
 * itself, and meanwhile tells the truth about what would be lost. What befalls a source is a matter
 * of its engine, whatever the target is, and the other way round.
 */
@Tag("slow")
class OutageTest {

    private static final Duration OUTAGE = Duration.ofSeconds(6);

    private static final String[] HOLDING = {
        """
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.id = 11000 THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
          RETURN NEW;
        END $$""",
        "CREATE TRIGGER hold BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION hold()",
        "ALTER TABLE item ENABLE ALWAYS TRIGGER hold"
    };

    private static final String[] HOLDING_ON_MYSQL = {
        """
        CREATE TRIGGER hold BEFORE INSERT ON item FOR EACH ROW
        BEGIN
          IF NEW.id = 11000 THEN
            DO get_lock('copy', 60);
            DO release_lock('copy');
          END IF;
        END"""
    };

    private static final Map<Boolean, DatabaseServer> SOURCES = new HashMap<>();
    private static final Map<Boolean, DatabaseServer> TARGETS = new HashMap<>();

    private TwoSites sites;
    private FaultProxy toSource;
    private FaultProxy toTarget;
    private Gateway gateway;
    private LoadWithTimes load;

    @AfterAll
    static void closeServers() {
        Stream.of(SOURCES, TARGETS)
                .forEach(servers -> servers.values().forEach(DatabaseServer::close));
        SOURCES.clear();
        TARGETS.clear();
    }

    private static DatabaseServer server(Map<Boolean, DatabaseServer> standing, boolean mysql) {
        return standing.computeIfAbsent(
                mysql,
                ofMySql ->
                        ofMySql
                                ? Servers.mysql(Durability.REAL)
                                : Servers.postgres(Durability.REAL));
    }

    private void replicate(Pair pair) {
        sites =
                TwoSites.between(server(SOURCES, pair.fromMySql), server(TARGETS, pair.toMySql))
                        .with("heartbeat: 200ms")
                        .with("stallTimeout: 2s")
                        .with("apply: {statementTimeout: 3s}")
                        .urlParameter("source", patience(pair.fromMySql))
                        .urlParameter("target", patience(pair.toMySql));
        toSource = sites.proxySource();
        toTarget = sites.proxyTarget();
        load = new LoadWithTimes(sites);
        gateway = new Gateway(sites.config());
        Watching.awaitStreaming(gateway);
        load.start();
    }

    /** One driver counts seconds, the other milliseconds. */
    private static String patience(boolean mysql) {
        return mysql
                ? "socketTimeout=3000&connectTimeout=3000"
                : "socketTimeout=3&connectTimeout=3";
    }

    @AfterEach
    void close() throws Exception {
        if (load != null) {
            load.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (sites != null) {
            sites.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES", "MYSQL_TO_MYSQL"})
    void aKilledSource(Pair pair) throws Exception {
        survives(pair, () -> sites.sourceServer.kill(), () -> sites.sourceServer.start());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL", "MYSQL_TO_MYSQL"})
    void aKilledTarget(Pair pair) throws Exception {
        survives(pair, () -> sites.targetServer.kill(), () -> sites.targetServer.start());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aSourceThatIsKilledAmidAPartOfTheCopy(Pair pair) throws Exception {
        amidTheCopy(pair, () -> sites.sourceServer);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTargetThatIsKilledAmidAPartOfTheCopy(Pair pair) throws Exception {
        amidTheCopy(pair, () -> sites.targetServer);
    }

    /** A trigger of the target holds one part of the copy up at a row until the test lets go. */
    private void amidTheCopy(Pair pair, Supplier<DatabaseServer> victim) throws Exception {
        sites =
                TwoSites.between(server(SOURCES, pair.fromMySql), server(TARGETS, pair.toMySql))
                        .with("heartbeat: 200ms")
                        .with("copy: {workers: 2, chunkSize: 256KiB}");
        String table = "CREATE TABLE item (id bigint PRIMARY KEY, v varchar(200))";
        sites.onSource(
                table,
                "INSERT INTO item SELECT g, repeat('v', 150) FROM " + pair.numbers(20_000),
                (pair.fromMySql ? "ANALYZE TABLE" : "ANALYZE") + " item");
        sites.onTarget(table);
        sites.onTarget(pair.toMySql ? HOLDING_ON_MYSQL : HOLDING);
        try (Connection holder = sites.target();
                Statement statement = holder.createStatement()) {
            statement.execute(
                    pair.toMySql ? "SELECT get_lock('copy', 0)" : "SELECT pg_advisory_lock(1)");
            gateway = new Gateway(sites.config());
            sites.awaitOnTarget(
                    pair.toMySql
                            ? "SELECT count(*) FROM information_schema.processlist WHERE state ="
                                    + " 'User lock'"
                            : "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT"
                                    + " granted",
                    "1");
            DatabaseServer killed = victim.get();
            killed.kill();
            if (killed == sites.sourceServer) {
                statement.execute(
                        pair.toMySql ? "DO release_lock('copy')" : "SELECT pg_advisory_unlock(1)");
            }
            Watching.awaitRetry(gateway);
            killed.start();
        }
        Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(90));
        sites.awaitEqual(Duration.ofSeconds(90), List.of("public.item"));
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTargetThatIsStoppedInOrderAndStartedAgain(Pair pair) throws Exception {
        survives(pair, () -> sites.targetServer.stop(), () -> sites.targetServer.start());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aFrozenSource(Pair pair) throws Exception {
        survives(pair, () -> sites.sourceServer.pause(), () -> sites.sourceServer.resume());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aFrozenTarget(Pair pair) throws Exception {
        survives(pair, () -> sites.targetServer.pause(), () -> sites.targetServer.resume());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aSourceThatIsCutOff(Pair pair) throws Exception {
        survives(pair, () -> outage(toSource), () -> toSource.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTargetThatIsCutOff(Pair pair) throws Exception {
        survives(pair, () -> outage(toTarget), () -> toTarget.heal());
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRES_TO_POSTGRES")
    void aSourceWhoseBytesStop(Pair pair) throws Exception {
        survives(pair, () -> toSource.stall(), () -> toSource.heal());
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRES_TO_POSTGRES")
    void aTargetWhoseBytesStop(Pair pair) throws Exception {
        survives(pair, () -> toTarget.stall(), () -> toTarget.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aSourceWhoseAnswersStop(Pair pair) throws Exception {
        survives(pair, () -> toSource.stall(Direction.TO_CLIENT), () -> toSource.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTargetWhoseAnswersStop(Pair pair) throws Exception {
        survives(pair, () -> toTarget.stall(Direction.TO_CLIENT), () -> toTarget.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aSourceThatIsHalfOpen(Pair pair) throws Exception {
        survives(
                pair,
                () -> {
                    toSource.refuse();
                    toSource.halfOpen();
                },
                () -> toSource.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTargetThatIsHalfOpen(Pair pair) throws Exception {
        survives(
                pair,
                () -> {
                    toTarget.refuse();
                    toTarget.halfOpen();
                },
                () -> toTarget.heal());
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void connectionsThatAreDeadWithoutAWordAreReplaced(Pair pair) throws Exception {
        replicate(pair);
        toSource.halfOpen();
        load.watch(gateway, Duration.ofSeconds(2));
        recovers();
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_MYSQL"})
    void connectionsThatBreakAgainAndAgain(Pair pair) throws Exception {
        replicate(pair);
        for (int i = 0; i < 10; i++) {
            (i % 2 == 0 ? toSource : toTarget).reset();
            load.awaitMore(10);
            (i % 2 == 0 ? toTarget : toSource).cut();
            load.awaitMore(10);
        }
        recovers();
    }

    private static void outage(FaultProxy proxy) {
        proxy.refuse();
        proxy.reset();
    }

    private void survives(Pair pair, Runnable fault, Runnable mend) throws Exception {
        replicate(pair);
        load.awaitMore(20);
        fault.run();
        try {
            load.watch(gateway, OUTAGE);
            // A driver that waits for an answer, and then for the end of its asking for it, is
            // slow.
            Watching.awaitOutageTold(gateway);
            PipelineStatus status = Watching.status(gateway);
            assertThat(status.exposure().basis()).isNotEqualTo(Basis.IDLE);
            assertThat(Objects.requireNonNull(status.exposure().age()))
                    .as("the RPO grew with the outage")
                    .isGreaterThan(OUTAGE.minusSeconds(2));
            assertThat(status.state()).isNotEqualTo(PipelineState.FAILED);
        } finally {
            mend.run();
        }
        recovers();
    }

    private void recovers() throws Exception {
        load.awaitMore(20);
        Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(90));
        load.stop();
        sites.awaitEqual(Duration.ofSeconds(90), List.of("public.tick"));
        TwoSites.await(
                Duration.ofSeconds(60),
                () ->
                        Objects.requireNonNull(Watching.status(gateway).exposure().age())
                                        .compareTo(Duration.ofSeconds(1))
                                < 0);
        assertThat(Watching.status(gateway).failure()).isNull();
        load.requireConfirmedIsDurable();
    }
}
