package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrphanGuardTest {
    @ParameterizedTest
    @ValueSource(strings = {"postgres", "postgres paused", "mysql", "mysql paused"})
    void aServerDoesNotOutliveAKilledJvm(String arguments) throws Exception {
        Process jvm = startServerInAnotherJvm(arguments);
        Path folder = folderPrintedBy(jvm);
        List<ProcessHandle> processes = processesNaming(folder);
        assertThat(processes).hasSizeGreaterThanOrEqualTo(2); // the server and its guard

        jvm.destroyForcibly().waitFor();

        await().atMost(Duration.ofSeconds(60))
                .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        await().atMost(Duration.ofSeconds(60)).until(() -> !Files.exists(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "mysql"})
    void aServerDoesNotOutliveAJvmThatEndsByItself(String arguments) throws Exception {
        Process jvm = startServerInAnotherJvm(arguments);
        Path folder = folderPrintedBy(jvm);
        List<ProcessHandle> processes = processesNaming(folder);
        jvm.getOutputStream().close();
        jvm.waitFor();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
        await().atMost(Duration.ofSeconds(60)).until(() -> !Files.exists(folder));
    }

    private static Process startServerInAnotherJvm(String arguments) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                ServerStarter.class.getName()));
        command.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static Path folderPrintedBy(Process jvm) throws IOException {
        BufferedReader lines = jvm.inputReader(StandardCharsets.UTF_8);
        for (String line; (line = lines.readLine()) != null; ) {
            if (line.startsWith("folder ")) {
                return Path.of(line.substring("folder ".length()));
            }
        }
        throw new AssertionError("the other JVM started no server");
    }

    private static List<ProcessHandle> processesNaming(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(
                        process ->
                                process.info().commandLine().orElse("").contains(folder.toString()))
                .toList();
    }
}
