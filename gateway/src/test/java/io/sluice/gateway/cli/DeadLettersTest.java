package io.sluice.gateway.cli;

import static io.sluice.gateway.cli.Answer.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.system.GatewayProcess;
import io.sluice.gateway.system.TwoSites;
import io.sluice.gateway.system.Watching;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that the target refuses are parked by the copy and by the log, shown, and tried again. */
class DeadLettersTest {

    private static final List<String> TABLES = List.of("public.item", "public.other");

    @TempDir private Path folder;

    private static TwoSites sites(boolean fromMySql, boolean toMySql) {
        DatabaseServer source = fromMySql ? Servers.sharedMySql() : Servers.sharedPostgres();
        DatabaseServer target =
                !toMySql
                        ? Servers.sharedPostgres()
                        : fromMySql ? Servers.otherSharedMySql() : Servers.sharedMySql();
        TwoSites sites =
                TwoSites.between(source, target)
                        .with("heartbeat: 200ms")
                        .with("onRowError: park")
                        .with("apply: {maxParked: 6}");
        String item = "CREATE TABLE item (id bigint PRIMARY KEY, secret varchar(40), n integer%s)";
        String other = "CREATE TABLE other (id bigint PRIMARY KEY, secret varchar(40))";
        sites.onSource(item.formatted(""), other);
        sites.onTarget(item.formatted(", CONSTRAINT small CHECK (n < 100)"));
        for (int i = 1; i <= 20; i++) {
            sites.onSource(
                    "INSERT INTO item VALUES (%d, 'secret-%d', %d)"
                            .formatted(i, i, i == 7 || i == 9 ? 1000 : i));
        }
        return sites;
    }

    @ParameterizedTest
    @CsvSource({"false, false", "false, true", "true, false", "true, true"})
    void whatIsRefusedIsParkedAndTriedAgain(boolean fromMySql, boolean toMySql) throws Exception {
        try (TwoSites sites = sites(fromMySql, toMySql);
                Gateway gateway = new Gateway(sites.config())) {
            String config = sites.configFile(folder).toString();
            Watching.awaitStreaming(gateway);
            assertThat(sites.queryTarget("SELECT count(*) FROM item")).isEqualTo("18");
            assertThat(Watching.status(gateway).parkedRows()).isEqualTo(2);

            sites.onSource(
                    "BEGIN",
                    "INSERT INTO other VALUES (1, 'secret-o1')",
                    "UPDATE item SET secret = 'secret-later' WHERE id = 7",
                    "UPDATE item SET n = 500 WHERE id = 3",
                    "UPDATE item SET secret = 'secret-three' WHERE id = 3",
                    "INSERT INTO item VALUES (77, 'secret-77', 4711)",
                    "DELETE FROM item WHERE id = 9",
                    "UPDATE item SET n = 4 WHERE id = 5",
                    "COMMIT",
                    "UPDATE item SET id = 78 WHERE id = 77",
                    "INSERT INTO other VALUES (2, 'secret-o2')");
            sites.awaitOnTarget("SELECT count(*) FROM other", "2");
            assertThat(sites.queryTarget("SELECT concat(secret, n) FROM item WHERE id = 3"))
                    .isEqualTo("secret-33");
            assertThat(sites.queryTarget("SELECT n FROM item WHERE id = 5")).isEqualTo("4");
            assertThat(
                            sites.queryTarget(
                                    "SELECT concat(count(*), ' ', sum(changes)) FROM"
                                            + " sluice.dead_letter"))
                    .as("7, 9, 3, 77 and 78, twice each but the last")
                    .isEqualTo("5 9");

            Answer list = sluice("dead-letters", "list", "-c", config);
            assertThat(list.exit()).as(list.err()).isZero();
            assertThat(list.out()).contains("5 parked", "77", "small").doesNotContain("secret-77");
            Answer show = sluice("dead-letters", "show", "-c", config, "--all");
            assertThat(show.out()).contains("secret-77", "secret-9");

            Answer again = sluice("dead-letters", "retry", "-c", config, "--all");
            assertThat(again.exit()).as(again.out() + again.err()).isEqualTo(1);
            assertThat(again.out()).contains("Written: 2. Refused again: 3.");

            sites.onTarget("ALTER TABLE item DROP CONSTRAINT small");
            Answer mended = sluice("dead-letters", "retry", "-c", config, "--all");
            assertThat(mended.exit()).as(mended.out() + mended.err()).isZero();
            sites.onSource("UPDATE item SET n = n + 1, secret = 'secret-end' WHERE id > 2");
            sites.awaitEqual(Duration.ofSeconds(180), TABLES);
            assertThat(Watching.status(gateway).parkedRows()).isZero();

            sites.onTarget(
                    "UPDATE item SET n = 1",
                    "ALTER TABLE item ADD CONSTRAINT small CHECK (n < 100)");
            sites.onSource("UPDATE item SET n = 1000 + id");
            assertThat(Watching.awaitFailed(gateway).message()).contains("apply.maxParked");
        }
    }

    @Test
    @Tag("slow")
    void aGatewayThatIsKilledAmidAParkingTransactionParksOnce() throws Exception {
        try (TwoSites sites = sites(false, false)) {
            sites.onSource("UPDATE item SET n = 1");
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Dsluice.failpoint=ROWS_WRITTEN:3"), "run", "-c", config)) {
                sites.awaitOnTarget("SELECT count(*) FROM item", "20");
                for (int i = 0; i < 5; i++) {
                    sites.onSource(
                            "BEGIN",
                            "INSERT INTO other VALUES (%d, 'o')".formatted(i),
                            "INSERT INTO item VALUES (%d, 's', 1000)".formatted(100 + i),
                            "COMMIT");
                }
                assertThat(gateway.awaitFailpoint(180)).as(gateway.errors()).isTrue();
                gateway.kill();
                assertThat(gateway.errors()).doesNotContain("FAILED");
            }
            assertThat(sites.queryTarget("SELECT count(*) FROM other"))
                    .isEqualTo(sites.queryTarget("SELECT count(*) FROM sluice.dead_letter"));
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.awaitOnTarget("SELECT count(*) FROM other", "5");
                assertThat(
                                sites.queryTarget(
                                        "SELECT concat(count(*), ' ', sum(changes)) FROM"
                                                + " sluice.dead_letter"))
                        .isEqualTo("5 5");
                assertThat(sluice("dead-letters", "discard", "-c", config, "--all").out())
                        .contains("Discarded: 5.");
                sites.onSource("DELETE FROM item WHERE id > 100", "DELETE FROM other");
                assertThat(sluice("dead-letters", "list", "-c", config).out()).contains("parked");
            }
            assertThat(sluice("dead-letters", "show", "-c", config, "12345").exit()).isEqualTo(2);
        }
    }
}
