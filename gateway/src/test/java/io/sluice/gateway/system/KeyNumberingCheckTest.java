package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.Servers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check} says of sites of both engines that number new rows themselves. */
class KeyNumberingCheckTest {

    @TempDir private Path folder;

    @Test
    void numbersThatCanMeetAreNamedUntilTheyCannot() throws Exception {
        try (TwoSites sites =
                TwoSites.between(Servers.sharedPostgres(), Servers.sharedMySql())
                        .tables("[\"public.*\"]")
                        .bothWays()) {
            sites.onSource(
                    "CREATE TABLE standing (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int)",
                    "CREATE TABLE missing (id serial PRIMARY KEY)",
                    "CREATE TABLE given (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
                    "ALTER TABLE standing REPLICA IDENTITY FULL",
                    "ALTER TABLE missing REPLICA IDENTITY FULL",
                    "ALTER TABLE given REPLICA IDENTITY FULL",
                    "INSERT INTO standing (v) VALUES (1), (2)");
            sites.onTarget(
                    "CREATE TABLE standing (id int AUTO_INCREMENT PRIMARY KEY, v int)",
                    "CREATE TABLE given (id int PRIMARY KEY)");
            assertThat(checked(sites))
                    .containsOnlyOnce("public.standing.id: Both sites number it themselves")
                    .containsOnlyOnce("public.missing.id: Both sites number it themselves")
                    .contains(
                            "source from 3 in steps of 1 and target from 1 in steps of 1",
                            "ALTER TABLE \"public\".\"standing\" ALTER COLUMN \"id\" SET INCREMENT BY 2",
                            "auto_increment_increment = 2, PERSIST auto_increment_offset = 2")
                    .doesNotContain("given.id: Both");

            sites.onSource(
                    "ALTER TABLE standing ALTER COLUMN id SET INCREMENT BY 2 RESTART WITH 11",
                    "ALTER SEQUENCE missing_id_seq INCREMENT BY 2 RESTART WITH 11");
            try {
                count(sites, 2, 2);
                assertThat(checked(sites)).doesNotContain("Both sites number");
                count(sites, 2, 1);
                assertThat(checked(sites))
                        .contains("standing.id: Both sites", "missing.id: Both sites");
            } finally {
                count(sites, 1, 1);
            }
        }
    }

    private static void count(TwoSites sites, int step, int offset) {
        sites.onTarget(
                "SET GLOBAL auto_increment_increment = " + step,
                "SET GLOBAL auto_increment_offset = " + offset);
    }

    /** What `check` says; it can start. */
    private String checked(TwoSites sites) throws Exception {
        try (GatewayProcess check =
                GatewayProcess.start("check", "-c", sites.configFile(folder).toString())) {
            assertThat(check.awaitExit(240)).as(check.output() + check.errors()).isZero();
            return check.output();
        }
    }
}
