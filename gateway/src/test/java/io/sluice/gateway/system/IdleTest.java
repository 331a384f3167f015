package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a pipeline says and does while its tables rest. */
class IdleTest {

    private static final String SLOT =
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = '%s'";

    private TwoSites sites;
    private Gateway gateway;

    @BeforeEach
    void start() {
        sites = TwoSites.shared();
        sites.onSource(
                "CREATE TABLE item (id int PRIMARY KEY)",
                "INSERT INTO item VALUES (1)",
                "CREATE TABLE unpublished (id int, filler text)");
        sites.tables("[\"public.item\"]");
        gateway = new Gateway(sites.config());
        TwoSites.await(Duration.ofSeconds(180), () -> status().state() == PipelineState.STREAMING);
    }

    @AfterEach
    void stop() throws InterruptedException {
        gateway.close();
        sites.close();
    }

    @Test
    void theRpoOfAnIdlePipelineStaysUnderASecondAndItsProofIsFresh() {
        Watching.requireIdle(gateway, Duration.ofSeconds(10));
        assertThat(Duration.between(Objects.requireNonNull(status().commitTime()), Instant.now()))
                .isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void whatOtherTablesWriteDoesNotHoldTheSourcesLog() {
        String before = confirmed();
        sites.onSource(
                "INSERT INTO unpublished SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i");
        String written = sites.querySource("SELECT pg_current_wal_flush_lsn()");
        TwoSites.await(
                Duration.ofSeconds(60),
                () ->
                        "t"
                                .equals(
                                        sites.querySource(
                                                "SELECT '%s'::pg_lsn >= '%s'::pg_lsn"
                                                        .formatted(confirmed(), written))));
        assertThat(confirmed()).isNotEqualTo(before);
        assertThat(status().appliedChanges()).isZero();
    }

    @Test
    void theSourceIsNeverToldMoreThanTheTargetHolds() {
        int[] looks = {0};
        Instant end = Instant.now().plusSeconds(5);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> {
                            sites.onSource(
                                    "INSERT INTO item SELECT coalesce(max(id), 0) + 1 FROM item");
                            String told = confirmed();
                            String held =
                                    sites.queryTarget("SELECT position FROM sluice.checkpoint");
                            assertThat(
                                            sites.querySource(
                                                    "SELECT '%s'::pg_lsn <= '%s'::pg_lsn"
                                                            .formatted(told, held)))
                                    .as("confirmed %s, checkpoint %s", told, held)
                                    .isEqualTo("t");
                            looks[0]++;
                            return Instant.now().isAfter(end);
                        });
        assertThat(looks[0]).isGreaterThan(10);
    }

    private PipelineStatus status() {
        return gateway.statuses().getFirst();
    }

    private String confirmed() {
        return Objects.requireNonNull(sites.querySource(SLOT.formatted(sites.sourceDatabase)));
    }
}
