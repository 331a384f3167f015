package io.sluice.gateway.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.testkit.Promtool;
import io.sluice.testkit.ServerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus itself says of its files, and of the dashboards' queries. */
@Tag("slow") // the tool may have to be fetched
class AlertRulesTest {

    private static Promtool promtool;

    @TempDir private Path folder;

    @BeforeAll
    static void find() {
        try {
            promtool = Promtool.find();
        } catch (ServerException e) {
            abort(e.getMessage());
        }
    }

    @Test
    void theAlertsRiseAndStaySilentAsTheirSeriesSay() {
        Path tests = Deployed.ALERTS.resolveSibling("alerts.test.yml");

        assertThat(promtool.run("test", "rules", tests.toString())).contains("SUCCESS");

        List<String> tested =
                Deployed.list(Deployed.yaml(tests).get("tests")).stream()
                        .flatMap(test -> Deployed.list(map(test, "alert_rule_test")).stream())
                        .filter(expected -> !Deployed.list(map(expected, "exp_alerts")).isEmpty())
                        .map(expected -> (String) map(expected, "alertname"))
                        .toList();
        assertThat(tested)
                .containsAll(Deployed.alerts().stream().map(Deployed.Alert::name).toList());
    }

    @Test
    void prometheusTakesItsConfiguration() {
        Path configuration = Deployed.ALERTS.resolveSibling("prometheus.yml");

        assertThat(promtool.run("check", "config", "--syntax-only", configuration.toString()))
                .contains("SUCCESS");
    }

    /** As rules, because rules are what the tool reads. */
    @Test
    void prometheusUnderstandsEveryQueryOfTheDashboards() throws Exception {
        List<Map<String, String>> rules = new ArrayList<>();
        for (Path dashboard : Deployed.dashboards()) {
            for (String query : QueriesTest.queries(dashboard)) {
                if (!query.startsWith("label_values(")) { // Grafana's own
                    String asked = query.replace("$__rate_interval", "1m");
                    rules.add(Map.of("record", "query:" + rules.size(), "expr", asked));
                }
            }
        }
        assertThat(rules).hasSizeGreaterThan(20);
        Path file = folder.resolve("rules.yml");
        Map<String, Object> group = Map.of("name", "dashboards", "rules", rules);
        // JSON is YAML.
        Files.writeString(
                file, new ObjectMapper().writeValueAsString(Map.of("groups", List.of(group))));

        assertThat(promtool.run("check", "rules", file.toString()))
                .contains(rules.size() + " rules found");
    }

    private static Object map(Object node, String key) {
        return Deployed.map(node).get(key);
    }
}
