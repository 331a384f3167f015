package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.config.ConfigReader;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.system.LogCapture;
import io.sluice.gateway.system.TwoSites;
import io.sluice.gateway.system.Watching;
import io.sluice.testkit.FreePort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The metrics as a receiver of OTLP gets them, read off the protocol's own fields. */
class OtlpExportTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String SECRET = "hush-otlp";

    private final List<Map<String, List<UnknownFieldSet>>> heard = new CopyOnWriteArrayList<>();
    private final List<String> headers = new CopyOnWriteArrayList<>();
    private final List<String> resources = new CopyOnWriteArrayList<>();
    private final AtomicInteger answer = new AtomicInteger(200);

    @Test
    void theSameMetricsComeByOtlpAndAReceiverThatIsAwayIsToldOnceAndHarmsNothing()
            throws Exception {
        int port = FreePort.find();
        try (LogCapture log = new LogCapture();
                TwoSites sites = TwoSites.shared().with("heartbeat: 200ms")) {
            sites.onSource("CREATE TABLE t (id int PRIMARY KEY)");
            String yaml =
                    sites.yaml()
                            .replace(
                                    "{listen: \"127.0.0.1:0\"}}",
                                    "{listen: \"127.0.0.1:0\"}, telemetry: {otlp: {endpoint:"
                                            + " \"http://127.0.0.1:%d\", interval: 1s, headers:"
                                                    .formatted(port)
                                            + " {Authorization: \"Bearer "
                                            + SECRET
                                            + "\"}}}}");
            try (Gateway gateway = new Gateway(ConfigReader.read("test", yaml, name -> null))) {
                Watching.awaitStreaming(gateway);
                TwoSites.await(PATIENCE, () -> log.text().contains("Metrics are not taken by"));
                sites.onSource("INSERT INTO t VALUES (1)");
                sites.awaitOnTarget("SELECT count(*) FROM t", "1");
                HttpServer receiver = receive(port);
                try {
                    TwoSites.await(PATIENCE, () -> log.text().contains("Metrics are taken by"));
                    requireTheSameMetrics(gateway);
                    answer.set(503);
                    TwoSites.await(PATIENCE, () -> log.text().contains("it answers 503"));
                } finally {
                    receiver.stop(0);
                }
                int before = heard.size();
                assertThat(before).isPositive();
                sites.onSource("INSERT INTO t VALUES (2)");
                sites.awaitOnTarget("SELECT count(*) FROM t", "2");
                assertThat(Watching.status(gateway).failure()).isNull();
                assertThat(get(gateway, "/api/v1/configuration"))
                        .contains("http://127.0.0.1:" + port + "/v1/metrics", "***")
                        .doesNotContain(SECRET);
            }
            assertThat(log.text().split("Metrics are not taken by", -1))
                    .as("told when it went, and when it refused")
                    .hasSizeGreaterThanOrEqualTo(3);
            assertThat(log.text()).doesNotContain(SECRET);
            assertThat(headers).allMatch(("Bearer " + SECRET)::equals);
            assertThat(resources.getFirst()).contains("sluice", "test");
        }
    }

    private void requireTheSameMetrics(Gateway gateway) throws Exception {
        List<String> scraped =
                get(gateway, "/metrics")
                        .lines()
                        .filter(line -> line.startsWith("# TYPE sluice_"))
                        .map(line -> line.split(" ")[2])
                        // Prometheus has the longest one as a metric of its own.
                        .filter(name -> !name.endsWith("_latency_seconds_max"))
                        .toList();
        assertThat(scraped).hasSizeGreaterThan(20).contains("sluice_rpo_seconds");
        TwoSites.await(
                PATIENCE, () -> !heard.isEmpty() && heard.getLast().keySet().containsAll(scraped));
        Map<String, List<UnknownFieldSet>> sent = heard.getLast();
        double rpo = number(sent.get("sluice_rpo_seconds").getFirst());
        assertThat(rpo).isBetween(0.0, 60.0);
        assertThat(number(sent.get("sluice_rpo_objective_seconds").getFirst())).isEqualTo(5);
        assertThat(sent.get("sluice_rpo_seconds").getFirst().toString())
                .contains("test:source->target");
        // The first bucket is of a millisecond, and the name says seconds.
        ByteString bounds =
                sent.get("sluice_replication_latency_seconds")
                        .getFirst()
                        .getField(7)
                        .getLengthDelimitedList()
                        .getFirst();
        assertThat(bounds.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getDouble())
                .isEqualTo(0.001);
    }

    private HttpServer receive(int port) throws IOException {
        HttpServer receiver = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        receiver.createContext("/v1/metrics", this::take);
        receiver.start();
        return receiver;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange;
                GZIPInputStream body = new GZIPInputStream(exchange.getRequestBody())) {
            Map<String, List<UnknownFieldSet>> metrics = new TreeMap<>();
            for (UnknownFieldSet resource : parts(UnknownFieldSet.parseFrom(body), 1)) {
                resources.add(
                        resource.getField(1)
                                .getLengthDelimitedList()
                                .getFirst()
                                .toString(StandardCharsets.ISO_8859_1));
                parts(resource, 2)
                        .forEach(scope -> parts(scope, 2).forEach(metric -> read(metric, metrics)));
            }
            heard.add(metrics);
            headers.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            exchange.sendResponseHeaders(answer.get(), -1);
        }
    }

    /** A metric's points, be it a gauge, a sum or a histogram. */
    private static void read(UnknownFieldSet metric, Map<String, List<UnknownFieldSet>> into) {
        String name = metric.getField(1).getLengthDelimitedList().getFirst().toStringUtf8();
        List<UnknownFieldSet> points = new ArrayList<>();
        for (int kind : new int[] {5, 7, 9}) {
            parts(metric, kind).forEach(data -> points.addAll(parts(data, 1)));
        }
        into.put(name, points);
    }

    private static double number(UnknownFieldSet point) {
        return Double.longBitsToDouble(point.getField(4).getFixed64List().getFirst());
    }

    private static List<UnknownFieldSet> parts(UnknownFieldSet of, int field) {
        List<UnknownFieldSet> parts = new ArrayList<>();
        for (ByteString bytes : of.getField(field).getLengthDelimitedList()) {
            try {
                parts.add(UnknownFieldSet.parseFrom(bytes));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        return parts;
    }

    private static String get(Gateway gateway, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + gateway.httpPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
