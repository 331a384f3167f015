package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.config.ConfigReader;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.system.TwoSites;
import io.sluice.gateway.system.Watching;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may steer a gateway over HTTP, what then happens, and what is told of it afterwards. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ControlTest {

    private static final String PIPELINE = "/api/v1/pipelines/test%3Asource-%3Etarget";
    private static final String ALICE = "Bearer alice-token-0123456789";
    private static final String GRAFANA = "Bearer grafana-token-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static TwoSites sites;
    private static Gateway gateway;

    @BeforeAll
    static void run() {
        sites = TwoSites.shared().with("heartbeat: 200ms").with("rpo: {objective: 1s}");
        sites.onSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        gateway = start();
        Watching.awaitStreaming(gateway);
    }

    private static Gateway start() {
        String http =
                "{listen: \"127.0.0.1:0\", tokens: {alice: {role: operator, token: %s}, grafana: {token: %s}}}"
                        .formatted(ALICE.substring(7), GRAFANA.substring(7));
        String yaml = sites.yaml().replace("{listen: \"127.0.0.1:0\"}", http);
        return new Gateway(ConfigReader.read("test", yaml, name -> null));
    }

    @AfterAll
    static void close() throws Exception {
        gateway.close();
        sites.close();
    }

    @Test
    @Order(1)
    void aPausedPipelineStandsStillAndGoesOnWhereItStood() throws Exception {
        assertThat(order("pause", "{\"reason\": \"vacuum of the\\ntarget\"}").statusCode())
                .isEqualTo(202);
        Watching.awaitState(gateway, PipelineState.PAUSED, Duration.ofSeconds(180));
        String position = Watching.status(gateway).position();
        sites.onSource("INSERT INTO t VALUES (2)");
        String end = sites.querySource("SELECT pg_current_wal_lsn()");
        // What is there after a second probe of the source has been left alone for a while.
        TwoSites.await(Duration.ofSeconds(180), () -> Watching.status(gateway).lagBytes() > 0);
        assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("1");
        assertThat(Watching.status(gateway).position()).isEqualTo(position);
        assertThat(
                        sites.querySource(
                                "SELECT bool_and(confirmed_flush_lsn < '%s') FROM pg_replication_slots WHERE database = current_database()"
                                        .formatted(end)))
                .isEqualTo("t");
        awaitEvent("breach", "over its objective of 1.0 s, while PAUSED");
        assertThat(order("pause", "").statusCode()).as("again").isEqualTo(202);

        assertThat(order("resume", "").statusCode()).isEqualTo(202);
        sites.awaitOnTarget("SELECT count(*) FROM t", "2");
        Watching.awaitStreaming(gateway);
        awaitEvent("operator", "pause, by alice: vacuum of the target");
        awaitEvent("state", "DRAINING -> PAUSED");
        awaitEvent("recovery", "within its objective");
        HttpResponse<String> twice = order("resume", "");
        assertThat(twice.statusCode()).isEqualTo(409);
        assertThat(json(twice).get("detail").asText()).contains("not paused");
    }

    @Test
    @Order(2)
    void aFailedPipelineIsRestartedWhenItsCauseIsMended() throws Exception {
        sites.onTarget("DELETE FROM t WHERE id = 2");
        sites.onSource("DELETE FROM t WHERE id = 2");
        Watching.awaitFailed(gateway);
        assertThat(order("pause", "").statusCode()).isEqualTo(409);
        assertThat(order("resume", "").statusCode()).isEqualTo(409);
        sites.onTarget("INSERT INTO t VALUES (2)");
        assertThat(order("restart", "{}").statusCode()).isEqualTo(202);
        sites.awaitOnTarget("SELECT count(*) FROM t", "1");
        Watching.awaitStreaming(gateway);
        assertThat(Watching.status(gateway).failure()).isNull();
        awaitEvent("failure", "STREAMING -> FAILED");
        awaitEvent("operator", "restart, by alice");
    }

    @Test
    @Order(3)
    void eventsAreKeptInTheTargetAndPaged() throws Exception {
        sites.awaitOnTarget(
                "SELECT count(*) FROM sluice.event WHERE detail = 'restart, by alice'", "1");
        JsonNode before = json(get("/api/v1/events?limit=1000")).get("events");
        gateway.close();
        sites.awaitOnTarget(
                "SELECT count(*) FROM sluice.event WHERE detail LIKE '% -> STOPPED'", "1");
        gateway = start();
        Watching.awaitStreaming(gateway);
        TwoSites.await(
                Duration.ofSeconds(30),
                () -> ids("/api/v1/events?limit=1000").containsAll(ids(before)));
        List<Long> all = ids("/api/v1/events?limit=1000");
        assertThat(all).isSorted().doesNotHaveDuplicates();
        assertThat(all.getLast()).isGreaterThan(ids(before).getLast());

        List<Long> paged = new ArrayList<>();
        long after = 0;
        for (JsonNode page = page(after); !page.get("events").isEmpty(); page = page(after)) {
            paged.addAll(ids(page.get("events")));
            after = page.get("next").asLong();
        }
        assertThat(paged).containsAll(all);
        assertThat(ids("/api/v1/events?limit=2&before=" + all.getLast()))
                .isEqualTo(all.subList(all.size() - 3, all.size() - 1));
        assertThat(get("/api/v1/events?after=x").statusCode()).isEqualTo(400);
    }

    @Test
    void eventsAndTheStatusAreStreamed() throws Exception {
        List<Long> all = ids("/api/v1/events?limit=1000");
        String from = Long.toString(all.get(all.size() - 2));
        assertThat(stream("/api/v1/events", "Last-Event-ID: " + from, "data: {"))
                .contains("id: " + all.getLast(), "event: journal");
        assertThat(stream("/api/v1/stream", "X-Y: z", "\"replications\""))
                .contains("event: status");
        assertThat(json(get(PIPELINE + "/history")).get("samples")).isNotEmpty();
    }

    @Test
    void whoMayOnlyLookGivesNoOrders() throws Exception {
        long before = orders();
        assertThat(json(get("/api/v1/session", GRAFANA)).get("role").asText()).isEqualTo("viewer");
        assertThat(get("/metrics", GRAFANA).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = post("pause", GRAFANA, "Content-Type", "application/json");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(json(refused).get("detail").asText()).contains("grafana");
        assertThat(post("pause", "Bearer x", "Content-Type", "application/json").statusCode())
                .isEqualTo(401);
        assertThat(orders()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "415, Content-Type, text/plain",
        "415, Content-Type, application/x-www-form-urlencoded",
        "403, Origin, http://elsewhere.example",
        "403, Origin, null",
        "403, Sec-Fetch-Site, cross-site",
        "403, Sec-Fetch-Site, same-site",
    })
    void anotherSitesPageGivesNoOrders(int status, String header, String value) throws Exception {
        long before = orders();
        HttpResponse<String> answer =
                header.equals("Content-Type")
                        ? post("pause", ALICE, header, value)
                        : post("pause", ALICE, "Content-Type", "application/json", header, value);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/problem+json");
        assertThat(orders()).isEqualTo(before);
    }

    @Test
    void anOrderHasToBeOneThatIsKnown() throws Exception {
        assertThat(order("pause", "[1").statusCode()).isEqualTo(400);
        assertThat(order("forget", "").statusCode()).isEqualTo(404);
        assertThat(
                        send(HttpRequest.newBuilder(uri("/api/v1/pipelines/none/pause"))
                                        .header("Authorization", ALICE)
                                        .header("Content-Type", "application/json")
                                        .POST(BodyPublishers.noBody()))
                                .statusCode())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/v1/rpo", "/nothing"})
    void everyAnswerKeepsBrowsersInCheck(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    }

    @Test
    void theDashboardsOwnFilesNeedNoTokenAndNothingElseLiesBesideThem() throws Exception {
        HttpResponse<String> page = send(HttpRequest.newBuilder(uri("/")));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).containsAnyOf("/assets/", "built without Node.js");
        for (String other :
                List.of("/assets/none.js", "/assets/..%2findex.html", "/assets/a.class")) {
            assertThat(send(HttpRequest.newBuilder(uri(other))).statusCode()).isIn(400, 404);
        }
    }

    @Test
    void theConfigurationIsShownWithoutSecrets() throws Exception {
        HttpResponse<String> answer = get("/api/v1/configuration", GRAFANA);
        assertThat(json(answer).at("/replications/test/heartbeat").asText()).isEqualTo("200ms");
        assertThat(json(answer).at("/replications/test/buffer/maxBytes").asText())
                .isEqualTo("64MiB");
        assertThat(json(answer).at("/replications/test/tables/0").asText()).isEqualTo("*.*");
        assertThat(json(answer).at("/databases/source/password").asText()).isEqualTo("***");
        assertThat(answer.body()).doesNotContain("token-0123456789");
        String withKey =
                sites.yaml()
                        .replaceFirst("(jdbc:[^\"]+)\"", "$1?sslpassword=hush;hush&ssl=false\"");
        assertThat(
                        ConfigurationView.of(ConfigReader.read("test", withKey, name -> null))
                                .toString())
                .contains("ssl=false", "sslpassword=***")
                .doesNotContain("hush");
    }

    /** Every route is described, every described one is there, and answers have what is said. */
    @Test
    void theDescriptionIsOfTheRoutesAndTheirAnswers() throws Exception {
        JsonNode document = json(get("/api/v1/openapi.json"));
        Set<String> contract =
                Set.of(
                        "/health/live",
                        "/health/ready",
                        "/metrics",
                        "/api/v1/replications",
                        "/api/v1/replications/{name}",
                        "/api/v1/pipelines/{name}",
                        "/api/v1/pipelines/{name}/pause",
                        "/api/v1/pipelines/{name}/resume",
                        "/api/v1/pipelines/{name}/restart",
                        "/api/v1/rpo",
                        "/api/v1/events",
                        "/api/v1/openapi.json");
        List<String> described = new ArrayList<>();
        document.get("paths").fieldNames().forEachRemaining(described::add);
        assertThat(described).containsAll(contract);
        for (String path : described) {
            String asked =
                    path.startsWith("/api/v1/replications")
                            ? path.replace("{name}", "test")
                            : path.replace("{name}", "test%3Asource-%3Etarget")
                                    .replace("{site}", "target")
                                    .replace("{id}", "1");
            JsonNode get = document.at("/paths").get(path).get("get");
            if (get == null) {
                assertThat(get(asked).statusCode()).as(path).isEqualTo(405);
                continue;
            }
            if (path.endsWith("/stream")) {
                continue; // does not end
            }
            HttpResponse<String> answer = get(asked);
            if (path.endsWith("/{id}")) {
                assertThat(answer.statusCode()).as("no conflict is on record").isEqualTo(404);
                continue;
            }
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            JsonNode schema = get.at("/responses/200/content/application~1json/schema");
            if (schema.has("$ref")) {
                assertDescribed(document, schema, json(answer), path);
            }
        }
    }

    private static void assertDescribed(
            JsonNode document, JsonNode schema, JsonNode value, String where) {
        JsonNode is = schema.has("anyOf") ? schema.at("/anyOf/0") : schema;
        if (is.has("$ref")) {
            is = document.at(is.get("$ref").asText().substring(1));
        }
        if (value.isNull()) {
            assertThat(schema.toString()).as(where).contains("\"null\"");
        } else if (value.isArray()) {
            for (JsonNode item : value) {
                assertDescribed(document, is.get("items"), item, where + "[]");
            }
        } else if (value.isObject()) {
            JsonNode properties = is.path("properties");
            value.properties()
                    .forEach(
                            entry -> {
                                String at = where + "." + entry.getKey();
                                assertThat(properties.has(entry.getKey())).as(at).isTrue();
                                assertDescribed(
                                        document,
                                        properties.get(entry.getKey()),
                                        entry.getValue(),
                                        at);
                            });
        } else {
            String type = is.path("type").asText();
            assertThat(type)
                    .as(where)
                    .isIn(
                            value.isTextual()
                                    ? List.of("string")
                                    : value.isBoolean()
                                            ? List.of("boolean")
                                            : List.of("integer", "number"));
        }
    }

    /** How many orders were carried out so far. */
    private static long orders() throws Exception {
        return stream(json(get("/api/v1/events?limit=1000")).get("events"))
                .filter(event -> event.get("kind").asText().equals("operator"))
                .count();
    }

    /** Waits for an event of this gateway, or of the one before it. */
    private static void awaitEvent(String kind, String text) {
        TwoSites.await(
                Duration.ofSeconds(30),
                () ->
                        stream(json(get("/api/v1/events?limit=1000")).get("events"))
                                .anyMatch(
                                        e ->
                                                e.get("kind").asText().equals(kind)
                                                        && e.get("text").asText().contains(text)));
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items.stream();
    }

    private static JsonNode page(long after) throws Exception {
        return json(get("/api/v1/events?limit=3&after=" + after));
    }

    private static List<Long> ids(String path) throws Exception {
        return ids(json(get(path)).get("events"));
    }

    private static List<Long> ids(JsonNode events) {
        return stream(events).map(event -> event.get("id").asLong()).toList();
    }

    /** What a stream says until it says something; it does not end by itself. */
    private static String stream(String path, String header, String until) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", gateway.httpPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream()
                    .write(
                            "GET %s HTTP/1.0\r\nHost: localhost\r\nAuthorization: %s\r\nAccept: text/event-stream\r\n%s\r\n\r\n"
                                    .formatted(path, ALICE, header)
                                    .getBytes(StandardCharsets.UTF_8));
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            StringBuilder said = new StringBuilder();
            for (String line; (line = reader.readLine()) != null; ) {
                said.append(line).append('\n');
                if (line.contains(until)) {
                    break;
                }
            }
            return said.toString();
        }
    }

    private static HttpResponse<String> order(String action, String body) throws Exception {
        return send(
                HttpRequest.newBuilder(uri(PIPELINE + "/" + action))
                        .header("Authorization", ALICE)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> post(String action, String token, String... headers)
            throws Exception {
        return send(
                HttpRequest.newBuilder(uri(PIPELINE + "/" + action))
                        .header("Authorization", token)
                        .headers(headers)
                        .POST(BodyPublishers.ofString("{}")));
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return get(path, ALICE);
    }

    private static HttpResponse<String> get(String path, String token) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).header("Authorization", token));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.httpPort() + path);
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }
}
