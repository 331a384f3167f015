package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.testkit.Durability;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is particular to a MySQL source, seen at the gateway. */
final class MySqlSourceTest {

    private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

    private final TwoSites sites =
            Pair.MYSQL_TO_POSTGRES.sites(Durability.FAST).with("heartbeat: 200ms");

    @BeforeEach
    void makeTable() {
        sites.onSource(
                "CREATE TABLE item (id int PRIMARY KEY, name varchar(20) DEFAULT 'it''s \\\\ new')",
                "INSERT INTO item VALUES (1, 'one')");
    }

    @AfterEach
    void close() {
        sites.close();
    }

    @Test
    void anIdleSourceHasAnRpoOfZeroWithoutBeingWrittenTo() throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            String before = sites.querySource("SELECT @@gtid_executed");
            String position = Watching.status(gateway).position();
            TwoSites.await(
                    HALF_A_MINUTE, () -> Watching.status(gateway).exposure().basis() == Basis.IDLE);
            Watching.requireIdle(gateway, Duration.ofSeconds(3));
            assertThat(Watching.status(gateway).position()).isEqualTo(position);
            assertThat(sites.querySource("SELECT @@gtid_executed")).isEqualTo(before);
        }
    }

    @Test
    void aTableThatCameAfterTheCopyStopsTheNextStart() throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource(
                    "CREATE TABLE later (id int PRIMARY KEY)", "INSERT INTO later VALUES (7)");
            sites.onSource("INSERT INTO item VALUES (3, 'three')");
            sites.awaitOnTarget("SELECT count(*) FROM item", "2");
        }
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(gateway).message())
                    .contains("later")
                    .contains("recopy");
        }
    }

    @Test
    void theSourcesDefaultsAreTheTargetsToo() throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
        }
        sites.onTarget("INSERT INTO item (id) VALUES (9)");
        assertThat(sites.queryTarget("SELECT name FROM item WHERE id = 9"))
                .isEqualTo("it's \\ new");
    }
}
