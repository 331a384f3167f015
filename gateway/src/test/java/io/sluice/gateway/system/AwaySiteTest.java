package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One of three sites that is away for longer than {@code tombstones}. */
final class AwaySiteTest {

    private static final Duration LONG = Duration.ofSeconds(180);
    private static final List<String> TABLES = List.of("public.item");
    private static final String FORGOTTEN = "SELECT max(forgotten) > '' FROM sluice.site_memory";

    /** The second line says who was there, and until when. */
    private static final String WAS_THERE =
            "SELECT max(split_part(moments, chr(10), 2)) LIKE '%sitec=%' FROM sluice.site_memory";

    @TempDir private Path folder;

    private final AtomicInteger number = new AtomicInteger(100);

    /** And what the two others decided of their own is overturned without force while it stands. */
    @Test
    @Tag("slow")
    void whatComesTooLateIsRefusedAsAWholeAndTheOthersGoOn() throws Exception {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites("[\"public.item\"]", server, server, server);
                FaultProxy way = FaultProxy.to(server)) {
            for (int site = 0; site < sites.count(); site++) {
                sites.on(
                        site,
                        "CREATE TABLE item (id int PRIMARY KEY, word text)",
                        "ALTER TABLE item REPLICA IDENTITY FULL");
            }
            sites.on(0, "INSERT INTO item VALUES (1, 'copied'), (2, 'copied'), (3, 'copied')");
            Path config = config(sites, way);
            try (Gateway gateway = begun(config)) {
                sites.awaitFollowing();
                sites.awaitEverywhere("SELECT count(*) FROM item", "3");
                // A site is away once it has been there, and the others have noted that.
                for (int site = 0; site < sites.count(); site++) {
                    write(sites, site);
                }
                awaitAtOthers(sites, WAS_THERE);
                sites.awaitEqual(LONG, TABLES);
                way.refuse();
                way.reset();
                sites.on(
                        2,
                        "BEGIN; UPDATE item SET word = 'late' WHERE id = 1; INSERT INTO item VALUES (50, 'late'); COMMIT");
                sites.on(0, "DELETE FROM item WHERE id = 1");
                awaitAtOthers(sites, FORGOTTEN);
                way.heal();
                awaitRefused(gateway);
            }
            // It is known to the next gateway as well.
            sites.on(0, "UPDATE item SET word = 'first' WHERE id = 2");
            sites.on(1, "UPDATE item SET word = 'second' WHERE id = 2");
            try (Gateway gateway = begun(config)) {
                awaitRefused(gateway);
                write(sites, 1);
                String count = "SELECT count(*) FROM item";
                TwoSites.await(LONG, () -> sites.query(0, count).equals(sites.query(1, count)));
                String late = "SELECT count(*) FROM item WHERE id IN (1, 50)";
                String word = "SELECT word FROM item WHERE id = 2";
                for (int site = 0; site < 2; site++) {
                    assertThat(sites.query(site, late)).isEqualTo("0");
                    assertThat(sites.query(site, word)).isEqualTo("second");
                }
                overturn(sites, config);
                TwoSites.await(LONG, () -> sites.query(1, word).equals("first"));
            }
        }
    }

    /** Where the later write was applied over the earlier one. */
    private static void overturn(ManySites sites, Path config) throws InterruptedException {
        String name =
                "SELECT 'sitea/' || id FROM sluice.conflict WHERE row_key::text = '{\"id\":2}' AND resolution = 'apply' AND policy = 'last-update-wins'";
        TwoSites.await(LONG, () -> sites.query(0, name).startsWith("sitea/"));
        try (GatewayProcess command =
                GatewayProcess.start(
                        "conflicts",
                        "resolve",
                        "-c",
                        config.toString(),
                        sites.query(0, name),
                        "--keep")) {
            assertThat(command.awaitExit(60)).as(command.errors()).isZero();
        }
    }

    /** While they write: what a site remembers is looked at with what comes to it. */
    private void awaitAtOthers(ManySites sites, String isSo) {
        TwoSites.await(
                LONG,
                () -> {
                    write(sites, 0);
                    write(sites, 1);
                    return sites.query(0, isSo).equals("t") && sites.query(1, isSo).equals("t");
                });
    }

    private void write(ManySites sites, int site) {
        sites.on(site, "INSERT INTO item VALUES (%d, 'w')".formatted(number.incrementAndGet()));
    }

    /** By both of the others, with nothing of it applied. */
    private static void awaitRefused(Gateway gateway) {
        for (String target : List.of("sitea", "siteb")) {
            TwoSites.await(
                    LONG,
                    () -> status(gateway, "sitec->" + target).state() == PipelineState.FAILED);
            assertThat(status(gateway, "sitec->" + target).failure().message())
                    .contains("sitec was away for longer than `tombstones` (5 s)", "copy it again");
        }
    }

    private static PipelineStatus status(Gateway gateway, String way) {
        return gateway.statuses().stream()
                .filter(status -> status.name().endsWith(way))
                .findFirst()
                .orElseThrow();
    }

    private static Gateway begun(Path config) throws IOException {
        return new Gateway(ConfigReader.read("test", Files.readString(config), name -> null));
    }

    /** The last site is reached through the proxy. */
    private Path config(ManySites sites, FaultProxy way) throws IOException {
        String yaml =
                sites.yaml()
                        .replaceFirst("(sitec: .*127\\.0\\.0\\.1:)[0-9]+", "$1" + way.port())
                        .replace("heartbeat: 200ms", "heartbeat: 200ms\n    tombstones: 5s");
        return Files.writeString(folder.resolve("away.yaml"), yaml);
    }
}
