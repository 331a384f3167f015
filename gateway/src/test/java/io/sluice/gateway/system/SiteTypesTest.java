package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Columns of a PostgreSQL and a MySQL site that both write, of types that only one of them has. */
final class SiteTypesTest {

    private static final List<String> TABLES =
            List.of("public.thing", "public.latest", "public.highest", "public.named");

    /** Where MySQL's rows are copied: of these no key is a UUID. */
    private static final List<String> COPIED = TABLES.subList(0, 3);

    private static final String IN_CONFLICT =
            "SELECT count(DISTINCT table_name) FROM sluice.conflict WHERE table_name IN ('thing', 'named', 'latest', 'highest')";

    private static final String POSTGRES_THING =
            "CREATE TABLE thing (id int PRIMARY KEY, flag boolean, token uuid NOT NULL, at timestamptz,"
                    + " seen timestamptz(3), doc jsonb, said json, feels mood, n numeric, r real,"
                    + " d double precision, day date, t time, local timestamp)";

    private static final String[] POSTGRES = {
        "CREATE TYPE mood AS ENUM ('sad', 'glad')",
        POSTGRES_THING,
        "CREATE TABLE named (name uuid PRIMARY KEY, n int)",
        "CREATE TABLE latest (id int PRIMARY KEY, at timestamptz, word text)",
        "CREATE TABLE highest (id int PRIMARY KEY, token uuid, word text)",
        "ALTER TABLE thing REPLICA IDENTITY FULL",
        "ALTER TABLE named REPLICA IDENTITY FULL",
        "ALTER TABLE latest REPLICA IDENTITY FULL",
        "ALTER TABLE highest REPLICA IDENTITY FULL"
    };

    private static final String MYSQL_THING =
            "CREATE TABLE thing (id int PRIMARY KEY, flag tinyint(1), token varchar(36) NOT NULL,"
                    + " at datetime(6), seen timestamp(3) NULL, doc json, said longtext,"
                    + " feels enum('sad', 'glad'), n decimal(65,30), r float, d double, day date,"
                    + " t time(6), local datetime(6))";

    private static final String[] MYSQL = {
        "CREATE TABLE named (name char(36) PRIMARY KEY, n int)",
        "CREATE TABLE latest (id int PRIMARY KEY, at timestamp(6) NULL, word longtext)",
        "CREATE TABLE highest (id int PRIMARY KEY, token char(36), word longtext)"
    };

    /** Of a session whose zone is not the one that moments are kept in. */
    private static final String[] WRITTEN_TO_POSTGRES = {
        "SET TimeZone = 'Asia/Kathmandu'",
        """
        INSERT INTO thing VALUES
          (1, true, '0123ABCD-4567-89AB-CDEF-0123456789AB', '2024-02-29 23:59:59.123456', '2024-01-01 12:00:00.5',
           '{"z": {"b": [1, 2.50, null, "\\u00fc \\ud83d\\ude00 \\"q\\""]}, "a": 18446744073709551615, "e": 1e300}',
           ' {"b": 1,  "a": [1.50], "b": 2}', 'glad', 1.50, 0.1, 0.1, '2024-02-29', '24:00:00', '2024-02-29 23:59:59.5'),
          (2, false, '00000000-0000-0000-0000-000000000000', '0001-01-01 12:00:00+00', '2037-12-31 23:59:59.999+00',
           '[]', '1', 'sad', -123.456, -1e30, 5e-324, '0001-01-01', '00:00:00.000001', '9999-12-31 23:59:59.999999'),
          (3, NULL, 'ffffffff-ffff-ffff-ffff-ffffffffffff', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
          (4, true, '11111111-1111-1111-1111-111111111111', '2024-03-10 02:30:00-05', '2024-01-01 00:00:00',
           'null', '"ü"', 'sad', 0, 0, 0, '2024-01-01', '12:00:00', '2024-01-01 00:00:00')
        """,
        "INSERT INTO named SELECT ('00000000-0000-0000-0000-00000000000' || g)::uuid, g FROM generate_series(1, 3) g",
        "INSERT INTO latest VALUES (1, '2024-01-01 00:00:00+00', 'w')",
        "INSERT INTO highest VALUES (1, 'aaaaaaaa-0000-0000-0000-000000000000', 'w')"
    };

