package io.sluice.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL run from an installation's programs, as a process of this machine.
 *
 * <p>The process started is the server's main process itself, the postmaster; each connection has a
 * child of it.
 */
final class LocalPostgres implements PostgresServer {
    private static final Logger log = LoggerFactory.getLogger(LocalPostgres.class);
    private static final String SUPERUSER = "postgres";
    private static final int PORT_ATTEMPTS = 5;
    private static final int READY_LINE = 7; // of postmaster.pid, counted from 0
    private static final Duration START = Duration.ofSeconds(120); // recovery included
    private static final Duration ORDERLY = Duration.ofSeconds(60);
    private static final Duration AT_ONCE = Duration.ofSeconds(10);
    private static final Duration KILLED = Duration.ofSeconds(60); // it may wait for a disk

    private final PostgresBinaries binaries;
    private final PostgresFolder folder;
    private final OrphanGuard guard;
    private final String password;
    private int port;
    private @Nullable Process postmaster;
    private boolean closed;

    private LocalPostgres(PostgresBinaries binaries, PostgresFolder folder, String password) {
        this.binaries = binaries;
        this.folder = folder;
        this.password = password;
        this.guard = OrphanGuard.over(folder.path());
    }

    /** Makes a new server and starts it. */
    static LocalPostgres create(
            PostgresBinaries binaries, Durability durability, Map<String, String> settings) {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        LocalPostgres server =
                new LocalPostgres(
                        binaries, PostgresFolder.create(), HexFormat.of().formatHex(random));
        try {
            server.folder.initialize(binaries, SUPERUSER, server.password);
            server.startOnFreePort(durability, settings);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void startOnFreePort(Durability durability, Map<String, String> settings) {
        for (int attempt = 1; ; attempt++) {
            port = FreePort.find();
            folder.configure(port, durability, settings);
            try {
                start();
                return;
            } catch (ServerException e) {
                boolean taken = folder.endOfLog().contains("could not bind");
                if (!taken || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String superuser() {
        return SUPERUSER;
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public Path log() {
        return folder.log();
    }

    @Override
    public synchronized boolean isRunning() {
        return postmaster != null && postmaster.isAlive();
    }

    @Override
    public synchronized void start() {
        if (closed || isRunning()) {
            throw new ServerException(
                    "the server on port " + port + (closed ? " is closed" : " runs already"));
        }
        long begin = System.nanoTime();
        Process process = launch();
        postmaster = process;
        boolean late = !Waiting.within(START, () -> isReady(process) || !process.isAlive());
        if (late || !process.isAlive()) {
            process.destroyForcibly();
            throw new ServerException(
                    "PostgreSQL " + binaries.major() + " did not start:\n" + folder.endOfLog());
        }
        log.info(
                "PostgreSQL {} on port {} started in {} ms, process {}",
                binaries.major(),
                port,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
                process.pid());
    }

    private Process launch() {
        List<String> command =
                folder.user()
                        .command(
                                List.of(
                                        binaries.program("postgres"),
                                        "-D",
                                        folder.data().toString()));
        ProcessBuilder builder = Commands.builder(command);
        if (binaries.locales() != null) {
            builder.environment().put("LOCPATH", binaries.locales().toString());
        }
        try {
            return builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new ServerException("cannot run " + command.getFirst(), e);
        }
    }

    /** The postmaster keeps a word about its state in its lock file. */
    private boolean isReady(Process process) {
        try (Stream<String> lines = Files.lines(folder.data().resolve("postmaster.pid"))) {
            List<String> file = lines.toList();
            return file.size() > READY_LINE
                    && file.getFirst().strip().equals(Long.toString(process.pid()))
                    && file.get(READY_LINE).strip().equals("ready");
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    @Override
    public synchronized void stop() {
        end("INT", ORDERLY);
    }

    @Override
    public synchronized void kill() {
        end("KILL", AT_ONCE);
    }

    /**
     * Sends the signal and waits until the whole server is gone. Its children notice the end of the
     * postmaster by themselves; one that computes without looking up is killed, since the next
     * start would find it in its way.
     */
    private void end(String signal, Duration patience) {
        Process process = postmaster;
        if (process == null || !process.isAlive()) {
            return;
        }
        List<ProcessHandle> children = process.descendants().toList();
        Commands.signal(signal, LongStream.of(process.pid()));
        Commands.signal("CONT", pids(process.toHandle(), children)); // a frozen one hears nothing
        if (!Waiting.within(patience, () -> !process.isAlive())) {
            log.warn("the server on port {} did not stop in order; it quits at once", port);
            Commands.signal("QUIT", LongStream.of(process.pid()));
        }
        boolean gone =
                Waiting.within(AT_ONCE, () -> !process.isAlive())
                        && Waiting.within(AT_ONCE, () -> noneAlive(children));
        if (!gone) {
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
            Waiting.until(
                    KILLED,
                    "the processes of the server on port " + port + " to end",
                    () -> !process.isAlive() && noneAlive(children));
        }
        postmaster = null;
    }

    private static boolean noneAlive(List<ProcessHandle> processes) {
        return processes.stream().noneMatch(ProcessHandle::isAlive);
    }

    private static LongStream pids(ProcessHandle postmaster, List<ProcessHandle> children) {
        return LongStream.concat(
                children.stream().mapToLong(ProcessHandle::pid), LongStream.of(postmaster.pid()));
    }

    @Override
    public synchronized void pause() {
        Process process = running();
        // The postmaster first, so that no child is born that would go on.
        Commands.signal("STOP", LongStream.of(process.pid()));
        Commands.signal("STOP", process.descendants().mapToLong(ProcessHandle::pid));
    }

    @Override
    public synchronized void resume() {
        Process process = running();
        Commands.signal("CONT", pids(process.toHandle(), process.descendants().toList()));
    }

    private Process running() {
        Process process = postmaster;
        if (process == null || !process.isAlive()) {
            throw new ServerException("the server on port " + port + " does not run");
        }
        return process;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        end("QUIT", AT_ONCE);
        Folders.delete(folder.path());
        guard.close();
    }

    @Override
    public String toString() {
        return "PostgreSQL " + binaries.major() + " on port " + port;
    }
}
