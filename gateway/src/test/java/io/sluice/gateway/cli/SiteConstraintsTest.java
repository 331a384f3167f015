package io.sluice.gateway.cli;

import static io.sluice.gateway.cli.Answer.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.system.TwoSites;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of a MySQL and a PostgreSQL site that other rows refer to, or that have unique values,
 * written at both while neither heard of the other.
 */
class SiteConstraintsTest {

    private static final List<String> FAMILY = List.of("parent", "child");

    private static final String ORPHANS =
            "SELECT count(*) FROM sluice.conflict WHERE kind = 'foreign_key_missing'";

    private static final String PARKED =
            "SELECT count(*) FROM sluice.conflict WHERE resolution = 'park'";

    @TempDir private static Path folder;

    private static TwoSites sites;
    private static Gateway gateway;
    private static String config;

    @BeforeAll
    static void bothWriteWhatBelongsTogether() throws Exception {
        sites =
                TwoSites.between(Servers.sharedMySql(), Servers.sharedPostgres())
                        .bothWays()
                        .tables("[\"*.parent\", \"*.child\", \"*.person\"]")
                        .with("heartbeat: 200ms")
                        .with("apply: {maxRows: 100}")
                        .with(
                                "conflict: {tables: {\"*.person\": {kinds: {multiple_unique_conflicts: park, update_exists: park}}}}");
        sites.onSource(
                "CREATE TABLE parent (id int PRIMARY KEY, n int)",
                "CREATE TABLE child (id int PRIMARY KEY, parent_id int, kind int,"
                        + " CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id))",
                "CREATE TABLE person (id int PRIMARY KEY, email varchar(40) UNIQUE)",
                "INSERT INTO parent VALUES (1, 0), (2, 0), (3, 0)",
                "INSERT INTO person VALUES (5, 'e'), (6, 'f')");
        sites.onTarget(
                "CREATE TABLE kind (id int PRIMARY KEY)",
                "CREATE TABLE parent (id int PRIMARY KEY, n int)",
                "CREATE TABLE child (id int PRIMARY KEY, kind int REFERENCES kind,"
                        + " parent_id int CONSTRAINT child_parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
                "CREATE TABLE person (id int PRIMARY KEY, email varchar(40) UNIQUE)",
                "ALTER TABLE parent REPLICA IDENTITY FULL",
                "ALTER TABLE child REPLICA IDENTITY FULL",
                "ALTER TABLE person REPLICA IDENTITY FULL");
        config = sites.configFile(folder).toString();
        gateway = new Gateway(ConfigReader.read("test", sites.yaml(), name -> null));
        awaitAll(PipelineState.STREAMING);
        gateway.close();
        sites.onSource(
                "DELETE FROM parent WHERE id = 1",
                "INSERT INTO child VALUES (20, 2, 1)",
                "INSERT INTO child VALUES (21, 3, NULL), (22, NULL, NULL)",
                "INSERT INTO person VALUES (1, 'a')",
                "UPDATE person SET email = 'x' WHERE id = 6");
        sites.onTarget(
                "DELETE FROM parent WHERE id = 2",
                "INSERT INTO person VALUES (2, 'a')",
                "UPDATE person SET email = 'x' WHERE id = 5",
                // More than is held at once, with the parent at its end.
                "BEGIN; INSERT INTO child (id, parent_id) VALUES (10, 1);"
                        + " INSERT INTO child (id, parent_id) SELECT g, 30 FROM generate_series(300, 499) g;"
                        + " INSERT INTO parent VALUES (30, 0); COMMIT");
        gateway = new Gateway(ConfigReader.read("test", sites.yaml(), name -> null));
    }

    private static void awaitAll(PipelineState state) {
        TwoSites.await(
                Duration.ofSeconds(180),
                () -> gateway.statuses().stream().allMatch(p -> p.state() == state));
    }

    @AfterAll
    static void close() throws Exception {
        gateway.close();
        sites.close();
    }

    private static void resolve(String conflict, String choice) {
        Answer done = sluice("conflicts", "resolve", "-c", config, conflict, choice);
        assertThat(done.exit()).as(done.err()).isZero();
    }

