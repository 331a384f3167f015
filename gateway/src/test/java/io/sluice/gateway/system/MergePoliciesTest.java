package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three databases whose users write the same rows, decided by their columns and values. */
@Tag("slow")
final class MergePoliciesTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    static final List<String> TABLES =
            List.of(
                    "public.stock",
                    "public.basket",
                    "public.price",
                    "public.level",
                    "public.document");
    static final String NAMES = "[\"" + String.join("\", \"", TABLES) + "\"]";
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final Duration PACE = Duration.ofMillis(60);
    private static final int KEYS = 6;

    @TempDir private Path folder;

    @Test
    void whatThreeSitesAddAndRaiseAndJoinIsAllThereThoughTheGatewayIsKilled()
            throws InterruptedException {
        PostgresServer server = Servers.sharedPostgres();
        try (ManySites sites = new ManySites(NAMES, server, server, server)) {
            prepare(sites);
            List<SiteWriter> writers = writers(sites);
            try {
                try (GatewayProcess gateway = start(sites)) {
                    await(gateway, sites::awaitFollowing);
                    await(gateway, () -> sites.awaitEverywhere("SELECT count(*) FROM stock", "7"));
                    writers.forEach(SiteWriter::start);
                    await(writers, 40);
                    gateway.kill();
                }
                writeOneRow(sites);
                try (GatewayProcess gateway = start(sites)) {
                    await(writers, 20);
                    for (SiteWriter writer : writers) {
                        writer.close();
                    }
                    await(gateway, () -> sites.awaitEqual(PATIENCE, TABLES));
                    assertThat(gateway.errors()).doesNotContain("FAILED");
                }
            } finally {
                for (SiteWriter writer : writers) {
                    writer.close();
                }
            }
            requireAll(sites);
        }
    }

    /** Each without knowledge of the others. */
    static void writeOneRow(ManySites sites) {
        sites.on(0, "UPDATE stock SET word = 'here' WHERE id = 100");
        sites.on(1, "UPDATE stock SET place = 'there', tags = '{b}' WHERE id = 100");
        sites.on(2, "UPDATE stock SET tags = '{a,b,c}', highest = 9 WHERE id = 100");
    }

    /** Nothing that was added is missing or counted twice, whatever it met. */
    static void requireAll(ManySites sites) {
        for (int site = 0; site < sites.count(); site++) {
            assertThat(sites.query(site, "SELECT sum(quantity) FROM stock WHERE id < 100"))
                    .as("seed %d, all that was added, at site %d", SEED, site)
                    .isEqualTo(Long.toString(KEYS * 1000L + noted(sites, "total").sum()));
            assertThat(sites.query(site, "SELECT max(highest) FROM stock"))
                    .as("seed %d, the greatest, at site %d", SEED, site)
                    .isEqualTo(Long.toString(noted(sites, "top").max()));
            assertThat(sites.query(site, "SELECT s::text FROM stock s WHERE id = 100"))
                    .as("what each wrote of one row, at site %d", site)
                    .isEqualTo("(100,0,\"{b,c}\",here,there,9)");
            assertThat(sites.query(site, "SELECT count(*) FROM sluice.conflict")).isNotEqualTo("0");
            assertThat(
                            sites.query(
                                    site,
                                    "SELECT count(*) FROM sluice.conflict WHERE resolution = 'park'"))
                    .isEqualTo("0");
        }
    }

    private record Noted(List<Long> values) {
        long sum() {
            return values.stream().mapToLong(Long::longValue).sum();
        }

        long max() {
            return values.stream().mapToLong(Long::longValue).max().orElseThrow();
        }
    }

    /** What each site's users have noted of what they wrote, where nobody replicates it. */
    private static Noted noted(ManySites sites, String column) {
        return new Noted(
                IntStream.range(0, sites.count())
                        .mapToObj(site -> sites.query(site, "SELECT " + column + " FROM noted"))
                        .map(Long::valueOf)
                        .toList());
    }

    static void prepare(ManySites sites) {
        sites.with("versionColumn: {\"*.document\": changed}")
                .with("conflict:")
                .with("  tables:")
                .with("    \"*.stock\":")
                .with("      policy: column-merge")
                .with("      columns:")
                .with("        quantity: delta")
                .with("        tags: {union: {of: array}}")
                .with("        highest: max")
                .with("    \"*.basket\": {columns: {amount: delta}}")
                .with("    \"*.price\": {policy: {max: {column: valid}}}")
                .with("    \"*.level\": {columns: {\"height, owner\": {max: {column: height}}}}");
        for (int site = 0; site < sites.count(); site++) {
            sites.on(
                    site,
                    "CREATE TABLE stock (id int PRIMARY KEY, quantity bigint, tags text[], word text, place text, highest int)",
                    "CREATE TABLE basket (id int PRIMARY KEY, amount int, word text)",
                    "CREATE TABLE price (id int PRIMARY KEY, valid int, cost int)",
                    "CREATE TABLE level (id int PRIMARY KEY, height int, owner text, note text)",
                    "CREATE TABLE document (id int PRIMARY KEY, changed timestamptz, word text)",
                    "ALTER TABLE level REPLICA IDENTITY FULL",
                    "ALTER TABLE document REPLICA IDENTITY FULL",
                    "ALTER TABLE stock REPLICA IDENTITY FULL",
                    "ALTER TABLE basket REPLICA IDENTITY FULL",
                    "ALTER TABLE price REPLICA IDENTITY FULL",
                    "CREATE TABLE noted (total bigint, top int)",
                    "INSERT INTO noted VALUES (0, 0)");
        }
        sites.on(
                0,
                "INSERT INTO stock SELECT g, 1000, '{}', '', '', 0 FROM generate_series(1, %d) g"
                        .formatted(KEYS),
                "INSERT INTO stock VALUES (100, 0, '{a,b}', '', '', 0)");
    }

    static List<SiteWriter> writers(ManySites sites) {
        List<SiteWriter> writers = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int site = 0; site < sites.count(); site++) {
            int at = site;
            Supplier<Connection> user = () -> sites.connect(at);
            writers.add(new SiteWriter(random.split(), PACE, user, MergePoliciesTest::change));
        }
        return writers;
    }

    private static String change(SplittableRandom random) {
        int key = 1 + random.nextInt(KEYS);
        int value = 1 + random.nextInt(1000);
        return switch (random.nextInt(16)) {
            case 0, 1, 2 ->
                    "WITH n AS (UPDATE noted SET total = total + %d) UPDATE stock SET quantity = quantity + %d, word = 'w%d' WHERE id = %d"
                            .formatted(value, value, value, key);
            case 3 ->
                    "WITH n AS (UPDATE noted SET top = greatest(top, %d)) UPDATE stock SET highest = greatest(highest, %d) WHERE id = %d"
                            .formatted(value, value, key);
            case 4 ->
                    "UPDATE stock SET tags = (SELECT array_agg(DISTINCT t ORDER BY t) FROM unnest(tags || 't%d'::text) t) WHERE id = %d"
                            .formatted(value % 5, key);
            case 5 ->
                    "UPDATE stock SET tags = array_remove(tags, 't%d'), place = 'p%d' WHERE id = %d"
                            .formatted(value % 5, value, key);
            case 6 ->
                    "INSERT INTO basket VALUES (%d, %d, 'new') ON CONFLICT (id) DO NOTHING"
                            .formatted(key, value);
            case 7 ->
                    "UPDATE basket SET amount = amount + %d, word = 'w%d' WHERE id = %d"
                            .formatted(value, value, key);
            case 8 ->
                    "INSERT INTO price VALUES (%d, %d, %d) ON CONFLICT (id) DO UPDATE SET valid = price.valid + %d, cost = %d"
                            .formatted(key, value % 50, value, value % 3, value);
            case 9 ->
                    "INSERT INTO level VALUES (%d, 1, 'new', 'new') ON CONFLICT (id) DO UPDATE SET height = level.height + %d, owner = 'o%d'"
                            .formatted(key, value % 3, value);
            case 10 -> "UPDATE level SET owner = 'o%d' WHERE id = %d".formatted(value, key);
            case 11 -> "UPDATE level SET note = 'n%d' WHERE id = %d".formatted(value, key);
            case 12 -> "DELETE FROM level WHERE id = " + key;
            case 13, 14 ->
                    "INSERT INTO document VALUES (%d, clock_timestamp(), 'new') ON CONFLICT (id) DO UPDATE SET changed = greatest(document.changed, clock_timestamp() + interval '%d ms'), word = 'w%d'"
                            .formatted(key, value, value);
            case 15 -> "DELETE FROM price WHERE id = " + key;
            default -> "DELETE FROM basket WHERE id = " + key;
        };
    }

    private GatewayProcess start(ManySites sites) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder).toString());
    }

    /** Waits until each has written more. */
    static void await(List<SiteWriter> writers, int transactions) {
        for (SiteWriter writer : writers) {
            long goal = writer.committed() + transactions;
            TwoSites.await(PATIENCE, () -> writer.committed() >= goal);
        }
    }

    static void await(GatewayProcess gateway, Runnable waiting) {
        try {
            waiting.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed %d: %s%n%s".formatted(SEED, e.getMessage(), gateway.errors()), e);
        }
    }
}
