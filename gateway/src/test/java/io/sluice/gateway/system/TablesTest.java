package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.cli.Gateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the API tells of each table. */
class TablesTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Test
    void eachTableTellsOfItsCopyAndOfWhatWasAppliedAndOfTheCopyAfterARestartToo() throws Exception {
        try (TwoSites sites =
                TwoSites.shared().with("copy: {chunkSize: 8KiB}").with("rename: {public: shop}")) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, v text)",
                    "CREATE TABLE quiet (id int PRIMARY KEY)",
                    "INSERT INTO item SELECT g, repeat('x', 50) FROM generate_series(1, 500) g",
                    "ANALYZE item");
            Instant before = Instant.now();
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                JsonNode copied = table(gateway, "shop.item");
                assertThat(copied.get("source").asText()).isEqualTo("public.item");
                assertThat(copied.at("/copy/state").asText()).isEqualTo("copied");
                assertThat(copied.at("/copy/rows").asLong()).isEqualTo(500);
                assertThat(copied.at("/copy/rowsExpected").asLong()).isEqualTo(500);
                assertThat(copied.at("/copy/chunks").asInt()).isGreaterThan(1);
                assertThat(copied.at("/copy/chunksDone")).isEqualTo(copied.at("/copy/chunks"));
                assertThat(copied.get("lastChange").isNull()).isTrue();

                sites.onSource(
                        "INSERT INTO item VALUES (501, 'a'), (502, 'b')",
                        "BEGIN",
                        "UPDATE item SET v = 'c' WHERE id <= 5",
                        "DELETE FROM item WHERE id > 500",
                        "COMMIT",
                        "TRUNCATE item, quiet",
                        "INSERT INTO quiet VALUES (1)");
                TwoSites.await(
                        Duration.ofSeconds(60),
                        () -> table(gateway, "shop.quiet").get("inserts").asInt() == 1);
                JsonNode changed = table(gateway, "shop.item");
                assertThat(changed.get("inserts").asLong()).isEqualTo(2);
                assertThat(changed.get("updates").asLong()).isEqualTo(5);
                assertThat(changed.get("deletes").asLong()).isEqualTo(2);
                assertThat(changed.get("truncates").asLong()).isEqualTo(1);
                assertThat(Instant.parse(changed.get("lastChange").asText()))
                        .isBetween(before, Instant.now());
                assertThat(table(gateway, "shop.quiet").get("truncates").asLong()).isEqualTo(1);
                assertThat(get(gateway, "?sort=size").statusCode()).isEqualTo(400);
                assertThat(get(gateway, "?limit=1&offset=1").body())
                        .contains("\"total\":2", "shop.quiet")
                        .doesNotContain("shop.item");
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                JsonNode known = table(gateway, "shop.item");
                assertThat(known.at("/copy/state").asText()).isEqualTo("copied");
                assertThat(known.at("/copy/rows").asLong()).isEqualTo(500);
                assertThat(known.get("inserts").asLong()).isZero();
            }
        }
    }

    /** The one table whose name holds this. */
    static JsonNode table(Gateway gateway, String name) throws Exception {
        JsonNode page = new ObjectMapper().readTree(get(gateway, "?name=" + name).body());
        assertThat(page.get("matching").asInt()).isEqualTo(1);
        assertThat(page.get("tables")).hasSize(1);
        return page.at("/tables/0");
    }

    private static HttpResponse<String> get(Gateway gateway, String query) throws Exception {
        String path = "/api/v1/pipelines/test%3Asource-%3Etarget/tables";
        return HTTP.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + gateway.httpPort() + path + query))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