    private static void await(Supplier<@Nullable String> asked, String expected) {
        TwoSites.await(Duration.ofSeconds(120), () -> expected.equals(asked.get()));
    }

    private static @Nullable String there(String sql) {
        return sites.querySource(sql);
    }

    private static @Nullable String here(String sql) {
        return sites.queryTarget(sql);
    }

    /** The names at both sites of the conflicts of a table's row. */
    private static List<String> ofRow(String table, int id) {
        String sql =
                "SELECT id FROM sluice.conflict WHERE table_name = '%s' AND %s LIKE '%%:%%%d}'";
        List<String> names = new ArrayList<>();
        String atSource = there(sql.formatted(table, "CAST(row_key AS CHAR)", id));
        String atTarget = here(sql.formatted(table, "row_key::text", id));
        if (atSource != null) {
            names.add("source/" + atSource);
        }
        if (atTarget != null) {
            names.add("target/" + atTarget);
        }
        return names;
    }

    @Test
    void aChildWithoutItsParentStandsAtBothSitesAndIsOnRecord() {
        await(() -> there(ORPHANS), "2");
        await(() -> here(ORPHANS), "2");
        sites.awaitEqual(Duration.ofSeconds(180), FAMILY);
        assertThat(here("SELECT count(*) FROM child")).isEqualTo("204");
        assertThat(here("SELECT count(*) FROM parent WHERE id IN (1, 2)")).isEqualTo("0");
        assertThat(ofRow("child", 10)).hasSize(2);
        assertThat(ofRow("child", 20)).hasSize(2);
        assertThat(here("SELECT string_agg(reason, ';' ORDER BY id) FROM sluice.conflict"))
                .contains("public.parent has no row that its foreign key child_parent wants");

        Answer open =
                sluice("conflicts", "list", "-c", config, "--open", "--table", "public.child");
        assertThat(open.out())
                .contains("foreign_key_missing", "waits for somebody")
                .contains(ofRow("child", 10).getLast(), ofRow("child", 20).getLast());

        // One without its parent goes; to the other its parent comes back.
        resolve(ofRow("child", 10).getLast(), "--keep");
        resolve(ofRow("child", 10).getFirst(), "--dismiss");
        await(() -> there("SELECT count(*) FROM child WHERE id = 10"), "0");
        sites.onSource("INSERT INTO parent VALUES (2, 9)");
        ofRow("child", 20).forEach(name -> resolve(name, "--dismiss"));
        await(() -> here("SELECT n FROM parent WHERE id = 2"), "9");
        sites.awaitEqual(Duration.ofSeconds(180), FAMILY);
        Answer left = sluice("conflicts", "list", "-c", config, "--open");
        assertThat(left.out()).doesNotContain("foreign_key_missing");
        assertThat(here(ORPHANS)).isEqualTo("2");
    }

    @Test
    void aChangeThatAnotherRowsUniqueValueRefusesIsPutAside() {
        await(() -> there(PARKED), "2");
        await(() -> here(PARKED), "2");
        assertThat(here("SELECT string_agg(id || email, ' ' ORDER BY id) FROM person"))
                .isEqualTo("2a 5x 6f");
        assertThat(
                        there(
                                "SELECT group_concat(concat(id, email) ORDER BY id SEPARATOR ' ') FROM person"))
                .isEqualTo("1a 5e 6x");
        assertThat(
                        here(
                                "SELECT string_agg(kind, ' ' ORDER BY id) FROM sluice.conflict WHERE resolution = 'park'"))
                .isEqualTo("multiple_unique_conflicts update_exists");
        String inserted = ofRow("person", 1).getLast();
        String updated = ofRow("person", 6).getLast();

        // Whoever makes room at one site brings his row to the other, too.
        sites.onTarget(
                "UPDATE person SET email = 'b' WHERE id = 2",
                "UPDATE person SET email = 'y' WHERE id = 5");
        resolve(inserted, "--apply-incoming");
        resolve(updated, "--apply-incoming");
        sites.awaitEqual(Duration.ofSeconds(180), List.of("person"));
        assertThat(here("SELECT string_agg(id || email, ' ' ORDER BY id) FROM person"))
                .isEqualTo("1a 2b 5y 6x");
        awaitAll(PipelineState.STREAMING);
    }
}
