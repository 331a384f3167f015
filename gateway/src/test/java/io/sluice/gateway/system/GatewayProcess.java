package io.sluice.gateway.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The program in a process of its own, to be killed for real. */
public final class GatewayProcess implements AutoCloseable {

    private final Process process;
    private final List<String> errors = Collections.synchronizedList(new ArrayList<>());
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch failpoint = new CountDownLatch(1);
    private final Thread errorReader;
    private final Thread outputReader;

    private GatewayProcess(List<String> jvmOptions, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1"); // short lives; an option of the test's own wins
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.sluice.gateway.cli.Main");
        command.addAll(arguments);
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        errorReader = Thread.ofVirtual().start(() -> read(process.errorReader(), errors));
        outputReader = Thread.ofVirtual().start(() -> read(process.inputReader(), output));
    }

    public static GatewayProcess start(String... arguments) {
        return new GatewayProcess(List.of("-Xmx256m", "-XX:+UseSerialGC"), List.of(arguments));
    }

    public static GatewayProcess startWith(List<String> jvmOptions, String... arguments) {
        return new GatewayProcess(jvmOptions, List.of(arguments));
    }

    private void read(BufferedReader reader, List<String> lines) {
        try (reader) {
            String line;
            while ((line = reader.readLine()) != null) {
                lines.add(line);
                if (line.startsWith("failpoint ")) {
                    failpoint.countDown();
                }
            }
        } catch (IOException e) {
            // the process has ended
        }
    }

    /** Waits until the armed failpoint is reached; false if it was not in time. */
    public boolean awaitFailpoint(long seconds) throws InterruptedException {
        return failpoint.await(seconds, TimeUnit.SECONDS);
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** SIGSTOP: it stands still, with its connections open. */
    public void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            Process kill =
                    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("cannot signal the gateway; it says:\n" + errors());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The most memory that it has ever held, in bytes; works as long as it lives. */
    public long peakResidentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                            .findFirst()
                            .orElseThrow()
                    * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end and says how it ended. */
    public int awaitExit(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("the gateway did not end; it says:\n" + errors());
        }
        errorReader.join();
        outputReader.join();
        return process.exitValue();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public String errors() {
        return String.join("\n", List.copyOf(errors));
    }

    public String output() {
        return String.join("\n", List.copyOf(output));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
