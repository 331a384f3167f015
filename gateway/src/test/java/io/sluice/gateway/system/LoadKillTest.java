package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The gateway dies by SIGKILL in the middle of a load of whole tables. */
final class LoadKillTest {

    private static final List<String> FAILPOINTS =
            List.of("SHADOWS_CREATED", "CHUNK_COPIED:1", "SHADOWS_FILLED", "SWITCHED");

    @TempDir private Path folder;

    @Test
    void aKilledLoadShowsNothingHalfAndLeavesNothing() throws Exception {
        killAtEachFailpoint(Pair.POSTGRES_TO_POSTGRES, "snapshot", FAILPOINTS);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> soItIsInTheOtherPairs() {
        List<String> failpoints = List.of("CHUNK_COPIED:1", "TABLE_SWITCHED", "SWITCHED");
        return EveryPair.atOnce(
                List.of(Pair.POSTGRES_TO_MYSQL, Pair.MYSQL_TO_POSTGRES, Pair.MYSQL_TO_MYSQL),
                pair -> killAtEachFailpoint(pair, "full", failpoints));
    }

    private void killAtEachFailpoint(Pair pair, String mode, List<String> failpoints)
            throws Exception {
        try (TwoSites sites = pair.shared().mode(mode)) {
            LoadTest.accounts(pair, sites, "fresh", "made");
            sites.onTarget(
                    "CREATE TABLE made (id int PRIMARY KEY, n int)",
                    "CREATE TABLE made__sluice_mine (id int)");
            Path config = sites.configFile(Files.createDirectory(folder.resolve(pair.name())));
            finish(sites, config);
            for (String failpoint : failpoints) {
                sites.onSource("UPDATE fresh SET n = n + 1", "UPDATE made SET n = n + 1");
                Recopying.order(sites);
                killAt(failpoint, config);
                for (String table : List.of("fresh", "made")) {
                    assertThat(
                                    sites.queryTarget(
                                            "SELECT concat(count(*), ' ', max(n) - min(n)) FROM "
                                                    + table))
                            .as("%s after %s", table, failpoint)
                            .isEqualTo("500 0");
                }
            }
            finish(sites, config);
            assertThat(sites.compare(List.of("public.fresh", "public.made")).isEqual()).isTrue();
            LoadTest.requireNothingLeft(sites, List.of("made__sluice_mine"));
            assertThat(
                            sites.queryTarget(
                                    pair.toMySql
                                            ? "SELECT count(*) FROM sluice.`load` WHERE result ="
                                                    + " 'cut off'"
                                            : "SELECT count(*) FROM sluice.load WHERE result = 'cut"
                                                    + " off'"))
                    .isEqualTo(Integer.toString(failpoints.size()));
        }
    }

    private static void killAt(String failpoint, Path config) throws InterruptedException {
        try (GatewayProcess gateway =
                GatewayProcess.startWith(
                        List.of("-Xmx256m", "-Dsluice.failpoint=" + failpoint),
                        "run",
                        "-c",
                        config.toString())) {
            assertThat(gateway.awaitFailpoint(300))
                    .as("%s is reached\n%s", failpoint, gateway.errors())
                    .isTrue();
            gateway.kill();
        }
    }

    private static void finish(TwoSites sites, Path config) throws InterruptedException {
        try (GatewayProcess gateway =
                GatewayProcess.start(
                        "run",
                        "-c",
                        config.toString(),
                        "--until",
                        "caught-up",
                        "--timeout",
                        "5m")) {
            assertThat(gateway.awaitExit(330)).as(gateway.errors()).isZero();
        }
    }
}
