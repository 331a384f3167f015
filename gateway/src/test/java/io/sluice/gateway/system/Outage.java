package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A gateway between two servers of one pair of engines, which a fault befalls. Two are at work at
 * the same time only in different pairs, for each pair has its own servers.
 */
final class Outage implements AutoCloseable {

    private static final Duration LENGTH = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofSeconds(180);

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

    private record Ends(DatabaseServer source, DatabaseServer target) {}

    private static final Map<Pair, Ends> SERVERS = new ConcurrentHashMap<>();

    final TwoSites sites;

    private final Pair pair;
    private final LoadWithTimes load;
    private @Nullable FaultProxy toSource;
    private @Nullable FaultProxy toTarget;
    private @Nullable Gateway gateway;

    Outage(Pair pair) {
        this.pair = pair;
        Ends ends =
                SERVERS.computeIfAbsent(
                        pair, made -> new Ends(server(made.fromMySql), server(made.toMySql)));
        running(ends.source());
        running(ends.target());
        sites =
                TwoSites.between(ends.source(), ends.target())
                        .with("heartbeat: 200ms")
                        .with("copy: {workers: 2, chunkSize: 256KiB}");
        load = new LoadWithTimes(sites);
    }

    FaultProxy toSource() {
        return Objects.requireNonNull(toSource);
    }

    FaultProxy toTarget() {
        return Objects.requireNonNull(toTarget);
    }

    private static DatabaseServer server(boolean mysql) {
        return mysql ? Servers.mysql(Durability.REAL) : Servers.postgres(Durability.REAL);
    }

    /** Where the fault before this one was not mended. */
    private static void running(DatabaseServer server) {
        if (!server.isRunning()) {
            server.start();
        }
    }

    /** One driver counts seconds, the other milliseconds. */
    private static String patience(boolean mysql) {
        return mysql
                ? "socketTimeout=3000&connectTimeout=3000"
                : "socketTimeout=3&connectTimeout=3";
    }

    static void closeServers() {
        for (Ends ends : SERVERS.values()) {
            ends.source().close();
            ends.target().close();
        }
        SERVERS.clear();
    }

    /** What is done to an outage's servers or links. */
    @FunctionalInterface
    interface Step {
        void on(Outage outage) throws Exception;
    }

    /** Through links that can be broken, and with little patience. */
    private Gateway replicate() {
        sites.with("stallTimeout: 2s")
                .with("apply: {statementTimeout: 3s}")
                .urlParameter("source", patience(pair.fromMySql))
                .urlParameter("target", patience(pair.toMySql));
        toSource = sites.proxySource();
        toTarget = sites.proxyTarget();
        Gateway started = new Gateway(sites.config());
        gateway = started;
        Watching.awaitStreaming(started);
        load.start();
        return started;
    }

    /** The pipeline comes back by itself, and meanwhile tells the truth. */
    void survives(Step fault, Step mend) throws Exception {
        Gateway running = replicate();
        load.awaitMore(20);
        fault.on(this);
        try {
            load.watch(running, LENGTH);
            // A driver that waits for an answer, and then for the end of its asking for it, is
            // slow.
            Watching.awaitOutageTold(running);
            PipelineStatus status = Watching.status(running);
            assertThat(status.exposure().basis()).isNotEqualTo(Basis.IDLE);
            assertThat(Objects.requireNonNull(status.exposure().age()))
                    .as("the RPO grew with the outage")
                    .isGreaterThan(LENGTH.minusSeconds(2));
            assertThat(status.state()).isNotEqualTo(PipelineState.FAILED);
        } finally {
            mend.on(this);
        }
        recovers(running);
    }

    /** Nobody mends these: new ones take their place. */
    void survivesThatConnectionsAreDead(boolean ofSource) throws Exception {
        Gateway running = replicate();
        (ofSource ? toSource() : toTarget()).halfOpen();
        load.watch(running, Duration.ofSeconds(2));
        recovers(running);
    }

    void survivesThatConnectionsBreak(int times) throws Exception {
        Gateway running = replicate();
        for (int i = 0; i < times; i++) {
            (i % 2 == 0 ? toSource() : toTarget()).reset();
            load.awaitMore(10);
            (i % 2 == 0 ? toTarget() : toSource()).cut();
            load.awaitMore(10);
        }
        recovers(running);
    }

    private void recovers(Gateway running) throws Exception {
        load.awaitMore(20);
        Watching.awaitState(running, PipelineState.STREAMING, PATIENCE);
        load.stop();
        sites.awaitEqual(PATIENCE, List.of("public.tick"));
        TwoSites.await(
                PATIENCE,
                () ->
                        Objects.requireNonNull(Watching.status(running).exposure().age())
                                        .compareTo(Duration.ofSeconds(1))
                                < 0);
        assertThat(Watching.status(running).failure()).isNull();
        load.requireConfirmedIsDurable();
    }

    /** A trigger of the target holds one part of the copy up at a row until the test lets go. */
    void survivesAKillAmidTheCopy(boolean ofSource) throws Exception {
        String table = "CREATE TABLE item (id bigint PRIMARY KEY, v varchar(200))";
        sites.onSource(
                table,
                "INSERT INTO item SELECT g, repeat('v', 150) FROM " + pair.numbers(20_000),
                (pair.fromMySql ? "ANALYZE TABLE" : "ANALYZE") + " item");
        sites.onTarget(table);
        sites.onTarget(pair.toMySql ? HOLDING_ON_MYSQL : HOLDING);
        Gateway running;
        try (Connection holder = sites.target();
                Statement statement = holder.createStatement()) {
            statement.execute(
                    pair.toMySql ? "SELECT get_lock('copy', 0)" : "SELECT pg_advisory_lock(1)");
            running = new Gateway(sites.config());
            gateway = running;
            sites.awaitOnTarget(
                    pair.toMySql
                            ? "SELECT count(*) FROM information_schema.processlist WHERE state ="
                                    + " 'User lock'"
                            : "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT"
                                    + " granted",
                    "1");
            DatabaseServer killed = ofSource ? sites.sourceServer : sites.targetServer;
            killed.kill();
            if (ofSource) {
                statement.execute(
                        pair.toMySql ? "DO release_lock('copy')" : "SELECT pg_advisory_unlock(1)");
            }
            Watching.awaitRetry(running);
            killed.start();
        }
        Watching.awaitState(running, PipelineState.STREAMING, PATIENCE);
        sites.awaitEqual(PATIENCE, List.of("public.item"));
    }

    @Override
    public void close() throws Exception {
        load.close();
        if (gateway != null) {
            gateway.close();
        }
        sites.close();
    }
}
