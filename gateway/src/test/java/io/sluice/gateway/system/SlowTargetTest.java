package io.sluice.gateway.system;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.snapshot.CopyMonitor.Progress;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A copy backs off from a real target that cannot take its rows as it did. */
@Tag("slow")
final class SlowTargetTest {

    private static final Duration PATIENCE = Duration.ofSeconds(180);

    @Test
    void aTargetThatStandsStillGetsFewerWorkersUntilItIsItselfAgain() throws Exception {
        try (PostgresServer target = Servers.postgres(Durability.FAST);
                TwoSites sites =
                        TwoSites.between(Servers.sharedPostgres(), target)
                                .tables("[\"public.item\"]")
                                .with(
                                        "copy: {workers: 4, chunkSize: 1MiB,"
                                                + " maxBytesPerSecond: 24MiB}");
                LogCapture log = new LogCapture()) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, t text)",
                    "INSERT INTO item SELECT g, repeat(md5(g::text), 30)"
                            + " FROM generate_series(1, 120000) g",
                    "VACUUM ANALYZE item");
            try (Gateway gateway = new Gateway(sites.config())) {
                // What is usual is known after some looks.
                TwoSites.await(PATIENCE, () -> copied(gateway) > 40 << 20);
                int before = log.text().length();
                target.pause();
                try {
                    Awaitility.await()
                            .during(Duration.ofSeconds(4))
                            .atMost(PATIENCE)
                            .until(() -> copied(gateway) > 0);
                } finally {
                    target.resume();
                }
                TwoSites.await(
                        PATIENCE,
                        () ->
                                since(log, before)
                                        .contains(
                                                "workers copy now: the target takes its rows far"
                                                        + " more slowly than before."));
                TwoSites.await(
                        PATIENCE,
                        () ->
                                since(log, before)
                                        .contains("copy now: the target takes its rows well."));
                Watching.awaitStreaming(gateway);
                sites.awaitEqual(PATIENCE, List.of("public.item"));
            }
        }
    }

    private static String since(LogCapture log, int length) {
        return log.text().substring(length);
    }

    private static long copied(Gateway gateway) {
        Progress copy = Watching.status(gateway).copy();
        return copy == null ? 0 : copy.bytes();
    }
}
