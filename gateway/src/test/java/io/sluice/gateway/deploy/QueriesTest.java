package io.sluice.gateway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.server.MetricNames;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What dashboards and alerts ask for is what the gateway tells. */
class QueriesTest {

    private static final Pattern METRIC = Pattern.compile("\\bsluice_[a-z_]+\\b");
    private static final Pattern SELECTOR = Pattern.compile("\\{([^{}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+) *(?:=~|!~|!=|=)");
    private static final Pattern HISTOGRAM_PART = Pattern.compile("_(bucket|count|sum)$");
    private static final Set<String> LABELS =
            Set.of(
                    "replication",
                    "pipeline",
                    "source",
                    "target",
                    "state",
                    "operation",
                    "class",
                    "outcome",
                    "over",
                    "job",
                    "instance");

    @Test
    void everyPanelAsksForMetricsThatTheGatewayHas() throws Exception {
        assertThat(Deployed.dashboards()).hasSizeGreaterThan(1);
        for (Path dashboard : Deployed.dashboards()) {
            List<String> queries = queries(dashboard);
            assertThat(queries).as(dashboard.toString()).hasSizeGreaterThan(5);
            queries.forEach(QueriesTest::hold);
        }
    }

    @Test
    void everyAlertAsksForMetricsThatTheGatewayHas() {
        assertThat(Deployed.alerts()).hasSizeGreaterThan(8);
        Deployed.alerts().forEach(alert -> hold(alert.query()));
    }

    @Test
    void everyAlertLeadsToItsSectionOfTheManual() {
        String manual = Deployed.text(Deployed.ROOT.resolve("docs/operations.md"));
        Set<String> sections =
                Pattern.compile("(?m)^#+ (.*)$")
                        .matcher(manual)
                        .results()
                        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replace(' ', '-'))
                        .collect(Collectors.toSet());
        for (Deployed.Alert alert : Deployed.alerts()) {
            assertThat(alert.summary()).as(alert.name()).isNotBlank();
            assertThat(alert.runbook()).as(alert.name()).startsWith("docs/operations.md#");
            assertThat(sections).contains(alert.runbook().split("#")[1]);
            assertThat(manual).as("the table of alerts").contains("| `" + alert.name() + "` |");
        }
    }

    @Test
    void everyPanelAsksTheDatasourceThatIsProvisioned() throws Exception {
        Map<String, Object> provisioned =
                Deployed.yaml(
                        Deployed.ROOT.resolve(
                                "deploy/grafana/provisioning/datasources/prometheus.yaml"));
        List<String> uids =
                Deployed.list(provisioned.get("datasources")).stream()
                        .map(source -> (String) Deployed.map(source).get("uid"))
                        .toList();
        for (Path dashboard : Deployed.dashboards()) {
            List<JsonNode> asked = tree(dashboard).findValues("datasource");
            assertThat(asked).hasSizeGreaterThan(5);
            asked.forEach(source -> assertThat(uids).contains(source.path("uid").asText()));
        }
    }

    /** All queries of a dashboard: those of its panels and those of its variables. */
    static List<String> queries(Path dashboard) throws Exception {
        JsonNode tree = tree(dashboard);
        List<String> queries = new ArrayList<>(tree.findValuesAsText("expr"));
        queries.addAll(tree.path("templating").findValuesAsText("definition"));
        return queries;
    }

    private static JsonNode tree(Path dashboard) throws Exception {
        return new ObjectMapper().readTree(dashboard.toFile());
    }

    private static void hold(String query) {
        Set<String> asked =
                METRIC.matcher(query)
                        .results()
                        .map(MatchResult::group)
                        .map(QueriesTest::catalogued)
                        .collect(Collectors.toSet());
        if (!query.startsWith("up{")) {
            assertThat(asked).as(query).isNotEmpty();
        }
        assertThat(names()).as(query).containsAll(asked);
        SELECTOR.matcher(query)
                .results()
                .flatMap(selector -> LABEL.matcher(selector.group(1)).results())
                .forEach(label -> assertThat(LABELS).as(query).contains(label.group(1)));
    }

    /** Prometheus keeps a histogram under three names. */
    private static String catalogued(String name) {
        String whole = HISTOGRAM_PART.matcher(name).replaceFirst("");
        return whole.equals(MetricNames.LATENCY) ? whole : name;
    }

    private static Set<String> names() {
        Set<String> names = new HashSet<>();
        for (Field field : MetricNames.class.getDeclaredFields()) {
            if (field.getType() == String.class) {
                try {
                    names.add((String) field.get(null));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return names;
    }
}
