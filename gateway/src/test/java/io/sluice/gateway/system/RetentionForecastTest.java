package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.journal.EventKind;
import io.sluice.gateway.journal.Finding;
import io.sluice.gateway.journal.PipelineOutlook;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.rpo.Forecast.Estimate;
import io.sluice.gateway.rpo.Objective;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A PostgreSQL server that keeps a slot's log up to a bound, a pipeline that does not read, and a
 * load. What the server itself tells is looked at as if a second passed with each step of the load.
 */
@Tag("slow")
class RetentionForecastTest {

    private static final String STEP =
            "SELECT pg_logical_emit_message(false, 'load', repeat('x', 500000))";

    private static final String ROOM =
            "SELECT coalesce(safe_wal_size, -1) FROM pg_replication_slots";

    @Test
    void thatLogIsGivenUpIsToldBeforeItIsAndAboutWhen() throws Exception {
        try (PostgresServer source = Servers.postgres(Durability.FAST);
                TwoSites sites =
                        TwoSites.between(source, Servers.sharedPostgres())
                                .with("heartbeat: 50ms")
                                .with("rpo: {objective: 1d}")) {
            source.setting("max_slot_wal_keep_size", "96MB");
            sites.onSource("CREATE TABLE t (id int PRIMARY KEY)");
            try (Gateway gateway = new Gateway(sites.config());
                    Connection load = sites.source();
                    Statement writes = load.createStatement()) {
                Watching.awaitStreaming(gateway);
                pause(gateway);
                Estimate told = untilTold(gateway, writes);

                assertThat(room(sites)).as("told in time").isPositive();
                long left = 0;
                while (room(sites) > 0) {
                    writes.execute(STEP);
                    left++;
                }
                assertThat((double) told.in().toSeconds()).isBetween(0.7 * left, 1.3 * left);
                writes.execute("SELECT pg_switch_wal()");
                writes.execute("CHECKPOINT");
                assertThat(sites.querySource("SELECT wal_status FROM pg_replication_slots"))
                        .isEqualTo("lost");
            }
        }
    }

    /** The forecast with which the first word came. */
    private static Estimate untilTold(Gateway gateway, Statement writes) throws SQLException {
        Instant start = Instant.parse("2026-01-01T12:00:00Z");
        Objective objective = new Objective(Duration.ofDays(1), Duration.ofDays(30), 0.999);
        PipelineOutlook outlook = new PipelineOutlook(new ObjectiveLedger(objective, 1), start);
        List<Finding> found = new ArrayList<>();
        for (int second = 1; found.isEmpty(); second++) {
            assertThat(second).as("looks without a word").isLessThan(150);
            long before = Watching.status(gateway).roomBytes();
            writes.execute(STEP);
            TwoSites.await(
                    Duration.ofSeconds(30), () -> Watching.status(gateway).roomBytes() < before);
            found.addAll(outlook.look(Watching.status(gateway), start.plusSeconds(second)));
        }
        assertThat(found)
                .singleElement()
                .satisfies(finding -> assertThat(finding.kind()).isEqualTo(EventKind.FORECAST))
                .satisfies(finding -> assertThat(finding.text()).contains("gives up log"));
        return Objects.requireNonNull(outlook.outlook().forecast().retention());
    }

    private static long room(TwoSites sites) {
        return Long.parseLong(String.valueOf(sites.querySource(ROOM)));
    }

    private static void pause(Gateway gateway) throws Exception {
        String path = "/api/v1/pipelines/test%3Asource-%3Etarget/pause";
        HttpResponse<Void> answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + gateway.httpPort()
                                                                + path))
                                        .header("Content-Type", "application/json")
                                        .POST(HttpRequest.BodyPublishers.noBody())
                                        .build(),
                                HttpResponse.BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(202);
        Watching.awaitState(gateway, PipelineState.PAUSED, Duration.ofSeconds(180));
    }
}
