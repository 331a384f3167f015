package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names are names, whatever is in them: in schemas, tables, columns, types and values. */
class HostileNamesTest {

    private static final List<String> NAMES =
            List.of(
                    "a;drop table x",
                    "a\"; drop table x; --",
                    "a\"b",
                    "say \"\"hi\"\" ",
                    "it's",
                    "a.b.c",
                    "two  spaces ",
                    "50%",
                    "%s%n%d",
                    "under_score",
                    "back\\slash",
                    "$1",
                    "?",
                    "ünïcödé",
                    "表",
                    "🙂 emoji",
                    "a".repeat(63),
                    "ü".repeat(31) + "x",
                    "MixedCase",
                    "mixedcase",
                    "select",
                    "user",
                    "order",
                    "true",
                    "*",
                    "[a-z]",
                    "{}",
                    "tab\tand\nnewline",
                    "'); drop table x; --",
                    "$$",
                    "ctid_",
                    "pg_like");

    /** Names that only columns may have; those of tables are refused before the start. */
    private static final List<String> QUOTED = List.of("\"", "say \"hi\"", "\"id\"");

    @Test
    void aTableWhoseNameCaptureWouldMisreadIsRefusedBeforeTheStart() throws Exception {
        for (String name : QUOTED) {
            try (TwoSites sites = TwoSites.shared()) {
                sites.onSource(
                        "CREATE TABLE %s (id int PRIMARY KEY)".formatted(quoted(name)),
                        "CREATE TABLE id (id int PRIMARY KEY)");
                try (Gateway gateway = new Gateway(sites.config())) {
                    assertThat(Watching.awaitFailed(gateway).message())
                            .contains(name, "double quote");
                }
                assertThat(sites.querySource("SELECT count(*) FROM pg_publication")).isEqualTo("0");
            }
        }
    }

    @Test
    void tablesColumnsSchemasAndTypesOfAnyNameAreCopiedAndStreamed() throws Exception {
        try (TwoSites sites =
                TwoSites.shared().with("heartbeat: 200ms").with("exclude: [\"public.x\"]")) {
            sites.onSource("CREATE TABLE x (id int PRIMARY KEY)", "INSERT INTO x VALUES (1)");
            sites.onTarget("CREATE TABLE x (id int PRIMARY KEY)", "INSERT INTO x VALUES (1)");
            try (Connection source = sites.source();
                    Statement statement = source.createStatement()) {
                for (int i = 0; i < NAMES.size(); i++) {
                    create(statement, i);
                    fill(source, i, 1, 20);
                }
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                assertThat(contents(sites.target())).isEqualTo(contents(sites.source()));
                try (Connection source = sites.source()) {
                    for (int i = 0; i < NAMES.size(); i++) {
                        change(source, i);
                    }
                }
                List<String> wanted = contents(sites.source());
                TwoSites.await(
                        Duration.ofSeconds(40), () -> contents(sites.target()).equals(wanted));
            }
            assertThat(sites.querySource("SELECT count(*) FROM x")).isEqualTo("1");
            assertThat(sites.queryTarget("SELECT count(*) FROM x")).isEqualTo("1");
            assertThat(sites.queryTarget(relations())).isEqualTo(sites.querySource(relations()));
        }
    }

    /** Number and names of all tables and columns outside of the gateway's own. */
    private static String relations() {
        return """
        SELECT string_agg(format('%I.%I.%I %s', n.nspname, c.relname, a.attname,
            format_type(a.atttypid, a.atttypmod)), E'\\n' ORDER BY n.nspname, c.relname, a.attname)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'sluice')
        """;
    }

