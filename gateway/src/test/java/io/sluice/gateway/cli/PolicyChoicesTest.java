package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sluice.change.TableId;
import io.sluice.config.ConfigReader;
import io.sluice.config.SitesConfig;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.gateway.sites.ChosenPolicies;
import io.sluice.gateway.sites.MeshPolicies;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which policy decides on which table, by the configuration alone. */
class PolicyChoicesTest {

    private static final String HEAD =
            """
            databases:
              east: {url: "jdbc:postgresql://127.0.0.1/shop", username: u, password: p}
              west: {url: "jdbc:postgresql://127.0.0.1/store", username: u, password: p}
            replications:
              shop:
                mode: bidirectional
                between: [east, west]
                tables: ["public.*"]
            """;

    private static final TableId ITEM = new TableId("public", "item");
    private static final TableId STOCK = new TableId("public", "stock");
    private static final TableId TICKET = new TableId("public", "ticket");

    private static SitesConfig sites(String lines) {
        return ConfigReader.read("s.yaml", HEAD + lines.indent(4), name -> null)
                .replications()
                .get("shop")
                .sites()
                .orElseThrow();
    }

    private static PolicyChoices choices(String lines) {
        return new PolicyChoices(sites(lines));
    }

    private static ChosenPolicies chosen(String lines) {
        return choices(lines).at(schema -> schema, true);
    }

    private static TableChoice by(String column) {
        return TableChoice.of(new PolicySpec("version-column", Map.of("column", column)));
    }

    @Test
    void aVersionColumnGoesBeforeTheTimeOfTheCommitAndNothingElse() {
        ChosenPolicies chosen =
                chosen(
                        """
                        versionColumn: {"*.stock": version, "public.*": changed}
                        conflict: {tables: {"*.ticket": {policy: park}}}
                        """);

        assertThat(chosen.of(STOCK)).isEqualTo(by("version"));
        assertThat(chosen.of(ITEM)).isEqualTo(by("changed"));
        assertThat(chosen.of(TICKET)).isEqualTo(TableChoice.of(PolicySpec.of("park")));
        assertThat(chosen.of(new TableId("app", "item")))
                .isEqualTo(TableChoice.of(TableChoice.DEFAULT));
    }

    /** Else the sites of a mesh would decide by a version without what it needs. */
    @Test
    void aVersionColumnAloneAsksForChangesInOrder() {
        assertThat(MeshPolicies.askHistory(choices("versionColumn: changed").all())).isTrue();
        assertThat(MeshPolicies.askHistory(choices("").all())).isFalse();
    }

    @Test
    void otherReplicationsCountAsTheConfigurationSays() {
        SiteReading accepts = SitesWiring.reading("shop", sites("acceptOrigins: [legacy]"), "east");
        assertThat(accepts.acceptOrigins()).containsExactly("legacy");
        assertThat(accepts.appliers()).containsExactly("shop:west->east");
        assertThat(SitesWiring.reading("shop", sites(""), "east").acceptOrigins()).isEmpty();
    }

    @Test
    void whatIsMeantForNoTableIsTold() {
        ChosenPolicies chosen =
                chosen(
                        """
                        versionColumn: {"*.stok": version, "public.ticket": changed}
                        conflict: {tables: {"*.ticket": {policy: park}, "*.tiket": {policy: stop}}}
                        """);

        assertThat(chosen.unused(List.of(STOCK, TICKET)))
                .extracting(Finding::subject, Finding::problem)
                .containsExactlyInAnyOrder(
                        tuple("versionColumn", "No replicated table is meant by `*.stok`."),
                        tuple("conflict.tables", "No replicated table is meant by `*.tiket`."),
                        tuple(
                                "public.ticket",
                                "`versionColumn` is not asked: its rows are decided by `park`."));
    }
}
