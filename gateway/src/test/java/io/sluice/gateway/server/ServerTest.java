package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.config.ConfigReader;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.system.TwoSites;
import io.sluice.gateway.system.Watching;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the HTTP side answers, of a gateway with one pipeline that works and one that failed. */
class ServerTest {

    private static final String TOKEN = "a-token-of-some-length-0123456789";

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TwoSites sites;
    private static Gateway gateway;
    private static Gateway healthy;

    @BeforeAll
    static void run() {
        sites = TwoSites.shared().with("heartbeat: 200ms");
        sites.onSource("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1)");
        healthy = new Gateway(ConfigReader.read("test", withToken(sites.yaml()), name -> null));
        Watching.awaitStreaming(healthy);
        sites.onSource(
                "INSERT INTO t VALUES (2)", "UPDATE t SET v = 'x'", "DELETE FROM t", "TRUNCATE t");
        gateway = new Gateway(ConfigReader.read("test", broken(), name -> null));
        TwoSites.await(
                Duration.ofSeconds(30),
                () -> gateway.statuses().stream().allMatch(p -> p.state() == PipelineState.FAILED));
        sites.awaitOnTarget("SELECT count(*) FROM t", "0");
    }

    private static String withToken(String yaml) {
        return yaml.replace(
                "{listen: \"127.0.0.1:0\"}", "{listen: \"127.0.0.1:0\", token: \"" + TOKEN + "\"}");
    }

    private static String broken() {
        return sites.yaml()
                .replace("tables: [\"*.*\"]", "tables: [\"public.nothing\"]")
                .replace("  test:", "  my-orders_eu:");
    }

    @AfterAll
    static void close() throws Exception {
        gateway.close();
        healthy.close();
        sites.close();
    }

