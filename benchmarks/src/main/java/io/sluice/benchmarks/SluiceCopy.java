package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.MySqlServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One copy by the gateway in a process of its own, with little memory. */
final class SluiceCopy {

    private static final String HEAP = "-Xmx256m";

    /** As the collector's log says it: used before, used after, in all. */
    private static final Pattern COLLECTION = Pattern.compile(" (\\d+)M->(\\d+)M\\(\\d+M\\)");

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Sites sites;

    /**
     * @param peakHeapMebibytes what was used at most, garbage included
     * @param liveHeapMebibytes what was used at most right after a collection
     */
    record Result(double rowsPerSecond, int peakHeapMebibytes, int liveHeapMebibytes) {}

    SluiceCopy(Sites sites) {
        this.sites = sites;
    }

    Result run(int rows) throws IOException, InterruptedException, SQLException {
        Path folder = Files.createTempDirectory("sluice-copy");
        Path config = Files.writeString(folder.resolve("sluice.yaml"), yaml());
        Path collections = folder.resolve("gc.log");
        Path log = folder.resolve("gateway.log");
        Process gateway = start(config, collections, log);
        try {
            double seconds = seconds(gateway, log);
            gateway.destroy();
            gateway.waitFor(20, TimeUnit.SECONDS);
            return result(rows / seconds, Files.readString(collections));
        } finally {
            gateway.destroyForcibly();
            for (Path file : List.of(config, collections, log, folder)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private double seconds(Process gateway, Path log) throws IOException, SQLException {
        long began = 0;
        try (Connection connection = sites.target().connect(sites.database());
                Statement statement = connection.createStatement()) {
            while (true) {
                if (!gateway.isAlive()) {
                    throw new IllegalStateException("the gateway ended: " + Files.readString(log));
                }
                if (began == 0 && isTrue(statement, sites.to().copying())) {
                    began = System.nanoTime();
                }
                if (isTrue(statement, "SELECT phase = 'STREAMING' FROM sluice.checkpoint")) {
                    if (began == 0) {
                        throw new IllegalStateException("the copy was too short to be measured");
                    }
                    return (System.nanoTime() - began) / 1e9;
                }
                // MySQL tells of transactions anew only to who has not asked for a tenth of a
                // second.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(began == 0 ? 110 : 20));
            }
        }
    }

    /** False also where there is nothing to ask yet. */
    private static boolean isTrue(Statement statement, String sql) {
        try (ResultSet result = statement.executeQuery(sql)) {
            return result.next() && result.getBoolean(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private static Result result(double rate, String collections) {
        int peak = 0;
        int live = 0;
        Matcher collection = COLLECTION.matcher(collections);
        while (collection.find()) {
            peak = Math.max(peak, Integer.parseInt(collection.group(1)));
            live = Math.max(live, Integer.parseInt(collection.group(2)));
        }
        return new Result(rate, peak, live);
    }

    private Process start(Path config, Path collections, Path log) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        HEAP,
                        "-Xlog:gc:file=" + collections,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.sluice.gateway.cli.Main",
                        "run",
                        "-c",
                        config.toString());
        builder.environment().put("SOURCE", sites.source().password());
        builder.environment().put("TARGET", sites.target().password());
        File output = log.toFile();
        return builder.redirectErrorStream(true).redirectOutput(output).start();
    }

    /** A name of its own for each: the source remembers the pipelines that it keeps its log for. */
    private String yaml() {
        return """
        gateway: {name: benchmark, http: {listen: "127.0.0.1:0"}}
        databases:
          source: {url: "%s", username: %s, password: "${env:SOURCE}"}
          target: {url: "%s", username: %s, password: "${env:TARGET}"}
        replications:
          copy%d: {mode: transactional, source: source, target: target, tables: ["*.big"]}
        """
                .formatted(
                        url(sites.source()),
                        sites.source().superuser(),
                        url(sites.target()),
                        sites.target().superuser(),
                        COUNT.incrementAndGet());
    }

    /** As the servers' own connections go: not encrypted. */
    private String url(DatabaseServer server) {
        return server.url(sites.database())
                + (server instanceof MySqlServer
                        ? "?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                        : "?sslmode=disable");
    }
}
