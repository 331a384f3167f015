package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.Workload;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Copy and stream between two real databases: what arrives is what the source has. */
class TransactionalReplicationTest {

    private static final Duration A_WHILE = Duration.ofSeconds(180);

    private final TwoSites sites = TwoSites.shared().with("heartbeat: 200ms");

    @AfterEach
    void close() {
        sites.close();
    }

    @Test
    void aMixedLoadBeforeWhileAndAfterTheCopyEndsEqual() throws Exception {
        try (Workload load = new Workload(20260101)) {
            try (Connection source = sites.source()) {
                load.createSchema(source);
            }
            load.run(sites::source, 200);
            load.start(sites::source, 30);
            try (Gateway gateway = new Gateway(sites.config())) {
                TwoSites.await(A_WHILE, () -> Watching.status(gateway).appliedTransactions() > 100);
                load.stop();
                sites.awaitEqual(A_WHILE, Workload.TABLES);
            }
        }
    }

    @Test
    void aLoadEndsEqualOnATargetWithItsForeignKeys() throws Exception {
        try (Workload load = new Workload(20260102);
                Connection source = sites.source();
                Connection target = sites.target()) {
            load.createSchema(source);
            new Workload(1).createSchema(target);
            sites.onTarget("TRUNCATE seat");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                load.run(sites::source, 300);
                sites.awaitEqual(A_WHILE, Workload.TABLES);
            }
            assertThat(sites.queryTarget(invalidReferences())).isEqualTo("0");
        }
    }

    private static String invalidReferences() {
        return "SELECT count(*) FROM order_line l WHERE NOT EXISTS"
                + " (SELECT FROM orders o WHERE o.id = l.order_id)";
    }

    @Test
    void partitionsCompositeKeysTruncatesSavepointsAndUnsentValuesEndEqual() throws Exception {
        sites.onSource(
                "CREATE TABLE plan (region text, day date, n int, note text,"
                        + " PRIMARY KEY (region, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE plan_a PARTITION OF plan FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
                "CREATE TABLE plan_b PARTITION OF plan FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "CREATE TABLE pair (a int, b text, c int, v numeric, PRIMARY KEY (b, a))",
                "CREATE TABLE big (id int PRIMARY KEY, n int, body text)",
                "ALTER TABLE big ALTER body SET STORAGE EXTERNAL",
                "CREATE TABLE bag (a int, b text)",
                "ALTER TABLE bag REPLICA IDENTITY FULL",
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent)",
                "INSERT INTO plan SELECT 'eu', '2026-01-01'::date + i, i FROM generate_series(0, 50) i",
                "INSERT INTO pair SELECT i, 'k' || i % 3, i, i / 7.0 FROM generate_series(1, 50) i",
                "INSERT INTO big SELECT i, i, repeat(i || 'x', 5000) FROM generate_series(1, 20) i",
                "INSERT INTO bag SELECT i % 4, 'same' FROM generate_series(1, 20) i");
        List<String> tables =
                List.of(
                        "public.plan",
                        "public.pair",
                        "public.big",
                        "public.bag",
                        "public.parent",
                        "public.child");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource(
                    "UPDATE plan SET day = day + 52 WHERE day < '2026-01-06'", // moves partitions
                    "DELETE FROM plan WHERE n = 20",
                    "UPDATE pair SET a = a + 1000, b = b || 'x' WHERE c < 10",
                    "UPDATE pair SET v = NULL WHERE c > 40",
                    "UPDATE big SET n = n + 1",
                    "UPDATE big SET id = id + 100 WHERE id < 5",
                    "BEGIN; UPDATE big SET body = 'short' WHERE id = 10;"
                            + " UPDATE big SET n = 0 WHERE id = 10; COMMIT",
                    "BEGIN; INSERT INTO pair VALUES (1, 'new', 1, 1); SAVEPOINT s;"
                            + " DELETE FROM pair; INSERT INTO pair VALUES (2, 'gone', 2, 2);"
                            + " ROLLBACK TO s; INSERT INTO pair VALUES (3, 'new', 3, 3); COMMIT",
                    "BEGIN; DELETE FROM pair; ROLLBACK",
                    "INSERT INTO bag VALUES (NULL, NULL), (NULL, NULL)",
                    "UPDATE bag SET b = 'other' WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 1)",
                    "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a = 2)",
                    "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag WHERE a IS NULL)",
                    "BEGIN; INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1);"
                            + " TRUNCATE parent, child; INSERT INTO parent VALUES (3);"
                            + " INSERT INTO child VALUES (5, 3); COMMIT",
                    "TRUNCATE parent CASCADE",
                    "INSERT INTO parent VALUES (9)");
            sites.awaitEqual(A_WHILE, tables);
            assertThat(sites.queryTarget("SELECT count(*) FROM bag WHERE b = 'other'"))
                    .isEqualTo("1");
            sites.onSource("TRUNCATE plan, bag", "INSERT INTO plan VALUES ('us', '2026-02-03', 1)");
            sites.awaitEqual(A_WHILE, tables);
        }
    }

    @Test
    void logBasedBeginsAtNow() throws Exception {
        sites.mode("log-based");
        sites.onSource(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t VALUES (1, 'before')");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO t VALUES (2, 'after')");
            sites.awaitOnTarget("SELECT string_agg(id::text, ',') FROM t", "2");
        }
    }

    @Test
    void globsRenamesAndColumnExclusionRouteWhatGoesWhere() throws Exception {
        sites.tables("[\"public.order*\", \"app.*\"]")
                .with("exclude: [\"public.order_secret\", \"app.tmp_?\"]")
                .with("rename: {app: \"Moved\", \"public.orders\": \"archive.all_orders\"}")
                .with("excludeColumns: {\"public.orders\": [card], \"app.*\": [hidden]}");
        sites.onSource(
                "CREATE SCHEMA app",
                "CREATE TABLE orders (id int PRIMARY KEY, card text NOT NULL, v text)",
                "CREATE TABLE order_item (id int PRIMARY KEY, v text)",
                "CREATE TABLE order_secret (id int PRIMARY KEY)",
                "CREATE TABLE other (id int PRIMARY KEY)",
                "CREATE TABLE app.kept (id int PRIMARY KEY, hidden int, v text)",
                "CREATE TABLE app.tmp_1 (id int PRIMARY KEY)",
                "INSERT INTO orders VALUES (1, '4711', 'a')",
                "INSERT INTO app.kept VALUES (1, 1, 'a')");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource(
                    "INSERT INTO orders VALUES (2, '4712', 'b')",
                    "UPDATE orders SET card = '0' WHERE id = 1",
                    "UPDATE orders SET v = 'c', id = 3 WHERE id = 1",
                    "INSERT INTO order_secret VALUES (1)",
                    "INSERT INTO other VALUES (1)",
                    "INSERT INTO app.tmp_1 VALUES (1)",
                    "UPDATE app.kept SET v = 'z', hidden = 2",
                    "INSERT INTO order_item VALUES (1, 'last')");
            sites.awaitOnTarget("SELECT v FROM order_item", "last");
        }
        assertThat(
                        sites.queryTarget(
                                "SELECT string_agg(format('%s.%s.%s', table_schema, table_name,"
                                        + " column_name), ' ' ORDER BY table_schema, table_name,"
                                        + " ordinal_position) FROM information_schema.columns"
                                        + " WHERE table_schema NOT IN ('pg_catalog',"
                                        + " 'information_schema', 'sluice')"))
                .isEqualTo(
                        "Moved.kept.id Moved.kept.v archive.all_orders.id archive.all_orders.v"
                                + " public.order_item.id public.order_item.v");
        assertThat(
                        sites.queryTarget(
                                "SELECT string_agg(id || v, ',' ORDER BY id) FROM archive.all_orders"))
                .isEqualTo("2b,3c");
        assertThat(sites.queryTarget("SELECT id || v FROM \"Moved\".kept")).isEqualTo("1z");
    }

    @Test
    void missingTablesAreCreatedWithTypesKeysNotNullDefaultsIdentityEnumsAndDomains()
            throws Exception {
        sites.onSource(
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE DOMAIN posint AS int CHECK (VALUE > 0)",
                "CREATE TABLE made (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
                        + " code varchar(12) NOT NULL UNIQUE, price numeric(10, 3) DEFAULT 1.5,"
                        + " m mood DEFAULT 'ok', p posint, at timestamptz(3) NOT NULL DEFAULT now(),"
                        + " tags text[], bits bit(3), vb varbit(9), moods mood[],"
                        + " total numeric GENERATED ALWAYS AS (price * 2) STORED)",
                "INSERT INTO made (code, p, tags, bits, moods) VALUES ('a', 1, '{x,NULL}', '101',"
                        + " '{sad}')");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO made (code, m) VALUES ('b', 'sad')");
            sites.awaitEqual(A_WHILE, List.of("public.made"));
        }
        String columns =
                """
                SELECT string_agg(format('%s %s %s %s %s', a.attname,
                    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                    pg_get_expr(d.adbin, d.adrelid)), E'\\n' ORDER BY a.attnum)
                FROM pg_attribute a
                LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = 'made'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                """;
        assertThat(sites.queryTarget(columns)).isEqualTo(sites.querySource(columns));
        String keys =
                "SELECT string_agg(pg_get_constraintdef(oid), ' ' ORDER BY contype, conname)"
                        + " FROM pg_constraint WHERE conrelid = 'made'::regclass"
                        + " AND contype IN ('p', 'u')";
        assertThat(sites.queryTarget(keys)).isEqualTo(sites.querySource(keys));
        assertThat(sites.queryTarget("SELECT string_agg(enumlabel, ',') FROM pg_enum"))
                .isEqualTo("sad,ok");
    }

    @Test
    void aStandingTableThatWouldLoseDataStopsThePipelineBeforeItStarts() throws Exception {
        sites.onSource(
                "CREATE TABLE t (id bigint PRIMARY KEY, v text, extra int)",
                "INSERT INTO t VALUES (1, 'v', 1)");
        sites.onTarget("CREATE TABLE t (id int PRIMARY KEY, v varchar(3))");
        try (Gateway gateway = new Gateway(sites.config())) {
            Failure failure = Watching.awaitFailed(gateway);
            assertThat(failure.errorClass()).isEqualTo("fatal");
            assertThat(failure.message()).contains("public.t", "extra");
            assertThat(failure.message()).containsPattern(Pattern.compile("\\bid\\b"));
            assertThat(failure.message()).containsPattern(Pattern.compile("\\bv\\b"));
        }
        assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("0");
        assertThat(
                        sites.querySource(
                                "SELECT count(*) FROM pg_replication_slots WHERE database ="
                                        + " current_database()"))
                .isEqualTo("0");
        assertThat(sites.querySource("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    }

    @Test
    void aTargetTableThatHoldsRowsIsNotCopiedInto() throws Exception {
        sites.onSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        sites.onTarget("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (42)");
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(gateway).message()).contains("public.t", "rows");
        }
        assertThat(sites.queryTarget("SELECT string_agg(id::text, ',') FROM t")).isEqualTo("42");
    }

    @Test
    void aPlainRoleOnATargetThatEnforcesItsKeysAndFiresItsTriggersEndsEqual() throws Exception {
        String ddl =
                """
                CREATE TABLE region (id int PRIMARY KEY, name text UNIQUE);
                CREATE TABLE shop (id int PRIMARY KEY, region int NOT NULL REFERENCES region,
                  head int REFERENCES shop);
                CREATE TABLE sale (id int PRIMARY KEY,
                  shop int REFERENCES shop DEFERRABLE INITIALLY DEFERRED, amount int)
                """;
        sites.onSource(ddl);
        String role = "plain_" + sites.targetDatabase;
        sites.onTarget(
                ddl,
                "CREATE TABLE fired (n bigint GENERATED ALWAYS AS IDENTITY, what text)",
                "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
                        + " BEGIN INSERT INTO public.fired (what) VALUES (TG_OP); RETURN NULL; END $$",
                "CREATE TRIGGER fire AFTER INSERT OR UPDATE OR DELETE ON sale"
                        + " FOR EACH ROW EXECUTE FUNCTION fire()",
                "CREATE ROLE %s LOGIN PASSWORD 'plain'".formatted(role),
                "GRANT CREATE ON DATABASE %s TO %s".formatted(sites.targetDatabase, role),
                "GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON region, shop, sale TO " + role);
        sites.login("target", role, "plain");
        try {
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                for (int round = 0; round < 10; round++) {
                    referencedRows(round * 100);
                }
                sites.awaitEqual(A_WHILE, List.of("public.region", "public.shop", "public.sale"));
            }
            assertThat(sites.queryTarget("SELECT count(*) > 0 FROM fired")).isEqualTo("t");
        } finally {
            sites.onTarget("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    /** New parents and children, children first where that is allowed, moves, and deletes. */
    private void referencedRows(int base) throws SQLException {
        try (Connection source = sites.source();
                Statement statement = source.createStatement()) {
            String all =
                    """
                    BEGIN;
                    INSERT INTO sale SELECT {0} + i, {0} + i % 5, i FROM generate_series(1, 20) i;
                    INSERT INTO region SELECT {0} + i, 'r' || {0} + i FROM generate_series(1, 3) i;
                    INSERT INTO shop VALUES ({0}, {0} + 1, NULL);
                    INSERT INTO shop SELECT {0} + i, {0} + 2, {0} FROM generate_series(1, 4) i;
                    COMMIT;
                    UPDATE shop SET region = {0} + 3, head = NULL WHERE id > {0} + 2;
                    BEGIN;
                    UPDATE region SET name = 'moved' WHERE id = {0} + 2;
                    UPDATE sale SET shop = {0} WHERE shop = {0} + 1;
                    DELETE FROM shop WHERE id = {0} + 1;
                    INSERT INTO shop VALUES ({0} + 1, {0} + 2, {0} + 2);
                    UPDATE region SET name = 'r' || id WHERE id = {0} + 2;
                    COMMIT;
                    DELETE FROM sale WHERE id > {0} + 15;
                    """;
            for (String sql : all.replace("{0}", Integer.toString(base)).split(";")) {
                statement.execute(sql);
            }
        }
    }
}
