package io.sluice.gateway.system;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.snapshot.BuildMonitor.Unbuilt;
import io.sluice.gateway.snapshot.CopyMonitor.Progress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Indexes, unique keys and foreign keys come after the rows, and survive what happens there. */
final class SecondaryObjectsTest {

    private static final String POSTGRES_DEFINITIONS =
            """
            SELECT regexp_replace(pg_get_indexdef(x.indexrelid), '^(.*) ON .*? USING', '\\1 USING')
            FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND NOT x.indisprimary AND x.indisvalid
            UNION ALL
            SELECT k.conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k
            JOIN pg_namespace n ON n.oid = k.connamespace
            WHERE n.nspname = 'public' AND k.contype IN ('u', 'x', 'f') ORDER BY 1
            """;

    private static final String MYSQL_DEFINITIONS =
            """
            SELECT concat_ws(' ', TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, SEQ_IN_INDEX,
              COLUMN_NAME, SUB_PART, COLLATION, IS_VISIBLE, EXPRESSION, nullif(INDEX_COMMENT, ''))
            FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = database() AND INDEX_NAME <> 'PRIMARY'
            UNION ALL
            SELECT concat_ws(' ', TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_NAME, UPDATE_RULE,
              DELETE_RULE)
            FROM information_schema.REFERENTIAL_CONSTRAINTS
            WHERE CONSTRAINT_SCHEMA = database() ORDER BY 1
            """;

    private static final String[] POSTGRES_TABLES = {
        "CREATE TABLE owner (id int PRIMARY KEY, email text, code varchar(20) NOT NULL UNIQUE)",
        """
        CREATE TABLE item (id int PRIMARY KEY, owner_id int REFERENCES owner ON DELETE SET NULL,
          code varchar(20) REFERENCES owner (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
          name text, doc jsonb, n int, during int4range,
          CONSTRAINT "Late" UNIQUE (n, name) DEFERRABLE,
          CONSTRAINT apart EXCLUDE USING gist (during WITH &&),
          CONSTRAINT parent FOREIGN KEY (n) REFERENCES item NOT VALID)""",
        "CREATE INDEX item_name ON item (name)",
        "CREATE INDEX item_order ON item (n DESC NULLS LAST, name text_pattern_ops)",
        "CREATE INDEX item_some ON item (n) INCLUDE (name) WHERE n > 3",
        "CREATE INDEX item_lower ON item (lower(name), (n + 1))",
        "CREATE INDEX item_doc ON item USING gin (doc jsonb_path_ops) WITH (fastupdate = off)",
        "CREATE INDEX item_brin ON item USING brin (n)",
        "CREATE UNIQUE INDEX item_nulls ON item (owner_id, id) NULLS NOT DISTINCT",
        "CREATE UNIQUE INDEX \"item Unique\" ON owner (lower(email)) WHERE email IS NOT NULL",
        "INSERT INTO owner SELECT g, 'm' || g, 'c' || g FROM generate_series(1, 300) g",
        """
        INSERT INTO item SELECT g, g, 'c' || g, 'name ' || g, '{"a": 1}', g, int4range(g, g + 1)
        FROM generate_series(1, 300) g"""
    };

