package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Lsn;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.FaultProxy.Direction;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A database that is killed, cut off, stalled or frozen under a load: the pipeline comes back by
 * itself, and meanwhile tells the truth about what would be lost.
 */
@Tag("slow")
class OutageTest {

    private static final Duration OUTAGE = Duration.ofSeconds(6);

    private static PostgresServer sourceServer;
    private static PostgresServer targetServer;

    private TwoSites sites;
    private FaultProxy toSource;
    private FaultProxy toTarget;
    private Gateway gateway;
    private LoadWithTimes load;

    @BeforeAll
    static void servers() {
        sourceServer = Servers.postgres(Durability.REAL);
        targetServer = Servers.postgres(Durability.REAL);
    }

    @AfterAll
    static void closeServers() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void replicate() {
        sites =
                TwoSites.between(sourceServer, targetServer)
                        .with("heartbeat: 200ms")
                        .with("stallTimeout: 2s")
                        .with("apply: {statementTimeout: 3s}")
                        .urlParameter("source", "socketTimeout=3&connectTimeout=3")
                        .urlParameter("target", "socketTimeout=3&connectTimeout=3");
        toSource = sites.proxySource();
        toTarget = sites.proxyTarget();
        load = new LoadWithTimes(sites);
        gateway = new Gateway(sites.config());
        Watching.awaitStreaming(gateway);
        load.start();
    }

    @AfterEach
    void close() throws Exception {
        load.close();
        gateway.close();
        sites.close();
    }

    @Test
    void aKilledSource() throws Exception {
        survives(sourceServer::kill, sourceServer::start);
    }

    @Test
    void aKilledTarget() throws Exception {
        survives(targetServer::kill, targetServer::start);
    }

    @Test
    void aTargetThatIsStoppedInOrderAndStartedAgain() throws Exception {
        survives(targetServer::stop, targetServer::start);
    }

    @Test
    void aFrozenSource() throws Exception {
        survives(sourceServer::pause, sourceServer::resume);
    }

    @Test
    void aFrozenTarget() throws Exception {
        survives(targetServer::pause, targetServer::resume);
    }

    @Test
    void aSourceThatIsCutOff() throws Exception {
        survives(() -> outage(toSource), toSource::heal);
    }

    @Test
    void aTargetThatIsCutOff() throws Exception {
        survives(() -> outage(toTarget), toTarget::heal);
    }

    @Test
    void aSourceWhoseBytesStop() throws Exception {
        survives(toSource::stall, toSource::heal);
    }

    @Test
    void aTargetWhoseBytesStop() throws Exception {
        survives(toTarget::stall, toTarget::heal);
    }

    @Test
    void aSourceWhoseAnswersStop() throws Exception {
        survives(() -> toSource.stall(Direction.TO_CLIENT), toSource::heal);
    }

    @Test
    void aTargetWhoseAnswersStop() throws Exception {
        survives(() -> toTarget.stall(Direction.TO_CLIENT), toTarget::heal);
    }

    @Test
    void aSourceThatIsHalfOpen() throws Exception {
        survives(
                () -> {
                    toSource.refuse();
                    toSource.halfOpen();
                },
                toSource::heal);
    }

    @Test
    void aTargetThatIsHalfOpen() throws Exception {
        survives(
                () -> {
                    toTarget.refuse();
                    toTarget.halfOpen();
                },
                toTarget::heal);
    }

    @Test
    void connectionsThatAreDeadWithoutAWordAreReplaced() throws Exception {
        toSource.halfOpen();
        load.watch(gateway, Duration.ofSeconds(2));
        recovers();
    }

    @Test
    void connectionsThatBreakAgainAndAgain() throws Exception {
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

    private void survives(Runnable fault, Runnable mend) throws Exception {
        load.awaitMore(20);
        fault.run();
        try {
            load.watch(gateway, OUTAGE);
            PipelineStatus status = Watching.status(gateway);
            assertThat(status.exposure().basis()).isNotEqualTo(Basis.IDLE);
            assertThat(Objects.requireNonNull(status.exposure().age()))
                    .as("the RPO grew with the outage")
                    .isGreaterThan(OUTAGE.minusSeconds(2));
            assertThat(status.failure() != null || !status.sourceReachable())
                    .as("the outage is told by %s", status)
                    .isTrue();
            assertThat(status.state()).isNotEqualTo(PipelineState.FAILED);
        } finally {
            mend.run();
        }
        recovers();
    }

    private void recovers() throws Exception {
        load.awaitMore(20);
        Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(40));
        load.stop();
        sites.awaitEqual(Duration.ofSeconds(40), List.of("public.load"));
        TwoSites.await(
                Duration.ofSeconds(10),
                () ->
                        Objects.requireNonNull(Watching.status(gateway).exposure().age())
                                        .compareTo(Duration.ofSeconds(1))
                                < 0);
        assertThat(Watching.status(gateway).failure()).isNull();
        Lsn confirmed = load.confirmed();
        assertThat(load.checkpoint().compareTo(confirmed)).isNotNegative();
    }
}
