package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code check} says of tables that are to be read by a cursor. */
class KeyBasedCheckTest {

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void everyTableThatACursorCannotFollowIsNamed(Pair pair) throws Exception {
        try (TwoSites sites =
                pair.shared()
                        .mode("key-based")
                        .tables("[\"*.*\"]")
                        .with("cursor: changed")
                        .with("deletes: ignore")) {
            String time = pair.fromMySql ? "datetime" : "timestamp";
            sites.onSource(
                    "CREATE TABLE keyless (id int, changed %s NOT NULL)".formatted(time),
                    "CREATE TABLE worded (id int PRIMARY KEY, changed varchar(9) NOT NULL)",
                    "CREATE TABLE unmarked (id int PRIMARY KEY)",
                    "CREATE TABLE slow (id int PRIMARY KEY, changed %s NULL)".formatted(time),
                    "INSERT INTO slow VALUES (1, NULL)");
            KeyBasedTest.mayOnlySelect(sites, pair);
            try (GatewayProcess check =
                    GatewayProcess.start("check", "-c", sites.configFile(folder).toString())) {
                assertThat(check.awaitExit(120)).as(check.errors()).isEqualTo(3);
                assertThat(check.output())
                        .contains(
                                "keyless: The table has no primary key",
                                "worded: Its cursor changed is",
                                "unmarked: It has no column changed",
                                "slow.changed: No index begins with the cursor's column",
                                "CREATE INDEX",
                                "slow.changed: The cursor is a time without a zone",
                                "slow.changed: The cursor is null in some rows",
                                "deletes: Deletes are ignored")
                        .doesNotContain("REPLICATION", "wal_level", "binlog", "unmarked.changed");
            }
        }
    }
}