    private static final String[] MYSQL_TABLES = {
        "CREATE TABLE owner (id int PRIMARY KEY, email varchar(200), code varchar(20) NOT NULL,"
                + " UNIQUE KEY code (code))",
        """
        CREATE TABLE item (id int PRIMARY KEY, owner_id int, code varchar(20), name varchar(600),
          n int, doc text, place point NOT NULL SRID 0,
          KEY name (name(30), n DESC) COMMENT 'it''s, (', UNIQUE KEY late (n, code),
          KEY hidden (n) /*!80000 INVISIBLE */, KEY low ((lower(code))), FULLTEXT KEY words (doc),
          SPATIAL KEY places (place), KEY owner_id (owner_id), KEY code (code),
          CONSTRAINT parent FOREIGN KEY (owner_id) REFERENCES owner (id) ON DELETE RESTRICT,
          CONSTRAINT coded FOREIGN KEY (code) REFERENCES owner (code))""",
        "INSERT INTO owner WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE"
                + " g < 300) SELECT g, concat('m', g), concat('c', g) FROM g",
        "INSERT INTO item SELECT id, id, code, concat('name ', id), id, email, point(id, id)"
                + " FROM owner"
    };

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource(Pair.class)
    void theyAreMadeAfterTheRowsAlsoByTheGatewayAfterAKill(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared().tables("[\"*.owner\", \"*.item\"]")) {
            sites.onSource(pair.fromMySql ? MYSQL_TABLES : POSTGRES_TABLES);
            Path config = sites.configFile(folder);
            if (pair == Pair.POSTGRES_TO_MYSQL) {
                requireNamed(config);
            }
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx256m", "-Dsluice.failpoint=INDEX_BUILT:1"),
                            "run",
                            "-c",
                            config.toString())) {
                assertThat(gateway.awaitFailpoint(180)).as(gateway.errors()).isTrue();
                TwoSites.await(Duration.ofSeconds(180), () -> builds(sites, "DONE") > 0);
                gateway.kill();
            }
            assertThat(sites.queryTarget("SELECT count(*) FROM item")).isEqualTo("300");
            assertThat(builds(sites, "PENDING")).isPositive();
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                assertThat(Watching.status(gateway).builds().unbuilt()).isEmpty();
                assertThat(Watching.status(gateway).builds().done())
                        .isEqualTo(Watching.status(gateway).builds().all());
                assertThat(definitions(sites.target(), pair.toMySql))
                        .isEqualTo(
                                pair.fromMySql == pair.toMySql
                                        ? definitions(sites.source(), pair.fromMySql)
                                        : across(pair));
                sites.onSource("DELETE FROM item WHERE id < 10", "DELETE FROM owner WHERE id < 10");
                sites.awaitOnTarget("SELECT count(*) FROM owner", "291");
                sites.awaitOnTarget("SELECT count(*) FROM item", "291");
            }
        }
    }

    /** `check` says what is ahead, and names what will not be made. */
    private static void requireNamed(Path config) throws InterruptedException {
        try (GatewayProcess check = GatewayProcess.start("check", "-c", config.toString())) {
            assertThat(check.awaitExit(180)).as(check.errors()).isZero();
            assertThat(check.output())
                    .contains("The copy: 2 tables")
                    .contains("6 indexes, unique keys and foreign keys are made after the rows.")
                    .containsPattern("notes .*item: The index item_doc is not made: ")
                    .containsPattern("warns .*owner: The unique index item Unique is not made: ")
                    .containsPattern("warns .*item: The constraint apart is not made: ");
        }
    }

    /** What has no counterpart is missing here. */
    private static List<String> across(Pair pair) {
        return pair.toMySql
                ? List.of(
                        "item item_code_fkey 1 BTREE 1 code A YES",
                        "item item_code_fkey owner CASCADE NO ACTION",
                        "item item_name 1 BTREE 1 name 255 A YES",
                        "item item_order 1 BTREE 1 n D YES",
                        "item item_order 1 BTREE 2 name 255 A YES",
                        "item item_owner_id_fkey 1 BTREE 1 owner_id A YES",
                        "item item_owner_id_fkey owner NO ACTION SET NULL",
                        "item item_parent 1 BTREE 1 n A YES",
                        "item item_parent item NO ACTION NO ACTION",
                        "owner owner_code_key 0 BTREE 1 code A YES")
                : List.of(
                        "CREATE INDEX item_code USING btree (code)",
                        "CREATE INDEX item_hidden USING btree (n)",
                        "CREATE INDEX item_name USING btree (\"left\"((name)::text, 30), n DESC)",
                        "CREATE INDEX item_owner_id USING btree (owner_id)",
                        "CREATE UNIQUE INDEX item_late USING btree (n, code)",
                        "CREATE UNIQUE INDEX owner_code USING btree (code)",
                        "coded FOREIGN KEY (code) REFERENCES public.owner(code)",
                        "item_late UNIQUE (n, code)",
                        "owner_code UNIQUE (code)",
                        "parent FOREIGN KEY (owner_id) REFERENCES public.owner(id) ON DELETE"
                                + " RESTRICT");
    }

    private static long builds(TwoSites sites, String state) {
        return Long.parseLong(
                sites.queryTarget(
                        "SELECT count(*) FROM sluice.build WHERE state = '" + state + "'"));
    }

    private static List<String> definitions(Connection opened, boolean mysql) throws SQLException {
        List<String> definitions = new ArrayList<>();
        try (Connection connection = opened;
                Statement statement = connection.createStatement()) {
            if (!mysql) {
                statement.execute("SET search_path = pg_catalog");
            }
            ResultSet rows =
                    statement.executeQuery(mysql ? MYSQL_DEFINITIONS : POSTGRES_DEFINITIONS);
            while (rows.next()) {
                definitions.add(rows.getString(1));
            }
        }
        definitions.sort(null);
        return definitions;
    }

    @Test
    void aRefusedUniqueIndexIsToldWithItsStatementAndTriedAgainByTheNextStart() throws Exception {
        try (TwoSites sites = TwoSites.shared().tables("[\"public.item\"]")) {
            sites.onTarget(norm("'all the same'"));
            sites.onSource(
                    norm("lower(t)"),
                    "CREATE TABLE item (id int PRIMARY KEY, name text)",
                    "CREATE UNIQUE INDEX item_norm ON item (public.norm(name))",
                    "CREATE INDEX item_name ON item (name)",
                    "INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 10) g");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                assertThat(Watching.status(gateway).builds().unbuilt())
                        .containsExactly(
                                new Unbuilt(
                                        "unique index item_norm of public.item",
                                        "target: making the unique index item_norm of public.item"
                                                + " failed: a unique key is violated: such a row"
                                                + " exists already (SQLSTATE 23505, constraint"
                                                + " item_norm)",
                                        "CREATE UNIQUE INDEX \"item_norm\" ON \"public\".\"item\""
                                                + " USING btree (public.norm(name))"));
                assertThat(indexes(sites)).isEqualTo("item_name");
                sites.onSource("INSERT INTO item VALUES (11, 'n11')");
                sites.awaitOnTarget("SELECT count(*) FROM item", "11");
            }
            sites.onTarget(norm("lower(t)"));
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                assertThat(Watching.status(gateway).builds().unbuilt()).isEmpty();
                assertThat(indexes(sites)).isEqualTo("item_name,item_norm");
            }
        }
    }

    /** A key that the target enforced would delete along what the log deletes again. */
    @Test
    void aForeignKeyIsLeftOutAndNamedWhereItWouldBeEnforcedOnWhatIsApplied() throws Exception {
        try (TwoSites sites = TwoSites.shared().tables("[\"public.owner\", \"public.item\"]")) {
            sites.onSource(
                    "CREATE TABLE owner (id int PRIMARY KEY)",
                    "CREATE TABLE item (id int PRIMARY KEY, owner_id int REFERENCES owner ON"
                            + " DELETE CASCADE)",
                    "CREATE INDEX item_owner ON item (owner_id)",
                    "INSERT INTO owner SELECT g FROM generate_series(1, 10) g",
                    "INSERT INTO item SELECT g, g FROM generate_series(1, 10) g");
            String role = "plain_" + sites.targetDatabase;
            sites.onTarget(
                    "CREATE ROLE %s LOGIN PASSWORD 'plain'".formatted(role),
                    "GRANT CREATE ON DATABASE %s TO %s".formatted(sites.targetDatabase, role),
                    "GRANT CREATE ON SCHEMA public TO " + role);
            sites.login("target", role, "plain");
            try {
                requireForeignKeyNamed(sites.configFile(folder));
                try (Gateway gateway = new Gateway(sites.config())) {
                    Watching.awaitStreaming(gateway);
                    sites.onSource("DELETE FROM owner WHERE id < 4");
                    sites.awaitOnTarget("SELECT count(*) FROM owner", "7");
                    sites.awaitOnTarget("SELECT count(*) FROM item", "7");
                    assertThat(Watching.status(gateway).builds().unbuilt()).isEmpty();
                    assertThat(Watching.status(gateway).failure()).isNull();
                }
                assertThat(indexes(sites)).isEqualTo("item_owner,owner_pkey");
                assertThat(
                                sites.queryTarget(
                                        "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"))
                        .isEqualTo("0");
            } finally {
                sites.onTarget("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    private static void requireForeignKeyNamed(Path config) throws InterruptedException {
        try (GatewayProcess check = GatewayProcess.start("check", "-c", config.toString())) {
            assertThat(check.awaitExit(180)).as(check.errors()).isZero();
            assertThat(check.output())
                    .containsPattern(
                            "warns .*item: The foreign key item_owner_id_fkey is not made: .*"
                                    + "session_replication_role");
        }
    }

    private static String norm(String body) {
        return "CREATE OR REPLACE FUNCTION public.norm(t text) RETURNS text LANGUAGE sql IMMUTABLE"
                + " AS $$ SELECT "
                + body
                + " $$";
    }

    private static String indexes(TwoSites sites) {
        return sites.queryTarget(
                "SELECT string_agg(indexname, ',' ORDER BY indexname) FROM pg_indexes WHERE schemaname ="
                        + " 'public' AND indexname <> 'item_pkey'");
    }

    @Test
    void theCopyKeepsToItsRateBeginsWithTheLargestTableAndTellsHowFarItIs() throws Exception {
        try (TwoSites sites =
                TwoSites.shared()
                        .tables("[\"public.a_small\", \"public.item\"]")
                        .with(
                                "copy: {workers: 3, chunkSize: 64KiB, maxBytesPerSecond: 256KiB,"
                                        + " pauseWhenSourceLagExceeds: 1h}")) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, t text)",
                    "INSERT INTO item SELECT g, repeat(md5(g::text), 32)"
                            + " FROM generate_series(1, 1000) g",
                    "VACUUM ANALYZE item",
                    "CREATE TABLE a_small (id int PRIMARY KEY)",
                    "INSERT INTO a_small SELECT g FROM generate_series(1, 10) g",
                    "VACUUM ANALYZE a_small");
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(
                        Duration.ofSeconds(180),
                        () -> {
                            Progress copy = Watching.status(gateway).copy();
                            return copy != null
                                    && copy.chunksDone() > 0
                                    && copy.chunksDone() < copy.chunks()
                                    && copy.tablesDone() == 0
                                    && copy.bytesPerSecond() > 0
                                    && copy.remaining() != null
                                    && copy.rowsExpected() == 1010;
                        });
                Watching.awaitStreaming(gateway);
                Progress copy = requireNonNull(Watching.status(gateway).copy());
                assertThat(copy.bytes()).isGreaterThan(1_000_000);
                assertThat(copy.chunksDone()).isEqualTo(copy.chunks()).isGreaterThan(3);
                assertThat(copy.paused()).isNull();
                assertThat(copy.bytesPerSecond()).isLessThan((long) (1.15 * 256 * 1024));
            }
        }
    }
}
