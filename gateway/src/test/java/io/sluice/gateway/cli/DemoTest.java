package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.system.GatewayProcess;
import io.sluice.gateway.system.TwoSites;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a process of its own, whose servers and folders lie where they can be counted. */
class DemoTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    /** Servers that run as another user have to reach their own folders in it. */
    @BeforeEach
    void letOthersPass() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aDemoOfSomeSecondsTellsThatAllSidesAreEqualAndLeavesNothingBehind() throws Exception {
        try (GatewayProcess demo = demo("--duration", "3s")) {
            List<ProcessHandle> started = awaitServers(demo);

            assertThat(demo.awaitExit(120)).as(demo.output() + demo.errors()).isZero();

            assertThat(demo.output())
                    .containsPattern("(?m)^us-east  jdbc:postgresql://127\\.0\\.0\\.1:\\d+/shop")
                    .containsPattern("(?m)^eu-west  jdbc:postgresql://127\\.0\\.0\\.1:\\d+/shop")
                    .containsPattern(
                            "(?m)^[1-9][\\d,]* source transactions, [1-9][\\d,]* changes applied\\.$")
                    .containsPattern(
                            "(?m)^[1-9][\\d,]* bookings in two regions, [1-9][\\d,]* conflicts settled and on record\\.$")
                    .contains("All sides are equal, row by row.");
            assertThat(demo.errors()).isEmpty();
            awaitNothingLeft(started);
        }
    }

    @Test
    void aDemoThatIsEndedLeavesNothingBehind() throws Exception {
        try (GatewayProcess demo = demo()) {
            List<ProcessHandle> started = awaitServers(demo);

            demo.terminate();

            demo.awaitExit(30);
            awaitNothingLeft(started);
        }
    }

    private GatewayProcess demo(String... options) {
        return GatewayProcess.startWith(
                List.of("-Xmx256m", "-Djava.io.tmpdir=" + folder),
                Stream.concat(Stream.of("demo"), Stream.of(options)).toArray(String[]::new));
    }

    /** Waits until all servers and the gateway run, and returns all that the demo has started. */
    private List<ProcessHandle> awaitServers(GatewayProcess demo) {
        try {
            TwoSites.await(PATIENCE, () -> demo.output().contains("metrics  http://"));
        } catch (RuntimeException e) {
            throw new AssertionError(demo.output() + demo.errors(), e);
        }
        boolean withMySql = !demo.output().contains("There is no MySQL to be had here");
        assertThat(folders()).hasSize(withMySql ? 3 : 2);
        List<ProcessHandle> started =
                ProcessHandle.of(demo.pid()).orElseThrow().descendants().toList();
        assertThat(started.stream().filter(ProcessHandle::isAlive)).hasSizeGreaterThan(2);
        return started;
    }

    private void awaitNothingLeft(List<ProcessHandle> started) {
        try {
            TwoSites.await(
                    PATIENCE,
                    () ->
                            folders().isEmpty()
                                    && started.stream().noneMatch(ProcessHandle::isAlive));
        } catch (RuntimeException e) {
            List<ProcessHandle> left = started.stream().filter(ProcessHandle::isAlive).toList();
            throw new AssertionError("left are %s and %s".formatted(folders(), left), e);
        }
    }

    private List<Path> folders() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
