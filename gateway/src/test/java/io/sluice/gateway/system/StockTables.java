package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Tables whose columns and values have policies, what users write to them at each site, and what
 * has to come of it. Where one of the sites is of MySQL, what is united is the members of a JSON
 * object; else the elements of an array.
 */
final class StockTables {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final List<String> SHORT =
            List.of("stock", "basket", "price", "level", "document");
    static final String NAMES =
            SHORT.stream().map("\"*.%s\""::formatted).collect(Collectors.joining(", ", "[", "]"));
    static final List<String> ALL = SHORT.stream().map("public."::concat).toList();
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final Duration PACE = Duration.ofMillis(60);
    private static final int KEYS = 6;

    private final ManySites sites;
    private final boolean arrays;

    private StockTables(ManySites sites) {
        this.sites = sites;
        this.arrays = IntStream.range(0, sites.count()).noneMatch(sites::isMySql);
    }

    /** Makes them at all sites, and fills the first one's. */
    static StockTables at(ManySites sites) {
        StockTables tables = new StockTables(sites);
        tables.prepare();
        return tables;
    }

    private void prepare() {
        sites.with("versionColumn: {\"*.document\": changed}")
                .with("conflict:")
                .with("  tables:")
                .with("    \"*.stock\":")
                .with("      policy: column-merge")
                .with("      columns:")
                .with("        quantity: delta")
                .with("        tags: {union: {of: %s}}".formatted(arrays ? "array" : "json"))
                .with("        highest: max")
                .with("    \"*.basket\": {columns: {amount: delta}}")
                .with("    \"*.price\": {policy: {max: {column: valid}}}")
                .with("    \"*.level\": {columns: {\"height, owner\": {max: {column: height}}}}");
        for (int site = 0; site < sites.count(); site++) {
            String tags = sites.isMySql(site) ? "json" : arrays ? "text[]" : "jsonb";
            sites.on(
                    site,
                    "CREATE TABLE stock (id int PRIMARY KEY, quantity bigint, tags %s, word varchar(20), place varchar(20), highest int)"
                            .formatted(tags),
                    "CREATE TABLE basket (id int PRIMARY KEY, amount int, word varchar(20))",
                    "CREATE TABLE price (id int PRIMARY KEY, valid int, cost int)",
                    "CREATE TABLE level (id int PRIMARY KEY, height int, owner varchar(20), note varchar(20))",
                    "CREATE TABLE document (id int PRIMARY KEY, changed %s, word varchar(20))"
                            .formatted(sites.isMySql(site) ? "timestamp(6) NULL" : "timestamptz"),
                    "CREATE TABLE noted (total bigint, top int)",
                    "INSERT INTO noted VALUES (0, 0)");
            if (!sites.isMySql(site)) {
                for (String table : SHORT) {
                    sites.on(site, "ALTER TABLE %s REPLICA IDENTITY FULL".formatted(table));
                }
            }
        }
        String rows =
                IntStream.rangeClosed(1, KEYS)
                        .mapToObj("(%d, 1000, '{}', '', '', 0)"::formatted)
                        .collect(Collectors.joining(", "));
        sites.on(
                0,
                "INSERT INTO stock VALUES " + rows,
                "INSERT INTO stock VALUES (100, 0, '%s', '', '', 0)".formatted(tags("a", "b")));
    }

    private String tags(String... elements) {
        return arrays
                ? "{" + String.join(",", elements) + "}"
                : Stream.of(elements)
                        .map("\"%s\": 1"::formatted)
                        .collect(Collectors.joining(", ", "{", "}"));
    }