    private static final String[] WRITTEN_TO_MYSQL = {
        "SET time_zone = '+05:45'",
        """
        INSERT INTO thing VALUES
          (11, 1, '0123ABCD-4567-89AB-CDEF-0123456789AC', '2024-02-29 23:59:59.123456', '2024-01-01 12:00:00.5',
           '{"z": {"b": [1, 2.5, null, "\\\\u00fc 😀 \\\\"q\\\\""]}, "a": 18446744073709551615, "e": 1e300, "f": 1.0}',
           ' {"b": 1,  "a": [1.50], "b": 2}', 'glad', 1.50, 0.1, 0.1, '2024-02-29', '24:00:00', '2024-02-29 23:59:59.5'),
          (12, 0, '0123abcd456789abcdef0123456789ad', '1000-01-01 12:00:00', '2038-01-19 03:14:07.999',
           '[]', '1', 'sad', -123.456, -1e30, 5e-324, '1000-01-01', '00:00:00.000001', '9999-12-31 23:59:59.999999'),
          (13, NULL, 'ffffffff-ffff-ffff-ffff-ffffffffffff', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
        """,
        "INSERT INTO named VALUES ('00000000-0000-0000-0000-000000000011', 11)"
    };

    @Test
    void whatEitherWritesIsTheSameAtBothAlsoWhereTheyMeet() throws Exception {
        try (TwoSites sites =
                configured(
                        TwoSites.between(Servers.sharedPostgres(), Servers.sharedMySql())
                                .bothWays())) {
            sites.onSource(POSTGRES);
            sites.onTarget(MYSQL); // and the first table is the gateway's to make
            sites.onSource(WRITTEN_TO_POSTGRES);
            bothWrite(sites, TABLES);
            whatHasNoPlaceStops(sites, "test:target->source", "test:source->target");
        }
    }

    /** As the MySQL site's rows are copied, into tables of the PostgreSQL site's own types. */
    @Test
    @Tag("slow")
    void mySqlMayBeTheFirst() throws Exception {
        try (TwoSites sites =
                configured(
                        TwoSites.between(Servers.sharedMySql(), Servers.sharedPostgres())
                                .tables("[\"*.thing\", \"*.latest\", \"*.highest\"]")
                                .bothWays())) {
            sites.onSource(MYSQL_THING);
            sites.onSource(MYSQL);
            sites.onTarget(POSTGRES);
            sites.onSource(WRITTEN_TO_MYSQL);
            sites.onSource(
                    "INSERT INTO thing (id, token) VALUES (1, UUID()), (2, UUID()), (4, UUID())",
                    "INSERT INTO latest VALUES (1, '2024-01-01 00:00:00', 'w')",
                    "INSERT INTO highest VALUES (1, 'aaaaaaaa-0000-0000-0000-000000000000', 'w')");
            bothWrite(sites, COPIED);
        }
    }

    /** The copy is refused as the log is. */
    @Test
    @Tag("slow")
    void aCopiedValueThatHasNoPlaceStopsToo() throws Exception {
        try (TwoSites sites =
                TwoSites.between(Servers.sharedMySql(), Servers.sharedPostgres()).bothWays()) {
            sites.onSource(
                    "CREATE TABLE t (id int PRIMARY KEY, flag tinyint(1))",
                    "INSERT INTO t VALUES (6, 1), (7, 2)");
            sites.onTarget(
                    "CREATE TABLE t (id int PRIMARY KEY, flag boolean)",
                    "ALTER TABLE t REPLICA IDENTITY FULL");
            try (Gateway gateway = new Gateway(sites.config())) {
                requireNamed(gateway, "test:source->target", "t", "id=7", "column flag");
            }
        }
    }

    private static TwoSites configured(TwoSites sites) {
        return sites.with("heartbeat: 200ms")
                .with("versionColumn: {\"*.latest\": at}")
                .with("conflict:")
                .with("  tables:")
                .with("    \"*.highest\": {policy: {max: {column: token, as: text}}}");
    }