    @Test
    void livenessAndReadinessAreToldApartWithReasons() throws Exception {
        assertThat(get(gateway, "/health/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = get(gateway, "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(json(ready).at("/reasons/0").asText())
                .contains("my-orders_eu:source->target", "FAILED", "No table");
        assertThat(get(healthy, "/health/ready").statusCode()).isEqualTo(200);
        assertThat(json(get(healthy, "/health/ready")).get("reasons")).isEmpty();
    }

    @Test
    void replicationsAndPipelinesShowTheirState() throws Exception {
        JsonNode all = json(get(gateway, "/api/v1/replications"));
        assertThat(all.at("/replications/0/name").asText()).isEqualTo("my-orders_eu");
        assertThat(all.at("/replications/0/state").asText()).isEqualTo("FAILED");
        JsonNode one = json(get(gateway, "/api/v1/replications/my-orders_eu"));
        assertThat(one.at("/pipelines/0/failure/errorClass").asText()).isEqualTo("fatal");
        JsonNode pipeline = json(get(gateway, "/api/v1/pipelines/my-orders_eu%3Asource-%3Etarget"));
        assertThat(pipeline.get("name").asText()).isEqualTo("my-orders_eu:source->target");
        assertThat(pipeline.fieldNames())
                .toIterable()
                .contains(
                        "replication",
                        "mode",
                        "source",
                        "target",
                        "state",
                        "since",
                        "position",
                        "commitTime",
                        "rpo",
                        "lagBytes",
                        "retainedBytes",
                        "appliedTransactions",
                        "appliedChanges",
                        "copy",
                        "failure",
                        "retries");
        JsonNode streaming = json(get(healthy, "/api/v1/pipelines/test%3Asource-%3Etarget"));
        assertThat(streaming.get("state").asText()).isEqualTo("STREAMING");
        assertThat(streaming.get("position").asText()).containsPattern("^[0-9A-F]+/[0-9A-F]+$");
        assertThat(streaming.get("appliedChanges").asLong()).isGreaterThanOrEqualTo(4);
    }

    @Test
    void theRpoOverviewNamesEachPipelineAndTheWorst() throws Exception {
        JsonNode known = json(get(healthy, "/api/v1/rpo"));
        assertThat(known.get("worstSeconds").asDouble()).isLessThan(2);
        assertThat(known.at("/pipelines/0/objectiveSeconds").asDouble()).isEqualTo(5);
        assertThat(known.at("/pipelines/0/pipeline").asText()).isEqualTo("test:source->target");
        JsonNode unknown = json(get(gateway, "/api/v1/rpo"));
        assertThat(unknown.get("worstSeconds").isNull()).isTrue();
        assertThat(unknown.at("/pipelines/0/basis").asText()).isEqualTo("UNKNOWN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing",
                "/api/v1/nothing",
                "/api/v1/replications/none",
                "/api/v1/pipelines/none",
                "/api/v1/pipelines/a%20%22%3Cscript%3E",
                "/api/v1/pipelines/..%2f..%2fetc",
                "/api/v1/pipelines/%F0%9F%99%82",
                "/api/v2/rpo",
                "/health",
                "/metrics/x",
            })
    void whatIsNotThereIsAProblemOfItsOwnMediaType(String path) throws Exception {
        HttpResponse<String> answer = get(gateway, path);
        assertThat(answer.statusCode()).isIn(400, 404);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/problem+json");
        assertThat(json(answer).get("status").asInt()).isEqualTo(answer.statusCode());
        assertThat(json(answer).get("detail").asText()).isNotBlank();
        assertThat(answer.body()).doesNotContain("<script>", "Exception", "\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH"})
    void aMethodThatIsNotOfferedIsAProblem(String method) throws Exception {
        for (String path : List.of("/api/v1/replications", "/metrics", "/health/live")) {
            HttpResponse<String> answer =
                    HTTP.send(
                            request(gateway, path)
                                    .method(method, BodyPublishers.ofString("{}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(path).isEqualTo(405);
            assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("application/problem+json");
        }
    }

    @Test
    void theTokenIsAskedForOnAllButHealth() throws Exception {
        for (String path : List.of("/metrics", "/api/v1/replications", "/api/v1/rpo", "/nothing")) {
            HttpResponse<String> without = send(request(healthy, path).build());
            assertThat(without.statusCode()).as(path).isEqualTo(401);
            assertThat(without.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(without.headers().firstValue("Content-Type").orElse(""))
                    .startsWith("application/problem+json");
            for (String wrong :
                    List.of("Bearer x", "Basic " + TOKEN, TOKEN, "Bearer " + TOKEN + "x")) {
                assertThat(
                                send(request(healthy, path).header("Authorization", wrong).build())
                                        .statusCode())
                        .isEqualTo(401);
            }
        }
        assertThat(send(request(healthy, "/health/live").build()).statusCode()).isEqualTo(200);
        assertThat(send(request(healthy, "/health/../metrics").build()).statusCode())
                .isNotEqualTo(200);
        assertThat(get(healthy, "/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsHoldTheWholeCatalogue() throws Exception {
        HttpResponse<String> answer = get(healthy, "/metrics");
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
        String labels =
                "pipeline=\"test:source->target\",replication=\"test\",source=\"source\",target=\"target\"";
        for (String name :
                List.of(
                        "sluice_rpo_seconds",
                        "sluice_rpo_objective_seconds",
                        "sluice_lag_bytes",
                        "sluice_unreplicated_transactions",
                        "sluice_applied_transactions_total",
                        "sluice_copy_rows_total")) {
            assertThat(answer.body()).contains(name + "{" + labels + "}");
        }
        assertThat(answer.body())
                .contains(
                        "sluice_replication_latency_seconds_bucket{",
                        "sluice_replication_latency_seconds_count{",
                        "sluice_replication_latency_seconds_sum{",
                        "sluice_pipeline_state{",
                        "state=\"STREAMING\"",
                        "sluice_errors_total{class=\"retry\"");
        for (String operation : List.of("insert", "update", "delete", "truncate")) {
            assertThat(answer.body())
                    .containsPattern(
                            "sluice_applied_changes_total\\{operation=\""
                                    + operation
                                    + "\".*\\} [1-9]");
        }
        assertThat(get(gateway, "/metrics").body())
                .containsPattern("sluice_errors_total\\{class=\"fatal\".*\\} 1")
                .containsPattern("sluice_pipeline_state\\{.*state=\"FAILED\".*\\} 1");
    }

    /** As by a page whose name was made to lead here. */
    @Test
    void withoutATokenReasonsAreForThisMachinesOwnNames() throws Exception {
        String asked = "GET /health/ready HTTP/1.0\r\nHost: %s\r\n\r\n";
        assertThat(raw(asked.formatted("localhost"))).contains("No table");
        assertThat(raw(asked.formatted("rebound.example")))
                .contains("503", "not ready")
                .doesNotContain("reasons", "No table");
    }

    @Test
    void oversizedOrCrippledRequestsHarmNobody() throws Exception {
        refused(request(gateway, "/health/live").header("X-Big", "x".repeat(200_000)).build());
        refused(request(gateway, "/" + "x".repeat(100_000)).build());
        refused(
                request(gateway, "/api/v1/rpo")
                        .POST(BodyPublishers.ofByteArray(new byte[5_000_000]))
                        .build());
        for (String raw :
                List.of(
                        "\r\n\r\n",
                        "GET\r\n\r\n",
                        "GET / HTTP/9.9\r\n\r\n",
                        "GET /api/v1/pipelines/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET /api/v1/pipelines/%c0%ae HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET http://elsewhere/metrics HTTP/1.1\r\nHost: x\r\n\r\n",
                        "\u0000\u0001\u0002\r\n\r\n")) {
            assertThat(raw(raw)).doesNotContain("\tat ", "500 ");
        }
        assertThat(get(gateway, "/health/live").statusCode()).isEqualTo(200);
    }

    /** By an answer, or by a connection that is closed before the client has said all of it. */
    private static void refused(HttpRequest request) throws Exception {
        HttpResponse<String> answer;
        try {
            answer = send(request);
        } catch (IOException closed) {
            return;
        }
        assertThat(answer.statusCode()).isBetween(400, 499);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.httpPort())) {
            socket.setSoTimeout(3000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static HttpResponse<String> get(Gateway of, String path) throws Exception {
        return send(request(of, path).header("Authorization", "Bearer " + TOKEN).build());
    }

    private static HttpRequest.Builder request(Gateway of, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + of.httpPort() + path));
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }
}
