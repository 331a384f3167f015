package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.Durability;
import io.sluice.testkit.schema.Dialect;
import io.sluice.testkit.schema.ShopSchema;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A schema as applications have them, with half a million rows, from each engine to each. */
@Tag("slow")
final class ShopSchemaTest {

    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final int ROWS = 500_000;

    private static final Duration LONGEST = Duration.ofMinutes(4);

    @ParameterizedTest
    @EnumSource
    void thirtyTablesArriveByTheCopyAndByTheLog(Pair pair) throws Exception {
        Dialect dialect = pair.fromMySql ? Dialect.MYSQL : Dialect.POSTGRES;
        ShopSchema schema = new ShopSchema(dialect, SEED, ROWS);
        List<String> tables = schema.tables().stream().map(table -> "public." + table).toList();
        try (TwoSites sites = pair.sites(Durability.FAST)) {
            onSource(sites, schema.definitions());
            onSource(sites, schema.rows());
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.STREAMING, LONGEST);
                if (pair.fromMySql != pair.toMySql) {
                    sites.onTarget(
                            schema.computedColumns(pair.toMySql ? Dialect.MYSQL : Dialect.POSTGRES)
                                    .toArray(String[]::new));
                }
                onSource(sites, schema.changes());
                awaitApplied(sites, gateway);
                // What the copy brought is most of it.
                Comparison all = sites.compare(tables);
                assertThat(all.isEqual()).as("seed %d: %s", SEED, all).isTrue();
                assertThat(all.rows()).isGreaterThan(ROWS * 9 / 10);
            }
        }
    }

    /** The last change of all stands on the target. */
    private static void awaitApplied(TwoSites sites, Gateway gateway) {
        sites.onSource("UPDATE setting SET nr = -nr WHERE nr = 20");
        TwoSites.await(
                LONGEST,
                () ->
                        Watching.status(gateway).state() == PipelineState.FAILED
                                || "1"
                                        .equals(
                                                sites.queryTarget(
                                                        "SELECT count(*) FROM setting WHERE nr = -20")));
        assertThat(Watching.status(gateway).failure()).as("seed %d", SEED).isNull();
    }

    private static void onSource(TwoSites sites, List<String> statements) {
        sites.onSource(statements.toArray(String[]::new));
    }
}