    private static void bothWrite(TwoSites sites, List<String> tables) throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            awaitAll(gateway);
            onMySql(sites, tables.equals(TABLES) ? WRITTEN_TO_MYSQL : new String[] {"DO 0"});
            onPostgres(
                    sites,
                    "UPDATE thing SET flag = NOT flag, doc = '{\"k\": 0.1}' WHERE id IN (2, 4)",
                    "UPDATE named SET n = n + 100",
                    "INSERT INTO thing (id, flag, token) VALUES (21, false, gen_random_uuid())");
            awaitEqual(sites, gateway, tables);
            // What was written in another form there has the other site's on its way back.
            onPostgres(sites, "UPDATE thing SET feels = 'sad' WHERE id IN (11, 12)");
            awaitEqual(sites, gateway, tables);
        }
        meanwhile(sites);
        try (Gateway gateway = new Gateway(sites.config())) {
            awaitAll(gateway);
            String all = String.valueOf(tables.size());
            // Both have decided; rows may be equal while one of them has yet to.
            TwoSites.await(
                    Duration.ofSeconds(120),
                    () ->
                            all.equals(sites.querySource(IN_CONFLICT))
                                    && all.equals(sites.queryTarget(IN_CONFLICT)));
            awaitEqual(sites, gateway, tables);
        }
        for (String word : List.of("SELECT word FROM latest", "SELECT word FROM highest")) {
            assertThat(sites.querySource(word)).as(word).isEqualTo("later");
            assertThat(sites.queryTarget(word)).as(word).isEqualTo("later");
        }
    }

    /** The same rows at both, while no gateway runs; nobody knows of the other. */
    private static void meanwhile(TwoSites sites) {
        onMySql(
                sites,
                "SET time_zone = '-08:00'",
                "UPDATE thing SET flag = 1, at = '2024-06-01 00:00:00.1', seen = '2024-06-01 00:00:00.25', doc = '{\"mysql\": [1.0, 1e2]}' WHERE id IN (1, 2)",
                "DELETE FROM thing WHERE id = 4",
                "DELETE FROM named WHERE n = 111",
                "INSERT INTO named VALUES ('abcdef00-0000-0000-0000-000000000000', 1)",
                // The moment that PostgreSQL's user writes too, and later.
                "UPDATE latest SET at = '2024-05-31 16:00:00.5', word = 'earlier'",
                // Greater than what PostgreSQL's user writes, though capitals come first.
                "UPDATE highest SET token = 'BBBBBBBB-0000-0000-0000-000000000001', word = 'later'");
        onPostgres(
                sites,
                "UPDATE thing SET flag = false, at = '2024-06-01 00:00:00.2+00', token = gen_random_uuid(), doc = '{\"postgres\": 1.0}' WHERE id IN (1, 2)",
                "UPDATE thing SET feels = 'glad' WHERE id = 4",
                "UPDATE named SET n = -1 WHERE n = 111",
                "INSERT INTO named VALUES ('ABCDEF00-0000-0000-0000-000000000000', 2)",
                "UPDATE latest SET at = '2024-06-01 00:00:00.5+00', word = 'later'",
                "UPDATE highest SET token = 'bbbbbbbb-0000-0000-0000-000000000000', word = 'earlier'");
    }

    private static void whatHasNoPlaceStops(TwoSites sites, String toPostgres, String toMySql)
            throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            awaitAll(gateway);
            onMySql(
                    sites,
                    "INSERT INTO thing (id, flag, token) VALUES (50, 1, UUID())",
                    "INSERT INTO thing (id, flag, token) VALUES (51, 2, UUID())");
            requireNamed(gateway, toPostgres, "thing", "id=51", "column flag");
            // What was before it is there, though it came along.
            assertThat(sites.querySource("SELECT flag FROM thing WHERE id = 50")).isEqualTo("t");
            onPostgres(
                    sites,
                    "INSERT INTO thing (id, at, token) VALUES (61, 'infinity', gen_random_uuid())");
            requireNamed(gateway, toMySql, "thing", "id=61", "column at");
        }
    }

    private static void requireNamed(
            Gateway gateway, String pipeline, String table, String key, String column) {
        Failure failure = Watching.awaitFailed(gateway, pipeline);
        assertThat(failure.errorClass()).as(failure.message()).isEqualTo("row");
        assertThat(failure.table()).as(failure.message()).endsWith("." + table);
        assertThat(failure.key()).isEqualTo(key);
        assertThat(failure.message()).contains(column);
    }

    private static void onMySql(TwoSites sites, String... statements) {
        if (sites.sourceServer instanceof MySqlServer) {
            sites.onSource(statements);
        } else {
            sites.onTarget(statements);
        }
    }

    private static void onPostgres(TwoSites sites, String... statements) {
        if (sites.sourceServer instanceof MySqlServer) {
            sites.onTarget(statements);
        } else {
            sites.onSource(statements);
        }
    }

    private static void awaitAll(Gateway gateway) {
        for (String pipeline : List.of("test:source->target", "test:target->source")) {
            Watching.awaitState(
                    gateway, pipeline, PipelineState.STREAMING, Duration.ofSeconds(180));
        }
    }

    private static void awaitEqual(TwoSites sites, Gateway gateway, List<String> tables) {
        try {
            sites.awaitEqual(Duration.ofSeconds(120), tables);
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + gateway.statuses(), e);
        }
    }
}
