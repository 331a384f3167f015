package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As {@link HostileNamesTest}, where one of the engines is MySQL. */
@Tag("slow")
class HostileMySqlNamesTest {

    private static final List<String> NAMES =
            List.of(
                    "a;drop table x",
                    "a`; drop table x; --x",
                    "a`b",
                    "`x`",
                    "'x'",
                    "a\"b",
                    "it's",
                    "a.b.c",
                    "x`.`y",
                    "50%",
                    "%s%n%d",
                    "under_score",
                    "back\\slash",
                    "\\'",
                    "$1",
                    "?",
                    ":name",
                    "ünïcödé",
                    "表",
                    "a".repeat(63),
                    "ü".repeat(31) + "x",
                    "MixedCase",
                    "select",
                    "load",
                    "order",
                    "*",
                    "[a-z]",
                    "{d '2020-01-01'}",
                    "tab\tand\nnewline",
                    "/* comment",
                    "-- comment",
                    "# comment",
                    "4711",
                    "1e5");

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POSTGRES_TO_POSTGRES")
    void tablesAndColumnsOfAnyNameAreCopiedAndStreamed(Pair pair) throws Exception {
        List<String> names = new ArrayList<>(NAMES);
        if (pair.fromMySql) {
            names.add("``");
        }
        if (pair == Pair.MYSQL_TO_MYSQL) {
            names.addAll(List.of("b".repeat(64), "ü".repeat(64)));
        }
        try (TwoSites sites = pair.shared().with("heartbeat: 200ms")) {
            List<Table> tables =
                    IntStream.range(0, names.size())
                            .mapToObj(i -> new Table(names, i, pair.fromMySql))
                            .toList();
            try (Connection source = sites.source()) {
                for (Table table : tables) {
                    table.create(source);
                    table.fill(source, 1, 5);
                }
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                assertThat(contents(sites.target(), tables, pair.toMySql))
                        .isEqualTo(contents(sites.source(), tables, pair.fromMySql));
                try (Connection source = sites.source()) {
                    for (Table table : tables) {
                        table.change(source);
                    }
                }
                List<String> wanted = contents(sites.source(), tables, pair.fromMySql);
                TwoSites.await(
                        Duration.ofSeconds(180),
                        () -> contents(sites.target(), tables, pair.toMySql).equals(wanted));
            }
        }
    }

    @Test
    void namesThatTheTargetWouldCutOffAreRefusedBeforeTheStart() throws Exception {
        for (String name : List.of("b".repeat(64), "ü".repeat(40))) {
            try (TwoSites sites = Pair.MYSQL_TO_POSTGRES.shared()) {
                sites.onSource("CREATE TABLE `%s` (id int PRIMARY KEY)".formatted(name));
                try (Gateway gateway = new Gateway(sites.config())) {
                    assertThat(Watching.awaitFailed(gateway).message()).contains(name, "63");
                }
            }
        }
    }

    /** Row by row, in the order of the key. */
    private static List<String> contents(Connection opened, List<Table> tables, boolean mysql)
            throws SQLException {
        List<String> contents = new ArrayList<>();
        try (Connection connection = opened;
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false); // a name may look like an escape of JDBC's
            for (Table table : tables) {
                try (ResultSet rows = statement.executeQuery(table.in(mysql).select())) {
                    while (rows.next()) {
                        contents.add(
                                "%s: %d %s %s"
                                        .formatted(
                                                table.names.get(table.nth),
                                                rows.getLong(1),
                                                rows.getString(2),
                                                rows.getString(3)));
                    }
                }
            }
        }
        return contents;
    }

    /** The table of the nth name; its columns have the next ones. */
    private record Table(List<String> names, int nth, boolean mysql) {

        Table in(boolean otherIsMySql) {
            return new Table(names, nth, otherIsMySql);
        }

        private String quoted(String name) {
            String quote = mysql ? "`" : "\"";
            return quote + name.replace(quote, quote + quote) + quote;
        }

        private String name() {
            return quoted(names.get(nth));
        }

        private String column(int i) {
            return quoted(names.get((nth + 3 * i) % names.size()));
        }

        private String literal(String text) {
            String doubled = text.replace("'", "''");
            return "'" + (mysql ? doubled.replace("\\", "\\\\") : doubled) + "'";
        }

        String select() {
            return "SELECT %s, %s, %s FROM %s ORDER BY 1"
                    .formatted(column(1), column(2), column(3), name());
        }

        void create(Connection source) throws SQLException {
            execute(
                    source,
                    "CREATE TABLE %s (%s bigint PRIMARY KEY, %s varchar(200) NOT NULL DEFAULT %s,"
                                    .formatted(
                                            name(), column(1), column(2), literal(names.get(nth)))
                            + " %s text)".formatted(column(3)));
        }

        void fill(Connection source, int from, int to) throws SQLException {
            for (int i = from; i <= to; i++) {
                execute(
                        source,
                        "INSERT INTO %s (%s, %s) VALUES (%d, %s)"
                                .formatted(
                                        name(),
                                        column(1),
                                        column(3),
                                        i,
                                        literal(names.get(nth) + " \\ ' \" ` \t")));
            }
        }

        /** All kinds of changes: set and single, of the key, of one column only. */
        void change(Connection source) throws SQLException {
            fill(source, 6, 9);
            execute(source, "BEGIN");
            execute(
                    source,
                    "UPDATE %s SET %s = 'plain' WHERE %s <= 2"
                            .formatted(name(), column(2), column(1)));
            execute(
                    source,
                    "UPDATE %1$s SET %2$s = %2$s + 1000 WHERE %2$s = 3"
                            .formatted(name(), column(1)));
            execute(source, "DELETE FROM %s WHERE %s > 7".formatted(name(), column(1)));
            execute(source, "COMMIT");
            if (nth % 4 == 0) {
                execute(source, "TRUNCATE TABLE " + name());
                fill(source, 1, 3);
            }
        }

        private static void execute(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                statement.execute(sql);
            }
        }
    }
}