    /** A user of each site, who has not begun. */
    List<SiteWriter> writers() {
        List<SiteWriter> writers = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int site = 0; site < sites.count(); site++) {
            int at = site;
            Supplier<Connection> user = () -> sites.connect(at);
            writers.add(
                    new SiteWriter(
                            random.split(),
                            PACE,
                            user,
                            sites.isMySql(at) ? StockTables::onMySql : this::onPostgres));
        }
        return writers;
    }

    private String onPostgres(SplittableRandom random) {
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
                    (arrays
                                    ? "UPDATE stock SET tags = (SELECT array_agg(DISTINCT t ORDER BY t) FROM unnest(tags || 't%d'::text) t) WHERE id = %d"
                                    : "UPDATE stock SET tags = tags || '{\"t%d\": 1}' WHERE id = %d")
                            .formatted(value % 5, key);
            case 5 ->
                    (arrays
                                    ? "UPDATE stock SET tags = array_remove(tags, 't%d'), place = 'p%d' WHERE id = %d"
                                    : "UPDATE stock SET tags = tags - 't%d', place = 'p%d' WHERE id = %d")
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
            case 9 -> "DELETE FROM price WHERE id = " + key;
            case 10 ->
                    "INSERT INTO level VALUES (%d, 1, 'new', 'new') ON CONFLICT (id) DO UPDATE SET height = level.height + %d, owner = 'o%d'"
                            .formatted(key, value % 3, value);
            case 11 -> "UPDATE level SET owner = 'o%d' WHERE id = %d".formatted(value, key);
            case 12 -> "UPDATE level SET note = 'n%d' WHERE id = %d".formatted(value, key);
            case 13 -> "DELETE FROM level WHERE id = " + key;
            case 14 ->
                    "INSERT INTO document VALUES (%d, clock_timestamp(), 'new') ON CONFLICT (id) DO UPDATE SET changed = greatest(document.changed, clock_timestamp() + interval '%d ms'), word = 'w%d'"
                            .formatted(key, value, value);
            default -> "DELETE FROM basket WHERE id = " + key;
        };
    }

    private static String onMySql(SplittableRandom random) {
        int key = 1 + random.nextInt(KEYS);
        int value = 1 + random.nextInt(1000);
        return switch (random.nextInt(16)) {
            case 0, 1, 2 ->
                    "UPDATE noted n, stock s SET n.total = n.total + %d, s.quantity = s.quantity + %d, s.word = 'w%d' WHERE s.id = %d"
                            .formatted(value, value, value, key);
            case 3 ->
                    "UPDATE noted n, stock s SET n.top = greatest(n.top, %d), s.highest = greatest(s.highest, %d) WHERE s.id = %d"
                            .formatted(value, value, key);
            case 4 ->
                    "UPDATE stock SET tags = json_set(tags, '$.t%d', 1) WHERE id = %d"
                            .formatted(value % 5, key);
            case 5 ->
                    "UPDATE stock SET tags = json_remove(tags, '$.t%d'), place = 'p%d' WHERE id = %d"
                            .formatted(value % 5, value, key);
            case 6 -> "INSERT IGNORE INTO basket VALUES (%d, %d, 'new')".formatted(key, value);
            case 7 ->
                    "UPDATE basket SET amount = amount + %d, word = 'w%d' WHERE id = %d"
                            .formatted(value, value, key);
            case 8 ->
                    "INSERT INTO price VALUES (%d, %d, %d) ON DUPLICATE KEY UPDATE valid = valid + %d, cost = %d"
                            .formatted(key, value % 50, value, value % 3, value);
            case 9 -> "DELETE FROM price WHERE id = " + key;
            case 10 ->
                    "INSERT INTO level VALUES (%d, 1, 'new', 'new') ON DUPLICATE KEY UPDATE height = height + %d, owner = 'o%d'"
                            .formatted(key, value % 3, value);
            case 11 -> "UPDATE level SET owner = 'o%d' WHERE id = %d".formatted(value, key);
            case 12 -> "UPDATE level SET note = 'n%d' WHERE id = %d".formatted(value, key);
            case 13 -> "DELETE FROM level WHERE id = " + key;
            case 14 ->
                    "INSERT INTO document VALUES (%d, now(6), 'new') ON DUPLICATE KEY UPDATE changed = greatest(changed, now(6) + interval %d000 microsecond), word = 'w%d'"
                            .formatted(key, value, value);
            default -> "DELETE FROM basket WHERE id = " + key;
        };
    }

    /** Each of the first three without knowledge of the others. */
    void writeOneRow() {
        sites.on(0, "UPDATE stock SET word = 'here' WHERE id = 100");
        sites.on(
                1,
                "UPDATE stock SET place = 'there', tags = '%s' WHERE id = 100"
                        .formatted(tags("b")));
        sites.on(
                2,
                "UPDATE stock SET tags = '%s', highest = 9 WHERE id = 100"
                        .formatted(tags("a", "b", "c")));
    }

    /** Nothing that was added is missing or counted twice, whatever it met. */
    void requireAll() {
        for (int site = 0; site < sites.count(); site++) {
            assertThat(sites.query(site, "SELECT sum(quantity) FROM stock WHERE id < 100"))
                    .as("seed %d, all that was added, at site %d", SEED, site)
                    .isEqualTo(Long.toString(KEYS * 1000L + noted("total").sum()));
            assertThat(sites.query(site, "SELECT max(highest) FROM stock"))
                    .as("seed %d, the greatest, at site %d", SEED, site)
                    .isEqualTo(Long.toString(noted("top").max().orElseThrow()));
            assertThat(
                            sites.query(
                                    site,
                                    "SELECT concat_ws(' ', quantity, tags, word, place, highest) FROM stock WHERE id = 100"))
                    .as("what each wrote of one row, at site %d", site)
                    .isEqualTo("0 %s here there 9".formatted(tags("b", "c")));
            assertThat(sites.query(site, "SELECT count(*) FROM sluice.conflict")).isNotEqualTo("0");
            assertThat(
                            sites.query(
                                    site,
                                    "SELECT count(*) FROM sluice.conflict WHERE resolution = 'park'"))
                    .isEqualTo("0");
        }
    }

    /** What each site's users have noted of what they wrote, where nobody replicates it. */
    private LongStream noted(String column) {
        return IntStream.range(0, sites.count())
                .mapToObj(site -> sites.query(site, "SELECT " + column + " FROM noted"))
                .mapToLong(Long::parseLong);
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
