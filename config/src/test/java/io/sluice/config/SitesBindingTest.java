package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The keys of modes whose sites all write. */
class SitesBindingTest {

    private static final String HEAD =
            """
            databases:
              east: {url: "jdbc:postgresql://127.0.0.1:5432/shop", username: s, password: a}
              west: {url: "jdbc:postgresql://127.0.0.1:5433/shop", username: s, password: b}
              south: {url: "jdbc:postgresql://127.0.0.1:5434/shop", username: s, password: c}
            replications:
              catalog:
                mode: bidirectional
                tables: ["public.*"]
            """;

    private static Optional<SitesConfig> bind(Node.MapNode map, Problems problems) {
        Fields fields = new Fields(map, "replications.catalog", problems);
        Optional<SitesConfig> sites =
                new SitesBinding(problems, Function.identity()).bind(fields, Mode.BIDIRECTIONAL);
        fields.end();
        return sites;
    }

    private static Node.MapNode map(Object... entries) {
        Map<String, Node> nodes = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            nodes.put((String) entries[i], node(entries[i + 1]));
        }
        return new Node.MapNode(1, nodes);
    }

    private static Node node(Object value) {
        return switch (value) {
            case Node node -> node;
            case List<?> list ->
                    new Node.ListNode(1, list.stream().map(SitesBindingTest::node).toList());
            default -> new Node.TextNode(1, value.toString());
        };
    }

    @Test
    void readsEveryKeyToItsRecord() {
        Problems problems = new Problems("s.yaml");
        Node.MapNode stock =
                map(
                        "policy",
                        map("column-merge", map("otherwise", "park")),
                        "kinds",
                        map("update_deleted", "stop"),
                        "columns",
                        map("quantity", "delta", "street, city", "last-update-wins"));
        Optional<SitesConfig> sites =
                bind(
                        map(
                                "between",
                                List.of("east", "south"),
                                "conflict",
                                map(
                                        "policy",
                                        map("source-priority", map("databases", List.of("a", "b"))),
                                        "kinds",
                                        map("insert_exists", "park"),
                                        "tables",
                                        map("public.stock", stock),
                                        "mask",
                                        map("public.*", List.of("email"), "*.stock", List.of("n")),
                                        "keep",
                                        map("age", "90d", "count", "5000")),
                                "tombstones",
                                "30d",
                                "acceptOrigins",
                                List.of("legacy"),
                                "versionColumn",
                                map("public.*", "changed_at"),
                                "maxClockSkew",
                                "2s",
                                "allowDivergence",
                                "true"),
                        problems);

        assertThat(problems.count()).isZero();
        ConflictConfig.Rules all =
                new ConflictConfig.Rules(
                        Optional.of(
                                new PolicyConfig(
                                        "source-priority", Map.of("databases", List.of("a", "b")))),
                        Map.of("insert_exists", new PolicyConfig("park", Map.of())),
                        Map.of());
        ConflictConfig.Rules ofStock =
                new ConflictConfig.Rules(
                        Optional.of(new PolicyConfig("column-merge", Map.of("otherwise", "park"))),
                        Map.of("update_deleted", new PolicyConfig("stop", Map.of())),
                        Map.of(
                                List.of("quantity"),
                                new PolicyConfig("delta", Map.of()),
                                List.of("street", "city"),
                                new PolicyConfig("last-update-wins", Map.of())));
        assertThat(sites)
                .contains(
                        new SitesConfig(
                                List.of("east", "south"),
                                new ConflictConfig(
                                        all,
                                        Map.of(Glob.parse("public.stock"), ofStock),
                                        Map.of(
                                                Glob.parse("public.*"),
                                                List.of("email"),
                                                Glob.parse("*.stock"),
                                                List.of("n")),
                                        new ConflictConfig.KeepConfig(Duration.ofDays(90), 5000)),
                                Duration.ofDays(30),
                                List.of("legacy"),
                                Map.of(Glob.parse("public.*"), "changed_at"),
                                Duration.ofSeconds(2),
                                true));
        assertThat(sites.orElseThrow().versionColumn("public", "stock")).contains("changed_at");
        assertThat(sites.orElseThrow().versionColumn("other", "stock")).isEmpty();
        ConflictConfig conflict = sites.orElseThrow().conflict();
        assertThat(conflict.forTable("public", "other")).isEqualTo(all);
        assertThat(conflict.masked("public", "stock")).containsExactlyInAnyOrder("email", "n");
        assertThat(conflict.masked("public", "other")).containsExactly("email");
        assertThat(conflict.masked("shop", "other")).isEmpty();
        assertThat(conflict.forTable("public", "stock").kinds())
                .containsOnlyKeys("insert_exists", "update_deleted");
        assertThat(conflict.forTable("public", "stock").policy()).isEqualTo(ofStock.policy());
    }

    @Test
    void leavesEverythingThatIsNotGivenAtItsDefault() {
        assertThat(bind(map("between", List.of("a", "b")), new Problems("s.yaml")))
                .contains(
                        new SitesConfig(
                                List.of("a", "b"),
                                ConflictConfig.DEFAULTS,
                                Duration.ofDays(7),
                                List.of(),
                                Map.of(),
                                Duration.ofSeconds(10),
                                false));
    }

    @Test
    void oneVersionColumnIsThatOfAllTables() {
        assertThat(
                        bind(
                                        map("between", List.of("a", "b"), "versionColumn", "n"),
                                        new Problems("s.yaml"))
                                .orElseThrow()
                                .versionColumn("any", "table"))
                .contains("n");
    }

    @Test
    void theExampleOfTheContractIsRefusedForItsModeAlone() {
        String lines =
                """
                between: [east, south]
                conflict: {policy: last-update-wins, tables: {"public.stock": {columns: {quantity: delta}}}}
                """;

        assertThat(Texts.problems(HEAD + lines.indent(4))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "between: [east]|9: replications.catalog.between: must name two different"
                        + " databases; mode `merge` takes more",
                "between: [east, east]|9: replications.catalog.between: must name two different"
                        + " databases; mode `merge` takes more",
                "between: [east, sout]|9: replications.catalog.between: no database is named"
                        + " `sout`, did you mean `south`?",
                "between: [east, west]#conflict: {polcy: park}|10: unknown key `polcy`, did you"
                        + " mean `policy`?",
                "between: [east, west]#conflict: {policy: [park]}|10:"
                        + " replications.catalog.conflict.policy: must be a policy's name, or a map"
                        + " of its name to a map of its settings",
                "between: [east, west]#conflict: {tables: {stock: {policy: park}}}|10:"
                        + " replications.catalog.conflict.tables: must be a pattern `schema.table`,"
                        + " such as `public.order_*`; a name with a dot needs double quotes",
                "between: [east, west]#conflict: {tables: {a.b: {columns: {'x, ': delta}}}}|10:"
                        + " replications.catalog.conflict.tables.a.b.columns: a name must not be"
                        + " empty",
                "between: [east, west]#conflict: {tables: {a.b: {columns: {x: delta, 'y,x':"
                        + " park}}}}|10: replications.catalog.conflict.tables.a.b.columns: two"
                        + " policies for one column",
                "between: [east, west]#conflict: {mask: {a.b: email}}|10:"
                        + " replications.catalog.conflict.mask: must be a list, found text",
                "between: [east, west]#conflict: {mask: {b: [email]}}|10:"
                        + " replications.catalog.conflict.mask: must be a pattern `schema.table`,"
                        + " such as `public.order_*`; a name with a dot needs double quotes",
                "between: [east, west]#conflict: {keep: {count: 0}}|10:"
                        + " replications.catalog.conflict.keep.count: must be a whole number from"
                        + " 1 to 2147483647",
                "between: [east, west]#conflict: {keep: {agee: 3d}}|10: unknown key `agee`, did you"
                        + " mean `age`?",
                "between: [east, west]#versionColumn: {item: n}|10:"
                        + " replications.catalog.versionColumn: must be a pattern `schema.table`,"
                        + " such as `public.order_*`; a name with a dot needs double quotes",
                "between: [east, west]#tombstones: 0s|10: replications.catalog.tombstones: must be"
                        + " longer than 0",
                "between: [east, west]#allowDivergence: maybe|10:"
                        + " replications.catalog.allowDivergence: must be true or false"
            })
    void eachProblemIsToldWithItsLine(String lines, String problem) {
        assertThat(Texts.problems(HEAD + lines.replace("#", "\n").indent(4)))
                .containsExactly("s.yaml:" + problem);
    }

    @Test
    void whatIsOfOneDirectionIsRefused() {
        String lines =
                """
                between: [east, south]
                rename: {public: a}
                excludeColumns: {"*.a": [b]}
                onRowError: park
                """;
        assertThat(Texts.problems(HEAD + lines.indent(4)))
                .containsExactlyInAnyOrder(
                        "s.yaml:10: replications.catalog.rename: is not available between sites in"
                                + " this version",
                        "s.yaml:11: replications.catalog.excludeColumns: is not available between"
                                + " sites in this version",
                        "s.yaml:12: replications.catalog.onRowError: can be park only for"
                                + " transactional and log-based");
    }

    @Test
    void theFirstSiteIsTheOneThatIsCopied() {
        SluiceConfig config =
                ConfigReader.read("s.yaml", HEAD + "    between: [south, east]\n", name -> null);
        ReplicationConfig catalog = config.replications().get("catalog");
        assertThat(catalog.source()).isEqualTo("south");
        assertThat(catalog.target()).isEqualTo("east");
        assertThat(catalog.sites()).isPresent();
    }

    @Test
    void theyAreOnlyForSuchModes() {
        assertThat(Texts.replicationProblems("tombstones: 7d\nallowDivergence: true"))
                .containsExactly(
                        "s.yaml:10: replications.orders.tombstones: is only for bidirectional and"
                                + " merge",
                        "s.yaml:11: replications.orders.allowDivergence: is only for bidirectional"
                                + " and merge");
    }
}
