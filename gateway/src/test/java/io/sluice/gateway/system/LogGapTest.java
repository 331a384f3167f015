package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.connectors.postgres.LogNames;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.Comparer;
import io.sluice.testkit.Durability;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The source's log does not continue where the target stands. The pipeline stops and says what is
 * missing and how to copy again; it never goes on as if nothing were missing.
 */
final class LogGapTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final List<String> TABLES = List.of("public.item", "public.event");
    private static final String POSITION = "[0-9A-F]+/[0-9A-F]+";

    @TempDir private Path folder;

    @Test
    void aSlotDroppedWhileTheGatewayIsDownIsAGapUntilItIsCopiedAgain() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.onSource(
                    "SELECT pg_drop_replication_slot('" + slot(sites) + "')",
                    "INSERT INTO item VALUES (100, 'lost to the log')");
            requireGap(sites, "is gone", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aSlotDroppedUnderARunningGatewayIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitState(gateway, PipelineState.STREAMING);
                dropSlotInUse(sites);
                Failure failure = awaitFailure(gateway);
                assertThat(failure.message()).contains("is gone").contains(recopy(sites));
                assertThat(failure.gap()).isNotNull();
            }
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aSlotThatTheServerInvalidatedIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.ownServers(Durability.FAST))) {
            sites.sourceServer.setting("max_slot_wal_keep_size", "1MB");
            sites.onSource("CREATE TABLE churn (filler text)");
            TwoSites.await(
                    PATIENCE,
                    () -> {
                        sites.onSource(
                                "INSERT INTO churn SELECT repeat('x', 1000)"
                                        + " FROM generate_series(1, 20000)",
                                "SELECT pg_switch_wal()",
                                "CHECKPOINT");
                        return "lost"
                                .equals(
                                        sites.querySource(
                                                "SELECT wal_status FROM pg_replication_slots"));
                    });
            sites.onSource("DROP TABLE churn", "INSERT INTO item VALUES (100, 'lost to the log')");
            requireGap(sites, "has invalidated", POSITION);
            sites.sourceServer.setting("max_slot_wal_keep_size", "-1");
            requireRecopyHeals(sites);
        }
    }

    @Test
    void anotherDatabaseUnderTheSameAddressIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.replaceSource();
            createTables(sites);
            sites.onSource("INSERT INTO item VALUES (7, 'of another database')");
            requireGap(sites, "another database answers", "unknown");
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aPublicationDroppedWhileTheGatewayIsDownIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.onSource(
                    "DROP PUBLICATION " + LogNames.publication(sites.pipeline()),
                    "INSERT INTO item VALUES (100, 'not published')");
            requireGap(sites, "publication", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aPublicationDroppedUnderARunningGatewayIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitState(gateway, PipelineState.STREAMING);
                sites.onSource(
                        "DROP PUBLICATION " + LogNames.publication(sites.pipeline()),
                        "INSERT INTO item VALUES (100, 'not published')");
                Failure failure = awaitFailure(gateway);
                assertThat(failure.message()).contains("publication").contains(recopy(sites));
                assertThat(failure.gap()).isNotNull();
                assertThat(sites.queryTarget("SELECT count(*) FROM item WHERE id = 100"))
                        .isEqualTo("0");
                Recopying.order(sites);
                restart(gateway, sites);
                requireHealed(gateway, sites);
            }
        }
    }

    @Test
    void aPublicationThatIsChangedIsAGapWhetherTheGatewayRunsOrNot() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            String publication = LogNames.publication(sites.pipeline());
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitState(gateway, PipelineState.STREAMING);
                sites.onSource("ALTER PUBLICATION " + publication + " SET (publish = 'insert')");
                assertThat(awaitFailure(gateway).message())
                        .contains("publication")
                        .contains(recopy(sites));
            }
            requireGap(sites, "publication", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aGatewayOfTheSameNamesWithAnotherTargetDoesNotTakeTheLog() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            String other = sites.targetDatabase + "_other";
            sites.targetServer.createDatabase(other);
            sites.alsoInto(other);
            String yaml = sites.yaml().replace("/" + sites.targetDatabase, "/" + other);
            try (Gateway stranger = new Gateway(ConfigReader.read("test", yaml, name -> null))) {
                assertThat(awaitFailure(stranger).message()).contains("did not begin");
            } finally {
                sites.targetServer.dropDatabase(other);
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitState(gateway, PipelineState.STREAMING);
                sites.onSource("INSERT INTO item VALUES (300, 'still here')");
                sites.awaitOnTarget("SELECT count(*) FROM item WHERE id = 300", "1");
            }
        }
    }

    @Test
    void aSlotThatHasMovedPastTheCheckpointIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.onSource(
                    "SET synchronous_commit = on",
                    "INSERT INTO item VALUES (100, 'skipped')",
                    "SELECT pg_replication_slot_advance('"
                            + slot(sites)
                            + "', pg_current_wal_flush_lsn())");
            requireGap(sites, "has moved past the checkpoint", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aTargetRestoredToAnOlderStateIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.onTarget(
                    "UPDATE sluice.checkpoint SET position ="
                            + " (position::pg_lsn - 1000000)::text");
            requireGap(sites, "has moved past the checkpoint", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void aSourceThatEndsBeforeTheCheckpointIsAGap() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            sites.onTarget(
                    "UPDATE sluice.checkpoint SET position ="
                            + " (position::pg_lsn + 1000000000000)::text");
            requireGap(sites, "log ends before the checkpoint", POSITION);
            requireRecopyHeals(sites);
        }
    }

    @Test
    void recopyWithoutYesSaysWhatItWouldDoAndChangesNothing() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            String before = everythingOnTarget(sites);
            try (GatewayProcess recopy =
                    GatewayProcess.start(
                            "recopy",
                            "-c",
                            sites.configFile(folder).toString(),
                            sites.pipeline())) {
                assertThat(recopy.awaitExit(120)).isEqualTo(2);
                assertThat(recopy.errors())
                        .contains("public.item", "public.event", "target", "--yes")
                        .doesNotContain("Exception");
            }
            assertThat(everythingOnTarget(sites)).isEqualTo(before);
        }
    }

    @Test
    void recopyOfAnUnknownPipelineNamesTheKnownOnes() throws Exception {
        try (TwoSites sites = replicated(TwoSites.shared())) {
            String before = everythingOnTarget(sites);
            try (GatewayProcess recopy =
                    GatewayProcess.start(
                            "recopy",
                            "-c",
                            sites.configFile(folder).toString(),
                            "--yes",
                            "other:source->target")) {
                assertThat(recopy.awaitExit(120)).isEqualTo(2);
                assertThat(recopy.errors())
                        .contains("other:source->target", sites.pipeline())
                        .doesNotContain("Exception");
            }
            assertThat(everythingOnTarget(sites)).isEqualTo(before);
        }
    }

    /** A target that is equal to its source, and no gateway. */
    private static TwoSites replicated(TwoSites sites) throws InterruptedException {
        sites.with("heartbeat: 200ms").tables("[\"public.item\", \"public.event\"]");
        createTables(sites);
        sites.onSource(
                "INSERT INTO item SELECT g, 'item ' || g FROM generate_series(1, 50) g",
                "INSERT INTO event SELECT g % 10 FROM generate_series(1, 50) g");
        try (Gateway gateway = new Gateway(sites.config())) {
            awaitState(gateway, PipelineState.STREAMING);
            sites.onSource("UPDATE item SET name = 'changed' WHERE id < 10");
            sites.awaitEqual(PATIENCE, TABLES);
        }
        return sites;
    }

    private static void createTables(TwoSites sites) {
        sites.onSource(
                "CREATE TABLE item (id int PRIMARY KEY, name text)",
                "CREATE TABLE event (n int)",
                "ALTER TABLE event REPLICA IDENTITY FULL");
    }

    /** The next run fails with the gap, the command, and the target as it was. */
    private static void requireGap(TwoSites sites, String why, String to)
            throws InterruptedException {
        String before = rowsOnTarget(sites);
        String position = sites.queryTarget("SELECT position FROM sluice.checkpoint");
        try (Gateway gateway = new Gateway(sites.config())) {
            Failure failure = awaitFailure(gateway);
            assertThat(failure.message()).contains(why).contains(recopy(sites));
            assertThat(failure.errorClass()).isEqualTo("fatal");
            assertThat(failure.gap()).isNotNull();
            assertThat(Objects.requireNonNull(failure.gap()).from()).isEqualTo(position);
            assertThat(failure.gap().to()).matches(to);
            assertThat(failure.message()).contains(position).contains(failure.gap().to());
        }
        assertThat(rowsOnTarget(sites)).isEqualTo(before);
        assertThat(sites.queryTarget("SELECT position FROM sluice.checkpoint")).isEqualTo(position);
    }

    private void requireRecopyHeals(TwoSites sites) throws InterruptedException {
        assertThat(Recopying.order(sites)).contains("public.item").contains("public.event");
        try (Gateway gateway = new Gateway(sites.config())) {
            requireHealed(gateway, sites);
        }
    }

    private static void requireHealed(Gateway gateway, TwoSites sites) {
        awaitState(gateway, PipelineState.STREAMING);
        sites.onSource("INSERT INTO item VALUES (200, 'after the copy')");
        sites.awaitOnTarget("SELECT count(*) FROM item WHERE id = 200", "1");
        assertThat(sites.compare(TABLES).isEqual()).as("%s", sites.compare(TABLES)).isTrue();
    }

    /** As an operator does, who leaves the gateway running. */
    private static void restart(Gateway gateway, TwoSites sites) throws Exception {
        String name = URLEncoder.encode(sites.pipeline(), StandardCharsets.UTF_8);
        URI order =
                URI.create(
                        "http://127.0.0.1:%d/api/v1/pipelines/%s/restart"
                                .formatted(gateway.httpPort(), name));
        HttpRequest request =
                HttpRequest.newBuilder(order)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(202);
        }
    }

    /** Ends the reader and drops the slot before the reader can come back. */
    private static void dropSlotInUse(TwoSites sites) {
        TwoSites.await(
                PATIENCE,
                () -> {
                    sites.onSource(
                            """
                            DO $$ BEGIN
                              PERFORM pg_terminate_backend(active_pid, 5000)
                                FROM pg_replication_slots WHERE slot_name = '%1$s';
                              PERFORM pg_drop_replication_slot('%1$s');
                            END $$"""
                                    .formatted(slot(sites)));
                    return true;
                });
    }

    private static String recopy(TwoSites sites) {
        return "sluice recopy -c FILE '%s'".formatted(sites.pipeline());
    }

    private static String slot(TwoSites sites) {
        return LogNames.slot(sites.pipeline());
    }

    private static String rowsOnTarget(TwoSites sites) {
        return fingerprint(sites, TABLES);
    }

    private static String everythingOnTarget(TwoSites sites) {
        return fingerprint(
                sites,
                List.of(
                        "public.item",
                        "public.event",
                        "sluice.checkpoint",
                        "sluice.copy_progress"));
    }

    private static String fingerprint(TwoSites sites, List<String> tables) {
        try (Connection target = sites.target()) {
            return Comparer.fingerprint(target, tables);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitState(Gateway gateway, PipelineState state) {
        TwoSites.await(PATIENCE, () -> gateway.statuses().getFirst().state() == state);
    }

    private static Failure awaitFailure(Gateway gateway) {
        awaitState(gateway, PipelineState.FAILED);
        return Objects.requireNonNull(gateway.statuses().getFirst().failure());
    }
}
