package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.FaultProxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How an objective was kept outlives the gateway, which tells it in every form. */
class ObjectiveTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String COUNT_KEPT =
            "SELECT count(*) FROM sluice.objective_time WHERE kept_ms > 0";
    private static final String COUNT_ENDED =
            "SELECT count(*) FROM sluice.breach WHERE ended IS NOT NULL";

    /** Whether more breaches than so many have ended. */
    private static final String ENDED =
            "SELECT CASE WHEN count(*) > %d THEN 1 ELSE 0 END FROM sluice.breach"
                    + " WHERE ended IS NOT NULL";

    @Test
    void aBreachAndTheTimeWithoutAGatewayStandInTheReportAfterARestart() throws Exception {
        breakAndRestart(Pair.POSTGRES_TO_POSTGRES);
    }

    @Test
    @Tag("slow")
    void soTheyDoInMySql() throws Exception {
        breakAndRestart(Pair.POSTGRES_TO_MYSQL);
    }

    private static void breakAndRestart(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .with("heartbeat: 200ms")
                        .with("rpo: {objective: 1500ms, window: 1d, target: 99%}")) {
            sites.onSource("CREATE TABLE t (id int PRIMARY KEY)");
            FaultProxy toTarget = sites.proxyTarget();
            double before;
            long down;
            String month;
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () -> report(gateway).at("/all/kept").asDouble() > 1);
                sites.awaitOnTarget(ENDED.formatted(-1), "1");
                int ended = count(sites, COUNT_ENDED);
                toTarget.stall();
                sites.onSource("INSERT INTO t VALUES (1)");
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () -> report(gateway).at("/all/over").asDouble() > 1);
                TwoSites.await(
                        Duration.ofSeconds(60), () -> events(gateway).contains("\"breach\""));
                toTarget.resume();
                TwoSites.await(
                        Duration.ofSeconds(60), () -> events(gateway).contains("\"recovery\""));
                sites.awaitOnTarget(ENDED.formatted(ended), "1");
                assertThat(count(sites, COUNT_KEPT)).isPositive();
                month = report(gateway).at("/breaches/0/started").asText().substring(0, 7);
                before = report(gateway, month).at("/all/kept").asDouble();
                down = System.nanoTime();
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () ->
                                report(gateway, month).get("isWhole").asBoolean()
                                        && report(gateway, month).at("/all/kept").asDouble()
                                                > before - 2);
                double since = (System.nanoTime() - down) / 1e9;
                JsonNode report = report(gateway, month);
                assertThat(report.get("breaches")).hasSizeGreaterThanOrEqualTo(1);
                JsonNode breach = report.at("/breaches/0");
                assertThat(breach.get("ended").isNull()).isFalse();
                assertThat(breach.get("worstSeconds").asDouble()).isGreaterThan(1.5);
                assertThat(breach.get("cause").asText()).isNotEmpty();
                assertThat(report.at("/all/unwatched").asDouble())
                        .isGreaterThan(0)
                        .isLessThan(since + 15);
                assertThat(report.get("targetMet").asBoolean()).isFalse();
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () -> rpo(gateway).at("/pipelines/0/budget/usedSeconds").asDouble() > 1);
                assertThat(rpo(gateway).at("/pipelines/0/budget/target").asDouble())
                        .isEqualTo(0.99);
                requireEveryForm(gateway, month);
                requireTheCommandPrintsIt(gateway, month);
            }
        }
    }

    private static void requireEveryForm(Gateway gateway, String month) throws Exception {
        String path = "/api/v1/rpo/report?month=" + month;
        HttpResponse<String> page = get(gateway, path, "text/html");
        assertThat(page.headers().firstValue("Content-Type").orElse("")).contains("text/html");
        assertThat(page.body())
                .contains("test:source-&gt;target", "the target was missed", "Breach from");
        HttpResponse<String> lines = get(gateway, path + "&format=csv", "*/*");
        assertThat(lines.body().lines().count()).isGreaterThanOrEqualTo(2);
        assertThat(lines.body()).contains(",\"test:source->target\",1.5,0.99,");
        assertThat(get(gateway, "/api/v1/rpo/report?month=2020-02", "*/*").body())
                .contains("\"targetMet\":null", "\"from\":\"2020-02-01\"");
        assertThat(get(gateway, "/api/v1/rpo/report?month=2020-2", "*/*").statusCode())
                .isEqualTo(400);
        assertThat(get(gateway, "/api/v1/rpo/report?format=pdf", "*/*").statusCode())
                .isEqualTo(400);
    }

    private static void requireTheCommandPrintsIt(Gateway gateway, String month) throws Exception {
        String url = "http://127.0.0.1:" + gateway.httpPort();
        try (GatewayProcess command =
                GatewayProcess.start(
                        "rpo", "report", "--url", url, "--month", month, "--format", "csv")) {
            assertThat(command.awaitExit(120)).as(command.errors()).isZero();
            assertThat(command.output())
                    .startsWith("date,pipeline,")
                    .contains(",\"test:source->target\",1.5,0.99,");
        }
    }

    private static JsonNode report(Gateway gateway) throws Exception {
        return new ObjectMapper()
                .readTree(get(gateway, "/api/v1/rpo/report", "application/json").body())
                .at("/pipelines/0");
    }

    private static JsonNode report(Gateway gateway, String month) throws Exception {
        return new ObjectMapper()
                .readTree(
                        get(gateway, "/api/v1/rpo/report?month=" + month, "application/json")
                                .body())
                .at("/pipelines/0");
    }

    private static int count(TwoSites sites, String sql) {
        return Integer.parseInt(String.valueOf(sites.queryTarget(sql)));
    }

    private static JsonNode rpo(Gateway gateway) throws Exception {
        return new ObjectMapper().readTree(get(gateway, "/api/v1/rpo", "*/*").body());
    }

    private static String events(Gateway gateway) throws Exception {
        return get(gateway, "/api/v1/events?limit=1000", "application/json").body();
    }

    private static HttpResponse<String> get(Gateway gateway, String path, String accept)
            throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                        .header("Accept", accept)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