    /** Row count and rows' digest of each table. */
    private static List<String> contents(Connection opened) throws SQLException {
        List<String> contents = new ArrayList<>();
        try (Connection connection = opened;
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < NAMES.size(); i++) {
                try (ResultSet row =
                        statement.executeQuery(
                                "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text COLLATE"
                                        + " \"C\")) FROM %s t".formatted(name(i)))) {
                    row.next();
                    contents.add(NAMES.get(i) + ": " + row.getInt(1) + " " + row.getString(2));
                }
            }
        }
        return contents;
    }

    private static void create(Statement statement, int i) throws SQLException {
        statement.execute("CREATE SCHEMA IF NOT EXISTS " + quoted(schema(i)));
        statement.execute(
                "CREATE TYPE %s AS ENUM (%s, 'plain')"
                        .formatted(type(i), literal(NAMES.get(i).substring(0, 1))));
        statement.execute(
                "CREATE TABLE %s (%s bigint NOT NULL, %s text NOT NULL DEFAULT %s, %s text, %s %s,"
                                .formatted(
                                        name(i),
                                        quoted(column(i, 1)),
                                        quoted(column(i, 2)),
                                        literal(NAMES.get(i)),
                                        quoted(column(i, 3)),
                                        quoted(column(i, 4)),
                                        type(i))
                        + " PRIMARY KEY (%s, %s))"
                                .formatted(quoted(column(i, 2)), quoted(column(i, 1))));
        statement.execute(
                "ALTER TABLE %s ALTER %s SET STORAGE EXTERNAL"
                        .formatted(name(i), quoted(column(i, 3))));
    }

    private static void fill(Connection source, int i, int from, int to) throws SQLException {
        String sql =
                "INSERT INTO %s (%s, %s, %s) SELECT n, repeat(?, 300), ?::%s"
                                .formatted(
                                        name(i),
                                        quoted(column(i, 1)),
                                        quoted(column(i, 3)),
                                        quoted(column(i, 4)),
                                        type(i))
                        + " FROM generate_series(?, ?) n";
        try (PreparedStatement insert = source.prepareStatement(sql)) {
            insert.setString(1, NAMES.get(i) + " \\ ' \" \t");
            insert.setString(2, NAMES.get(i).substring(0, 1));
            insert.setInt(3, from);
            insert.setInt(4, to);
            insert.executeUpdate();
        }
    }

    /** All kinds of changes: set and single, of the key, of one column only, with a large value. */
    private static void change(Connection source, int i) throws SQLException {
        fill(source, i, 21, 40);
        String table = name(i);
        String number = quoted(column(i, 1));
        String text = quoted(column(i, 2));
        try (Statement statement = source.createStatement()) {
            statement.execute("BEGIN");
            statement.execute(
                    "UPDATE %s SET %s = 'plain' WHERE %s <= 5"
                            .formatted(table, quoted(column(i, 4)), number));
            statement.execute(
                    "UPDATE %s SET %s = %s + 1000 WHERE %s BETWEEN 6 AND 8"
                            .formatted(table, number, number, number));
            statement.execute(
                    "UPDATE %s SET %s = %s WHERE %s = 9"
                            .formatted(table, text, literal(NAMES.get(i) + "'\"\\;"), number));
            statement.execute("DELETE FROM %s WHERE %s > 35".formatted(table, number));
            statement.execute("COMMIT");
            if (i % 4 == 0) {
                statement.execute("TRUNCATE " + table);
                fill(source, i, 1, 3);
            }
        }
    }

    private static String schema(int i) {
        String other = NAMES.get((i + 1) % NAMES.size());
        return other.startsWith("pg_") ? "public" : other;
    }

    private static String column(int i, int nth) {
        int at = (i + 2 * nth) % (NAMES.size() + QUOTED.size());
        return at < NAMES.size() ? NAMES.get(at) : QUOTED.get(at - NAMES.size());
    }

    private static String name(int i) {
        return quoted(schema(i)) + "." + quoted(NAMES.get(i));
    }

    private static String type(int i) {
        return quoted(schema(i)) + "." + quoted(NAMES.get((i + 7) % NAMES.size()));
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
