package io.sluice.gateway.system;

import io.sluice.gateway.system.Outage.Step;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.FaultProxy.Direction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * A database that is killed, cut off, stalled or frozen under a load: the pipeline comes back by
 * itself, and meanwhile tells the truth about what would be lost. All of it in every pair of
 * engines.
 */
@Tag("slow")
class OutageTest {

    @AfterAll
    static void closeServers() {
        Outage.closeServers();
    }

    private static Stream<DynamicTest> inEveryPair(Step course) {
        return EveryPair.atOnce(
                pair -> {
                    try (Outage outage = new Outage(pair)) {
                        course.on(outage);
                    }
                });
    }

    private static Stream<DynamicTest> survived(Step fault, Step mend) {
        return inEveryPair(outage -> outage.survives(fault, mend));
    }

    private static void cutOff(FaultProxy proxy) {
        proxy.refuse();
        proxy.reset();
    }

    private static void halfOpen(FaultProxy proxy) {
        proxy.refuse();
        proxy.halfOpen();
    }

    @TestFactory
    Stream<DynamicTest> aKilledSource() {
        return survived(
                outage -> outage.sites.sourceServer.kill(),
                outage -> outage.sites.sourceServer.start());
    }

    @TestFactory
    Stream<DynamicTest> aKilledTarget() {
        return survived(
                outage -> outage.sites.targetServer.kill(),
                outage -> outage.sites.targetServer.start());
    }

    @TestFactory
    Stream<DynamicTest> aTargetThatIsStoppedInOrderAndStartedAgain() {
        return survived(
                outage -> outage.sites.targetServer.stop(),
                outage -> outage.sites.targetServer.start());
    }

    @TestFactory
    Stream<DynamicTest> aFrozenSource() {
        return survived(
                outage -> outage.sites.sourceServer.pause(),
                outage -> outage.sites.sourceServer.resume());
    }

    @TestFactory
    Stream<DynamicTest> aFrozenTarget() {
        return survived(
                outage -> outage.sites.targetServer.pause(),
                outage -> outage.sites.targetServer.resume());
    }

    @TestFactory
    Stream<DynamicTest> aSourceThatIsCutOff() {
        return survived(outage -> cutOff(outage.toSource()), outage -> outage.toSource().heal());
    }

    @TestFactory
    Stream<DynamicTest> aTargetThatIsCutOff() {
        return survived(outage -> cutOff(outage.toTarget()), outage -> outage.toTarget().heal());
    }

    @TestFactory
    Stream<DynamicTest> aSourceWhoseBytesStop() {
        return survived(outage -> outage.toSource().stall(), outage -> outage.toSource().heal());
    }

    @TestFactory
    Stream<DynamicTest> aTargetWhoseBytesStop() {
        return survived(outage -> outage.toTarget().stall(), outage -> outage.toTarget().heal());
    }

    @TestFactory
    Stream<DynamicTest> aSourceWhoseAnswersStop() {
        return survived(
                outage -> outage.toSource().stall(Direction.TO_CLIENT),
                outage -> outage.toSource().heal());
    }

    @TestFactory
    Stream<DynamicTest> aTargetWhoseAnswersStop() {
        return survived(
                outage -> outage.toTarget().stall(Direction.TO_CLIENT),
                outage -> outage.toTarget().heal());
    }

    @TestFactory
    Stream<DynamicTest> aSourceThatIsHalfOpen() {
        return survived(outage -> halfOpen(outage.toSource()), outage -> outage.toSource().heal());
    }

    @TestFactory
    Stream<DynamicTest> aTargetThatIsHalfOpen() {
        return survived(outage -> halfOpen(outage.toTarget()), outage -> outage.toTarget().heal());
    }

    @TestFactory
    Stream<DynamicTest> aSourceThatIsKilledAmidAPartOfTheCopy() {
        return inEveryPair(outage -> outage.survivesAKillAmidTheCopy(true));
    }

    @TestFactory
    Stream<DynamicTest> aTargetThatIsKilledAmidAPartOfTheCopy() {
        return inEveryPair(outage -> outage.survivesAKillAmidTheCopy(false));
    }

    @TestFactory
    Stream<DynamicTest> connectionsToTheSourceThatAreDeadWithoutAWordAreReplaced() {
        return inEveryPair(outage -> outage.survivesThatConnectionsAreDead(true));
    }

    @TestFactory
    Stream<DynamicTest> connectionsToTheTargetThatAreDeadWithoutAWordAreReplaced() {
        return inEveryPair(outage -> outage.survivesThatConnectionsAreDead(false));
    }

    @TestFactory
    Stream<DynamicTest> connectionsThatBreakAgainAndAgain() {
        return inEveryPair(outage -> outage.survivesThatConnectionsBreak(10));
    }
}
