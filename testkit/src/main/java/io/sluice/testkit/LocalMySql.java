package io.sluice.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A MySQL run from an installation's program, as one process of this machine. */
final class LocalMySql implements MySqlServer {
    private static final Logger log = LoggerFactory.getLogger(LocalMySql.class);
    private static final String SUPERUSER = "root";
    private static final int PORT_ATTEMPTS = 5;
    private static final Duration START = Duration.ofSeconds(120); // recovery included
    private static final Duration ORDERLY = Duration.ofSeconds(60);
    private static final Duration AT_ONCE = Duration.ofSeconds(10);
    private static final Duration KILLED = Duration.ofSeconds(60); // it may wait for a disk

    private final MySqlBinaries binaries;
    private final MySqlFolder folder;
    private final OrphanGuard guard;
    private final String password;
    private int port;
    private @Nullable Process process;
    private boolean closed;

    private LocalMySql(MySqlBinaries binaries, MySqlFolder folder, String password) {
        this.binaries = binaries;
        this.folder = folder;
        this.password = password;
        this.guard = OrphanGuard.over(folder.path());
    }

    /** Makes a new server and starts it. */
    static LocalMySql create(
            MySqlBinaries binaries, Durability durability, Map<String, String> settings) {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        LocalMySql server =
                new LocalMySql(binaries, MySqlFolder.create(), HexFormat.of().formatHex(random));
        try {
            server.folder.initialize(binaries, settings, SUPERUSER, server.password);
            server.startOnFreePort(durability, settings);
            Files.delete(server.folder.firstStatements());
            return server;
        } catch (IOException e) {
            server.close();
            throw new ServerException("cannot remove " + server.folder.firstStatements(), e);
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
                boolean taken = folder.endOfLog().contains("Address already in use");
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
        return process != null && process.isAlive();
    }

    @Override
    public synchronized void start() {
        if (closed || isRunning()) {
            throw new ServerException(
                    "the server on port " + port + (closed ? " is closed" : " runs already"));
        }
        long begin = System.nanoTime();
        long logged = Files.exists(folder.log()) ? folder.log().toFile().length() : 0;
        Process started = launch();
        process = started;
        boolean late = !Waiting.within(START, () -> isReady(logged) || !started.isAlive());
        if (late || !started.isAlive()) {
            started.destroyForcibly();
            throw new ServerException(
                    "MySQL " + binaries.version() + " did not start:\n" + folder.endOfLog());
        }
        log.info(
                "MySQL {} on port {} started in {} ms, process {}",
                binaries.version(),
                port,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin),
                started.pid());
    }

    /** The shell writes the process down before it becomes the server: the guard misses none. */
    private Process launch() {
        List<String> options =
                Files.exists(folder.firstStatements())
                        ? List.of("--init-file=" + folder.firstStatements())
                        : List.of();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "sh",
                                "-c",
                                "echo $$ > \"$0\"; exec \"$@\"",
                                folder.processFile().toString()));
        command.addAll(folder.command(binaries, options));
        try {
            return Commands.builder(new ServerUser(null).command(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new ServerException("cannot run " + binaries.program().getFirst(), e);
        }
    }

    /** The server's last word of its start, which names the port that it listens on. */
    private boolean isReady(long logged) {
        try (var written = Files.newInputStream(folder.log())) {
            written.skipNBytes(logged);
            return new String(written.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .anyMatch(
                            line ->
                                    line.contains("ready for connections")
                                            && line.contains("port: " + port));
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public synchronized void stop() {
        end("TERM", ORDERLY);
    }

    @Override
    public synchronized void kill() {
        end("KILL", AT_ONCE);
    }

    /** Sends the signal and waits until the server is gone. */
    private void end(String signal, Duration patience) {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        Commands.signal(signal, LongStream.of(running.pid()));
        Commands.signal("CONT", LongStream.of(running.pid())); // a frozen one hears nothing
        if (!Waiting.within(patience, () -> !running.isAlive())) {
            log.warn("the server on port {} did not stop in order; it is killed", port);
            running.destroyForcibly();
            Waiting.until(
                    KILLED,
                    "the process of the server on port " + port + " to end",
                    () -> !running.isAlive());
        }
        process = null;
    }

    @Override
    public synchronized void pause() {
        Commands.signal("STOP", LongStream.of(running().pid()));
    }

    @Override
    public synchronized void resume() {
        Commands.signal("CONT", LongStream.of(running().pid()));
    }

    private Process running() {
        Process running = process;
        if (running == null || !running.isAlive()) {
            throw new ServerException("the server on port " + port + " does not run");
        }
        return running;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        end("KILL", AT_ONCE); // its data go away with it
        Folders.delete(folder.path());
        guard.close();
    }

    @Override
    public String toString() {
        return "MySQL " + binaries.version() + " on port " + port;
    }
}
