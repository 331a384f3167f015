package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What both sites wrote while the gateway was away, decided by each table's policy. */
final class SiteDecisionsTest {

    private static final Duration LONG = Duration.ofSeconds(120);

    private static final String CONFLICT =
            """
            conflict: {tables: {
                public.aside: {policy: park}, public.halt: {policy: stop},
                public.ruled: {policy: {source-priority: {databases: [source, target]}}}}}""";

    private static final String[] SCHEMA = {
        "CREATE TABLE aside (id int PRIMARY KEY, word text)",
        "CREATE TABLE ruled (id int PRIMARY KEY, word text)",
        "CREATE TABLE halt (id int PRIMARY KEY, word text)",
        "CREATE TABLE tag (id int PRIMARY KEY, word text UNIQUE)",
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent)"
    };

    @Test
    void parkKeepsEachSitesRowAndAPrioritySiteWinsAtBothAndStopStopsWithNothingHalfDone()
            throws Exception {
        try (TwoSites sites = begun()) {
            sites.onTarget(
                    "UPDATE ruled SET word = 'later' WHERE id = 1",
                    "UPDATE aside SET word = 'target' WHERE id = 1");
            sites.onSource(
                    "UPDATE ruled SET word = 'first' WHERE id = 1",
                    "UPDATE aside SET word = 'source' WHERE id = 1");
            sites.onTarget("UPDATE ruled SET word = 'last' WHERE id = 1");
            try (Gateway gateway = new Gateway(sites.config())) {
                through(sites);
                assertThat(both(sites, "SELECT word FROM ruled WHERE id = 1"))
                        .containsExactly("first", "first");
                assertThat(both(sites, "SELECT word FROM aside WHERE id = 1"))
                        .containsExactly("source", "target");
                String record =
                        "SELECT string_agg(DISTINCT table_name || ' ' || kind || ' ' || resolution, ', ') FROM sluice.conflict";
                assertThat(both(sites, record))
                        .containsExactly(
                                "aside update_origin_differs park, ruled update_origin_differs keep",
                                "aside update_origin_differs park, ruled update_origin_differs apply");
            }

            write(sites.source(), "UPDATE halt SET word = 'source'", "DELETE FROM ruled");
            write(sites.target(), "UPDATE halt SET word = 'target'", "DELETE FROM aside");
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(awaitFailed(gateway)).contains("the policy stops at a conflict");
            }
            assertThat(both(sites, "SELECT word FROM halt")).containsExactly("source", "target");
            assertThat(both(sites, "SELECT count(*) FROM ruled")).containsExactly("0", "1");
            assertThat(both(sites, "SELECT count(*) FROM aside")).containsExactly("1", "0");
        }
    }

    @Test
    void rowsThatMeetInAnotherUniqueKeyStopWithNothingHalfDone() throws Exception {
        try (TwoSites sites = begun()) {
            write(
                    sites.source(),
                    "INSERT INTO ruled VALUES (7, 'there')",
                    "INSERT INTO tag VALUES (10, 'same')");
            write(
                    sites.target(),
                    "INSERT INTO ruled VALUES (8, 'back')",
                    "INSERT INTO tag VALUES (11, 'same')");
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(awaitFailed(gateway)).contains("public.tag", "Nothing of it is applied");
            }
            assertThat(both(sites, "SELECT string_agg(id || word, ',') FROM tag"))
                    .containsExactly("10same", "11same");
            assertThat(both(sites, "SELECT count(*) FROM ruled WHERE id IN (7, 8)"))
                    .containsExactly("1", "1");
        }
    }

    @Test
    void aChildWhoseParentIsDeletedElsewhereEndsTheSameAtBoth() throws Exception {
        try (TwoSites sites = begun()) {
            sites.onSource("DELETE FROM parent WHERE id = 1");
            sites.onTarget("INSERT INTO child VALUES (5, 1)");
            try (Gateway gateway = new Gateway(sites.config())) {
                through(sites);
                sites.awaitEqual(LONG, List.of("public.parent", "public.child"));
            }
        }
    }

    /** Both directions have been followed; the gateway is away. */
    private static TwoSites begun() throws Exception {
        TwoSites sites =
                TwoSites.shared()
                        .bothWays()
                        .with("heartbeat: 200ms")
                        .with(CONFLICT.strip().replace("\n", " "));
        for (String sql : SCHEMA) {
            sites.onSource(sql);
            sites.onTarget(sql);
        }
        for (String table : List.of("aside", "ruled", "halt", "tag", "parent", "child")) {
            sites.onSource("ALTER TABLE " + table + " REPLICA IDENTITY FULL");
            sites.onTarget("ALTER TABLE " + table + " REPLICA IDENTITY FULL");
        }
        sites.onSource(
                "INSERT INTO aside VALUES (1, 'copied')",
                "INSERT INTO ruled VALUES (1, 'copied')",
                "INSERT INTO halt VALUES (1, 'copied')",
                "INSERT INTO parent VALUES (1)");
        try (Gateway gateway = new Gateway(sites.config())) {
            TwoSites.await(LONG, () -> all(gateway, PipelineState.STREAMING));
            through(sites);
        }
        return sites;
    }

    /** What was written before is applied at the other site, both ways. */
    private static void through(TwoSites sites) {
        int mark = Math.floorMod((int) System.nanoTime(), 1_000_000) + 1000;
        sites.onSource("INSERT INTO parent VALUES (%d)".formatted(mark));
        sites.onTarget("INSERT INTO parent VALUES (%d)".formatted(-mark));
        String count = "SELECT count(*) FROM parent WHERE abs(id) = %d".formatted(mark);
        TwoSites.await(LONG, () -> both(sites, count).equals(List.of("2", "2")));
    }

    private static boolean all(Gateway gateway, PipelineState state) {
        return gateway.statuses().stream().allMatch(status -> status.state() == state);
    }

    /** Of one direction; the other may wait for it from then on. */
    private static String awaitFailed(Gateway gateway) {
        TwoSites.await(LONG, () -> failed(gateway).isPresent());
        return failed(gateway).orElseThrow().failure().message();
    }

    private static Optional<PipelineStatus> failed(Gateway gateway) {
        return gateway.statuses().stream()
                .filter(status -> status.state() == PipelineState.FAILED)
                .findFirst();
    }

    private static List<String> both(TwoSites sites, String sql) {
        return List.of(
                String.valueOf(sites.querySource(sql)), String.valueOf(sites.queryTarget(sql)));
    }

    /** In one transaction. */
    private static void write(Connection site, String... statements) {
        TwoSites.run(site, "BEGIN; " + String.join("; ", statements) + "; COMMIT");
    }
}
