package io.sluice.gateway.cli;

import static io.sluice.gateway.cli.Answer.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.config.ConfigReader;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.system.TwoSites;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Conflicts of two sites, shown and resolved by command and over HTTP. Each case has rows of its
 * own, which both sites have written while neither heard of the other.
 */
class ConflictsTest {

    private static final String ALICE = "Bearer alice-token-0123456789";
    private static final String GRAFANA = "Bearer grafana-token-0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final List<String> PIPELINES =
            List.of("test%3Asource-%3Etarget", "test%3Atarget-%3Esource");

    private static final int STORM = 3_000;

    private static final String[] SCHEMA = {
        "CREATE TABLE parked (id int PRIMARY KEY, n int, word text, email text)",
        "CREATE TABLE item (id int PRIMARY KEY, n int, word text)",
        "CREATE TABLE counted (id int PRIMARY KEY, n int, word text)",
        "ALTER TABLE parked REPLICA IDENTITY FULL",
        "ALTER TABLE item REPLICA IDENTITY FULL",
        "ALTER TABLE counted REPLICA IDENTITY FULL"
    };

    @TempDir private static Path folder;

    private static TwoSites sites;
    private static Gateway gateway;
    private static String config;

    @BeforeAll
    static void bothWriteTheSameRows() throws Exception {
        sites =
                TwoSites.shared()
                        .bothWays()
                        .with("heartbeat: 200ms")
                        .with(
                                "conflict: {tables: {public.parked: {policy: park}, public.counted: {columns: {n: delta}}}, mask: {public.parked: [email]}}");
        sites.onSource(SCHEMA);
        sites.onTarget(SCHEMA);
        sites.onSource(
                "INSERT INTO parked SELECT g, 0, 'old', 'old@example' FROM generate_series(1, 9) g",
                "INSERT INTO counted VALUES (1, 10, 'old'), (2, 10, 'old')",
                "INSERT INTO item SELECT g, 0, 'old' FROM generate_series(1, %d) g"
                        .formatted(STORM));
        String http =
                "{listen: \"127.0.0.1:0\", tokens: {alice: {role: operator, token: %s}, grafana: {token: %s}}}"
                        .formatted(ALICE.substring(7), GRAFANA.substring(7));
        config = sites.configFile(folder).toString();
        gateway =
                new Gateway(
                        ConfigReader.read(
                                "test",
                                sites.yaml().replace("{listen: \"127.0.0.1:0\"}", http),
                                name -> null));
        awaitAll(PipelineState.STREAMING);
        order("pause");
        awaitAll(PipelineState.PAUSED);
        String update =
                "UPDATE parked SET n = %d, word = 'secret-%s', email = CASE WHEN id IN (2, 5, 6) THEN email ELSE '%s@example' END WHERE id <> %d";
        sites.onSource("UPDATE counted SET n = n + 1");
        sites.onTarget("UPDATE counted SET n = n + 5, word = 'secret'");
        String storm = "UPDATE item SET n = %d, word = 'secret-%s'";
        sites.onSource(update.formatted(1, "s", "s", 4), "DELETE FROM parked WHERE id = 4");
        sites.onTarget(update.formatted(2, "t", "t", 0));
        sites.onSource(storm.formatted(1, "s"));
        sites.onTarget(storm.formatted(2, "t"));
        order("resume");
        awaitAll(PipelineState.STREAMING);
        String both = Integer.toString(STORM + 9 + 2);
        String all = "SELECT count(*) FROM sluice.conflict";
        sites.awaitOnTarget(all, both);
        TwoSites.await(Duration.ofSeconds(120), () -> both.equals(sites.querySource(all)));
    }

    private static void awaitAll(PipelineState state) {
        TwoSites.await(
                Duration.ofSeconds(180),
                () -> gateway.statuses().stream().allMatch(p -> p.state() == state));
    }

    private static void order(String action) throws Exception {
        for (String pipeline : PIPELINES) {
            assertThat(post(ALICE, "pipelines/" + pipeline + "/" + action, "{}").statusCode())
                    .isEqualTo(202);
        }
    }

    @AfterAll
    static void close() throws Exception {
        gateway.close();
        sites.close();
    }

    /** The name of the conflict of a row of {@code parked} at the second site. */
    private static String ofRow(int id) {
        return "target/"
                + sites.queryTarget(
                        "SELECT id FROM sluice.conflict WHERE table_name = 'parked' AND row_key::text = '{\"id\":%d}'"
                                .formatted(id));
    }

