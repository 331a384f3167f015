package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.system.LogCapture;
import io.sluice.gateway.system.TwoSites;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.Servers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A MySQL and a PostgreSQL site, of which one has a wrong clock. */
class SiteClocksTest {

    private static final String[] WRONG = {
        "SET allow_system_table_mods = on",
        "ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO true_clock",
        "CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql"
                + " AS $$ SELECT pg_catalog.true_clock() - interval '1 minute' $$"
    };

    private static final String[] RIGHT = {
        "SET allow_system_table_mods = on",
        "DROP FUNCTION pg_catalog.clock_timestamp()",
        "ALTER FUNCTION pg_catalog.true_clock() RENAME TO clock_timestamp"
    };

    @TempDir private Path folder;

    @Test
    void aWrongClockIsToldByCheckTheLogAndTheMetric() throws Exception {
        try (TwoSites sites =
                        TwoSites.between(Servers.sharedMySql(), Servers.sharedPostgres())
                                .bothWays()
                                .tables("[\"*.item\"]")
                                .with("heartbeat: 200ms")
                                .with("maxClockSkew: 20s");
                LogCapture log = new LogCapture()) {
            FaultProxy way = sites.proxyTarget();
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)");
            sites.onTarget(
                    "CREATE TABLE item (id int PRIMARY KEY)",
                    "ALTER TABLE item REPLICA IDENTITY FULL");
            assertThat(check(sites)).doesNotContain("The clock of");
            sites.onTarget(WRONG);
            assertThat(check(sites))
                    .containsOnlyOnce("The clock of")
                    .containsPattern("warns +target: The clock of source is [0-9.]+ s ahead");

            try (Gateway gateway = new Gateway(sites.config())) {
                awaitSkew(gateway, "source->target", 60);
                awaitSkew(gateway, "target->source", -60);
                awaitLine(log, "test: The clock of source is [0-9.]+ s ahead of that of target");
                sites.onTarget(RIGHT);
                awaitSkew(gateway, "source->target", 0);
                awaitLine(log, "test: the clocks of source and target are [0-9.]+ s apart");
                way.refuse();
                way.cut();
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () ->
                                Double.isNaN(skew(gateway, "source->target"))
                                        && Double.isNaN(skew(gateway, "target->source")));
            }
        }
    }

    private String check(TwoSites sites) {
        StringWriter out = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.execute("check", "-c", sites.configFile(folder).toString());
        return out.toString();
    }

    private static void awaitLine(LogCapture log, String pattern) {
        TwoSites.await(
                Duration.ofSeconds(60), () -> Pattern.compile(pattern).matcher(log.text()).find());
    }

    private static void awaitSkew(Gateway gateway, String pipeline, double seconds) {
        TwoSites.await(
                Duration.ofSeconds(60), () -> Math.abs(skew(gateway, pipeline) - seconds) < 1);
    }

    private static double skew(Gateway gateway, String pipeline) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + gateway.httpPort() + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            String text =
                    client.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
                            .body();
            Matcher line =
                    Pattern.compile(
                                    "sluice_clock_skew_seconds\\{pipeline=\"test:%s\",.*} (\\S+)"
                                            .formatted(pipeline))
                            .matcher(text);
            assertThat(line.find()).isTrue();
            return Double.parseDouble(line.group(1));
        }
    }
}
