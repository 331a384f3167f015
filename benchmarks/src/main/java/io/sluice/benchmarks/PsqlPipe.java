package io.sluice.benchmarks;

import io.sluice.testkit.DatabaseServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The table {@code big} from one {@code psql} to another, as bytes that nobody looks at. */
final class PsqlPipe {

    private PsqlPipe() {}

    /** How long it takes, with the start of both programs. */
    static double seconds(Sites sites) throws IOException, InterruptedException {
        long began = System.nanoTime();
        List<Process> pipe =
                ProcessBuilder.startPipeline(
                        List.of(
                                psql(sites.source(), "COPY big TO STDOUT (FORMAT binary)"),
                                psql(sites.target(), "COPY big FROM STDIN (FORMAT binary)")));
        for (Process process : pipe) {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(
                        "psql failed: "
                                + new String(
                                        process.getErrorStream().readAllBytes(),
                                        StandardCharsets.UTF_8));
            }
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private static ProcessBuilder psql(DatabaseServer server, String copy) {
        ProcessBuilder builder =
                new ProcessBuilder(
                        "psql",
                        "-X",
                        "-q",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-h",
                        server.host(),
                        "-p",
                        Integer.toString(server.port()),
                        "-U",
                        server.superuser(),
                        "-d",
                        "benchmark",
                        "-c",
                        copy);
        builder.environment()
                .putAll(Map.of("PGPASSWORD", server.password(), "PGSSLMODE", "disable"));
        return builder;
    }
}