    private static @Nullable String atSource(int id) {
        return sites.querySource("SELECT concat(n, word, email) FROM parked WHERE id = " + id);
    }

    private static @Nullable String atTarget(int id) {
        return sites.queryTarget("SELECT concat(n, word, email) FROM parked WHERE id = " + id);
    }

    private static void awaitAtSource(int id, String row) {
        TwoSites.await(Duration.ofSeconds(120), () -> row.equals(atSource(id)));
    }

    private static Answer resolve(String id, String... more) {
        List<String> words = new ArrayList<>(List.of("conflicts", "resolve", "-c", config, id));
        words.addAll(List.of(more));
        return sluice(words.toArray(String[]::new));
    }

    private static HttpResponse<String> get(String token, String path)
            throws IOException, InterruptedException {
        return HTTP.send(request(token, path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String token, String path, String body)
            throws IOException, InterruptedException {
        return HTTP.send(
                request(token, path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String token, String path) {
        return HttpRequest.newBuilder(
                        URI.create(
                                "http://127.0.0.1:%d/api/v1/%s"
                                        .formatted(gateway.httpPort(), path)))
                .header("Authorization", token);
    }

    private static JsonNode json(String text) throws IOException {
        return JSON.readTree(text);
    }

    @Test
    void theListHasNoValuesAndShowHasThoseThatAreNotMasked() throws Exception {
        String one = ofRow(9);
        Answer list =
                sluice(
                        "conflicts",
                        "list",
                        "-c",
                        config,
                        "--open",
                        "--site",
                        "target",
                        "--limit",
                        "1000");
        assertThat(list.exit()).as(list.err()).isZero();
        assertThat(list.out())
                .contains(
                        one,
                        "public.parked",
                        "update_origin_differs, park by park, waits for somebody")
                .doesNotContain("secret", "example", "source/");
        Answer page = sluice("conflicts", "list", "-c", config, "--limit", "2", "--json");
        assertThat(json(page.out()).get("conflicts")).hasSize(2);
        assertThat(json(page.out()).get("next").asText()).contains("/");

        Answer show = sluice("conflicts", "show", "-c", config, one);
        assertThat(show.exit()).as(show.err()).isZero();
        assertThat(show.out())
                .containsPattern("\\* word +secret-s +secret-t")
                .containsPattern("\\* n +1 +2")
                .containsPattern("\\* email +••• +•••")
                .contains("written at source", "written at target", "by park: ")
                .doesNotContain("example");
        assertThat(
                        sites.queryTarget(
                                "SELECT string_agg(incoming_row::text, '') FROM sluice.conflict"))
                .contains("secret-s")
                .doesNotContain("example");
    }

    @Test
    void whatWasParkedIsAppliedAndReachesBothSites() {
        String one = ofRow(2);
        Answer applied = resolve(one, "--apply-incoming");
        assertThat(applied.exit()).as(applied.err()).isZero();
        assertThat(applied.out()).contains(one, "apply-incoming").doesNotContain("secret");
        assertThat(atTarget(2)).isEqualTo("1secret-sold@example");
        awaitAtSource(2, "1secret-sold@example");

        Answer again = resolve(one, "--apply-incoming");
        assertThat(again.exit()).isZero();
        assertThat(again.out()).contains("was resolved already", "by command");
        Answer other = resolve(one, "--keep");
        assertThat(other.exit()).isEqualTo(1);
        assertThat(other.err()).contains("resolved already", "apply-incoming");
    }

    @Test
    void whatIsKeptGoesToTheOtherSiteThoughNothingChangesHere() {
        assertThat(resolve(ofRow(1), "--keep").exit()).isZero();
        awaitAtSource(1, "2secret-tt@example");
        assertThat(atTarget(1)).isEqualTo("2secret-tt@example");
    }

    @Test
    void aValueThatIsNotOnRecordIsNotGuessed() {
        Answer masked = resolve(ofRow(3), "--apply-incoming");
        assertThat(masked.exit()).isEqualTo(1);
        assertThat(masked.err()).contains("email", "not on record").doesNotContain("example");
        assertThat(atTarget(3)).isEqualTo("2secret-tt@example");
        assertThat(resolve(ofRow(3), "--dismiss").exit()).isZero();
        Answer list = sluice("conflicts", "list", "-c", config, "--open", "--limit", "1000");
        assertThat(list.out()).doesNotContain(ofRow(3) + " ");
    }

    @Test
    void aDeletionIsApplied() {
        Answer deleted = resolve(ofRow(4), "--apply-incoming");
        assertThat(deleted.exit()).as(deleted.err()).isZero();
        assertThat(atTarget(4)).isNull();
        assertThat(atSource(4)).isNull();
    }

    @Test
    void aRowThatHasChangedSinceIsWrittenWithForceOnly() {
        sites.onTarget("UPDATE parked SET n = 77 WHERE id = 5");
        awaitAtSource(5, "77secret-told@example");
        Answer refused = resolve(ofRow(5), "--apply-incoming");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("changed since");
        assertThat(atTarget(5)).startsWith("77");
        assertThat(resolve(ofRow(5), "--apply-incoming", "--force").exit()).isZero();
        awaitAtSource(5, "1secret-sold@example");
    }

    @Test
    void aDecisionIsOverturned() {
        String lost =
                sites.queryTarget(
                        "SELECT id FROM sluice.conflict WHERE table_name = 'item' AND row_key::text = '{\"id\":7}'");
        String decided =
                sites.queryTarget("SELECT resolution FROM sluice.conflict WHERE id = " + lost);
        boolean applied = "apply".equals(decided);
        Answer answer = resolve("target/" + lost, applied ? "--keep" : "--apply-incoming");
        assertThat(answer.exit()).as(answer.err()).isZero();
        String wanted = applied ? "2secret-t" : "1secret-s";
        String row = "SELECT concat(n, word) FROM item WHERE id = 7";
        sites.awaitOnTarget(row, wanted);
        TwoSites.await(Duration.ofSeconds(120), () -> wanted.equals(sites.querySource(row)));
    }

    /** The row that a merge left is on record, so that it is known whether it stands. */
    @Test
    void whatWasMergedIsOverturnedWithoutForceWhileItStands() {
        String row = "SELECT concat(n, word) FROM counted WHERE id = ";
        for (int id : new int[] {1, 2}) {
            assertThat(sites.queryTarget(row + id)).isEqualTo("16secret");
        }
        sites.onTarget("UPDATE counted SET n = n + 1 WHERE id = 2");
        String name =
                "SELECT 'target/' || id FROM sluice.conflict WHERE table_name = 'counted' AND row_key::text = '{\"id\":%d}'";
        Answer refused = resolve(sites.queryTarget(name.formatted(2)), "--keep");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("changed since");

        Answer kept = resolve(sites.queryTarget(name.formatted(1)), "--keep");
        assertThat(kept.exit()).as(kept.err()).isZero();
        sites.awaitOnTarget(row + 1, "15secret");
        TwoSites.await(
                Duration.ofSeconds(120), () -> "15secret".equals(sites.querySource(row + 1)));
        Answer list = sluice("conflicts", "list", "-c", config, "--table", "public.counted");
        assertThat(list.out())
                .contains("merge by columns(n: delta; else: last-update-wins)")
                .doesNotContain("secret");
    }

    @Test
    void callsThatAreWrongAreToldSo() {
        assertThat(sluice("conflicts", "--help").out()).contains("list", "show", "resolve");
        for (List<String> words :
                List.of(
                        List.of("conflicts"),
                        List.of("conflicts", "nonsense"),
                        List.of("conflicts", "list"),
                        List.of("conflicts", "list", "-c", config, "--limit", "0"),
                        List.of("conflicts", "list", "-c", config, "--since", "yesterday"),
                        List.of("conflicts", "list", "-c", config, "--site", "nowhere"),
                        List.of("conflicts", "list", "-c", config, "--after", "nonsense"),
                        List.of("conflicts", "show", "-c", config),
                        List.of("conflicts", "show", "-c", config, "12"),
                        List.of("conflicts", "show", "-c", config, "nowhere/1"),
                        List.of("conflicts", "show", "-c", config, "target/999999"),
                        List.of("conflicts", "resolve", "-c", config, ofRow(9)),
                        List.of("conflicts", "resolve", "-c", config, "target/999999", "--keep"),
                        List.of(
                                "conflicts",
                                "resolve",
                                "-c",
                                config,
                                ofRow(9),
                                "--keep",
                                "--dismiss"))) {
            Answer answer = sluice(words.toArray(String[]::new));
            assertThat(answer.exit()).as("%s: %s", words, answer.err()).isEqualTo(2);
            assertThat(answer.out()).as(words.toString()).isEmpty();
            assertThat(answer.err()).isNotBlank().doesNotContain("Exception", "\tat ");
            assertThat(answer.err().lines()).as(words.toString()).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void theApiShowsPagesAndTheValuesToOperatorsOnly() throws Exception {
        String asked =
                "conflicts?site=source&table=public.parked&kind=update_origin_differs&limit=3";
        JsonNode first = json(get(GRAFANA, asked).body());
        assertThat(first.get("conflicts")).hasSize(3);
        JsonNode next = json(get(GRAFANA, asked + "&after=" + first.get("next").asText()).body());
        assertThat(next.at("/conflicts/0/at").asText())
                .isLessThanOrEqualTo(first.at("/conflicts/2/at").asText());
        assertThat(next.at("/conflicts/0/id").asText()).isNotIn(first.findValuesAsText("id"));
        assertThat(next.get("conflicts").findValuesAsText("table")).containsOnly("public.parked");
        JsonNode since = json(get(GRAFANA, "conflicts?since=2999-01-01T00:00:00Z").body());
        assertThat(since.get("conflicts")).isEmpty();
        assertThat(since.get("next").isNull()).isTrue();

        String one = "conflicts/" + ofRow(8);
        HttpResponse<String> viewed = get(GRAFANA, one);
        assertThat(viewed.body()).doesNotContain("secret", "example").contains("•••");
        JsonNode columns = json(viewed.body()).get("columns");
        assertThat(columns.findValues("differs").toString()).isEqualTo("[false, true, true, true]");
        JsonNode whole = json(get(ALICE, one).body());
        assertThat(whole.at("/columns/2/incoming").asText()).isEqualTo("secret-s");
        assertThat(whole.at("/columns/2/standing").asText()).isEqualTo("secret-t");
        assertThat(whole.at("/columns/3/masked").asBoolean()).isTrue();
        assertThat(whole.at("/conflict/incoming/site").asText()).isEqualTo("source");
        assertThat(whole.at("/conflict/policy").asText()).isEqualTo("park");

        assertThat(get(ALICE, "conflicts/target/999999").statusCode()).isEqualTo(404);
        assertThat(get(ALICE, "conflicts/nowhere/1").statusCode()).isEqualTo(404);
        assertThat(get(ALICE, "conflicts?site=nowhere").statusCode()).isEqualTo(404);
        for (String bad : List.of("since=x", "until=1", "open=maybe", "limit=many")) {
            assertThat(get(ALICE, "conflicts?" + bad).statusCode()).as(bad).isEqualTo(400);
        }
    }

    @Test
    void anOperatorResolvesOverHttpAndTheJournalTells() throws Exception {
        String one = "conflicts/" + ofRow(6) + "/resolve";
        String body = "{\"choice\": \"apply-incoming\", \"reason\": \"the\\nsource knows\"}";
        assertThat(post(GRAFANA, one, body).statusCode()).isEqualTo(403);
        for (String bad : List.of("", "null", "[]", "{}", "{\"choice\": \"both\"}", "{\"x\": 1}")) {
            assertThat(post(ALICE, one, bad).statusCode()).as(bad).isEqualTo(400);
        }
        assertThat(atTarget(6)).startsWith("2");
        HttpResponse<String> done = post(ALICE, one, body);
        assertThat(done.statusCode()).as(done.body()).isEqualTo(202);
        assertThat(json(done.body()).at("/conflict/resolved/by").asText())
                .isEqualTo("alice: the source knows");
        awaitAtSource(6, "1secret-sold@example");
        assertThat(post(ALICE, one, body).statusCode()).as("again").isEqualTo(202);
        assertThat(post(ALICE, one, "{\"choice\": \"keep\"}").statusCode()).isEqualTo(409);
        String events = get(GRAFANA, "events?limit=1000").body();
        assertThat(events)
                .contains(
                        "conflict %s of public.parked resolved: apply-incoming, by alice: the source knows"
                                .formatted(ofRow(6)))
                .doesNotContain("secret");
    }

    /** All conflicts of a storm are on record and counted, and its rows end equal. */
    @Test
    void eachConflictOfAStormIsCounted() {
        String recorded = "SELECT count(*) FROM sluice.conflict";
        // Counted when they are durable, which others may see a moment before.
        TwoSites.await(
                Duration.ofSeconds(60),
                () -> counted() == Double.parseDouble(sites.queryTarget(recorded)));
        sites.awaitEqual(Duration.ofSeconds(180), List.of("public.item"));
    }

    private double counted() throws Exception {
        String metrics =
                HTTP.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:%d/metrics"
                                                                .formatted(gateway.httpPort())))
                                        .header("Authorization", GRAFANA)
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
        return metrics.lines()
                .filter(line -> line.startsWith("sluice_conflicts_total{"))
                .filter(line -> line.contains("source->target"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
