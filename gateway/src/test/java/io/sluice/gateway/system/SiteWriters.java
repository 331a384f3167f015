package io.sluice.gateway.system;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The users of all sites, who insert, change, move and delete the same few items. */
final class SiteWriters implements AutoCloseable {

    /** Those that the first site's copy brings: 1 to this. */
    static final int COPIED = 30;

    private static final int KEYS = 20;

    /** Of a site's users together. */
    private static final Duration PACE = Duration.ofMillis(60);

    /** Each user has an item that nobody else writes: one more with each transaction. */
    private static final int FIRST_TALLY = 1_000;

    /** Each engine's own types for the same. */
    private static final String POSTGRES_COLUMNS =
            "flag boolean, token uuid, at timestamptz, doc jsonb)";

    private static final String INSERT = "INSERT INTO item (id, n, word) VALUES ";

    private static final String MYSQL_COLUMNS =
            "flag tinyint(1), token char(36), at datetime(6), doc json)";

    /** By site, each with its users. */
    private final List<List<SiteWriter>> writers = new ArrayList<>();

    /**
     * @param users of each site, at once
     */
    SiteWriters(ManySites sites, long seed, int users) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int site = 0; site < sites.count(); site++) {
            int at = site;
            boolean mysql = sites.isMySql(site);
            List<SiteWriter> here = new ArrayList<>();
            for (int user = 0; user < users; user++) {
                String tally =
                        "UPDATE item SET n = n + 1 WHERE id = " + (FIRST_TALLY + 10 * site + user);
                here.add(
                        new SiteWriter(
                                random.split(),
                                PACE.multipliedBy(users),
                                () -> sites.connect(at),
                                each -> change(each, mysql),
                                List.of(tally)));
            }
            writers.add(here);
        }
    }

    /** Makes the table everywhere, and at the first site its rows and the users' own. */
    static void prepare(ManySites sites, int users) {
        for (int site = 0; site < sites.count(); site++) {
            sites.on(
                    site,
                    "CREATE TABLE item (id int PRIMARY KEY, n int, word varchar(40), "
                            + (sites.isMySql(site) ? MYSQL_COLUMNS : POSTGRES_COLUMNS));
            if (!sites.isMySql(site)) {
                sites.on(site, "ALTER TABLE item REPLICA IDENTITY FULL");
            }
        }
        sites.on(
                0,
                IntStream.rangeClosed(1, COPIED)
                        .mapToObj("(%d, 0, 'copied')"::formatted)
                        .collect(Collectors.joining(", ", INSERT, "")));
        for (int site = 0; site < sites.count(); site++) {
            sites.on(
                    0,
                    IntStream.range(FIRST_TALLY + 10 * site, FIRST_TALLY + 10 * site + users)
                            .mapToObj("(%d, 0, 'own')"::formatted)
                            .collect(Collectors.joining(", ", INSERT, "")));
        }
    }

    /** What a site's users have counted in their own items, as the site has it. */
    static long tallied(ManySites sites, int site) {
        return Long.parseLong(
                sites.query(
                        site,
                        "SELECT sum(n) FROM item WHERE id BETWEEN %d AND %d"
                                .formatted(FIRST_TALLY + 10 * site, FIRST_TALLY + 10 * site + 9)));
    }

    /** How many conflicts a site has on record of items that only one user writes. */
    static long conflictsOfOwn(ManySites sites, int site) {
        return Long.parseLong(
                sites.query(
                        site,
                        "SELECT count(*) FROM sluice.conflict WHERE CAST(row_key AS char(60)) LIKE '%10__}%'"));
    }

    void start() {
        writers.forEach(here -> here.forEach(SiteWriter::start));
    }

    /** Waits until each site's users have written more. */
    void await(int transactions, int... sites) {
        for (int site : sites) {
            long goal = committed(site) + transactions;
            TwoSites.await(Duration.ofSeconds(240), () -> committed(site) >= goal);
        }
    }

    long committed(int site) {
        return writers.get(site).stream().mapToLong(SiteWriter::committed).sum();
    }

    private static String change(SplittableRandom random, boolean mysql) {
        int key = random.nextInt(KEYS);
        int value = random.nextInt(1_000_000);
        return switch (random.nextInt(6)) {
            case 0, 1 ->
                    (mysql
                                    ? "INSERT IGNORE INTO item (id, n, word) VALUES (%d, %d, 'new')"
                                    : "INSERT INTO item (id, n, word) VALUES (%d, %d, 'new') ON CONFLICT (id) DO NOTHING")
                            .formatted(key, value);
            case 2 -> "UPDATE item SET n = %d WHERE id = %d".formatted(value, key);
            case 3 ->
                    "UPDATE item SET flag = %s, token = '00000000-0000-0000-0000-%012d', at = '2024-02-29 23:59:59.%06d%s', doc = '{\"n\": [%d, 0.5]}' WHERE id = %d"
                            .formatted(
                                    value % 2 == 0, value, value, mysql ? "" : "+00", value, key);
            case 4 ->
                    (mysql
                                    ? "UPDATE IGNORE item SET id = id + 1, n = %d WHERE id = %d"
                                    : "UPDATE item SET id = id + 1, n = %d WHERE id = %d AND NOT EXISTS (SELECT FROM item WHERE id = %d)")
                            .formatted(value, key, key + 1);
            default -> "DELETE FROM item WHERE id = " + key;
        };
    }

    /** Nobody writes any more. */
    @Override
    public void close() throws InterruptedException {
        for (List<SiteWriter> here : writers) {
            for (SiteWriter writer : here) {
                writer.close();
            }
        }
    }
}
