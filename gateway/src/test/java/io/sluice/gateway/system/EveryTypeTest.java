package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every type with the values at its edges, from each engine to each: by the copy, and by inserts,
 * updates and deletes of the log, with a key and without. The servers are set to what shows most
 * where a session relies on their defaults.
 */
final class EveryTypeTest {

    private static final DatabaseServer POSTGRES =
            Servers.postgres(
                    Durability.FAST,
                    Map.of(
                            "DateStyle", "SQL, DMY",
                            "IntervalStyle", "iso_8601",
                            "bytea_output", "escape",
                            "extra_float_digits", "-3",
                            "xmloption", "document",
                            "TimeZone", "Asia/Kolkata"));

    private static final DatabaseServer MYSQL =
            Servers.mysql(
                    Durability.FAST,
                    Map.of("default_time_zone", "+05:30", "character_set_server", "latin1"));

    private static final List<String> TABLES = List.of("public.every", "public.bag");

    @AfterAll
    static void stop() {
        POSTGRES.close();
        MYSQL.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeArrivesByTheCopyAndByTheLog(Pair pair) throws Exception {
        boolean within = pair.fromMySql == pair.toMySql;
        try (TwoSites sites =
                TwoSites.between(
                        pair.fromMySql ? MYSQL : POSTGRES,
                        pair.toMySql
                                ? (pair.fromMySql ? Servers.sharedMySql() : MYSQL)
                                : POSTGRES)) {
            Rows rows = new Rows(pair.fromMySql ? EveryType.MYSQL : EveryType.POSTGRES, within);
            if (!pair.fromMySql) {
                sites.onSource(EveryType.POSTGRES_TYPES.toArray(String[]::new));
                sites.onSource(EveryType.POSTGRES_EXTENSIONS.toArray(String[]::new));
            }
            if (!pair.fromMySql && !pair.toMySql) {
                sites.onTarget(EveryType.POSTGRES_EXTENSIONS.toArray(String[]::new));
            }
            rows.onSource(
                    sites,
                    List.of(
                            "CREATE TABLE every (id int PRIMARY KEY, %s)".formatted(rows.columns()),
                            "CREATE TABLE bag (id int NOT NULL, %s)".formatted(rows.columns())));
            if (!pair.fromMySql) {
                rows.onSource(sites, List.of("ALTER TABLE bag REPLICA IDENTITY FULL"));
            }
            for (String table : List.of("every", "bag")) {
                rows.onSource(sites, rows.inserts(table, 100));
                rows.onSource(sites, rows.inserts(table, 200));
                rows.onSource(sites, rows.nulls(table, 300));
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                awaitEqual(gateway, sites);
                for (String table : List.of("every", "bag")) {
                    rows.onSource(sites, rows.inserts(table, 400));
                    rows.onSource(
                            sites,
                            List.of(
                                    "UPDATE %s SET id = id + 1000 WHERE id < 150".formatted(table),
                                    "DELETE FROM %s WHERE id BETWEEN 200 AND 299"
                                            .formatted(table)));
                    rows.onSource(sites, rows.updates(table, 300));
                }
                awaitEqual(gateway, sites);
            }
        }
    }

    private static void awaitEqual(Gateway gateway, TwoSites sites) {
        TwoSites.await(
                Duration.ofSeconds(180),
                () ->
                        Watching.status(gateway).state() == PipelineState.FAILED
                                || sites.compare(TABLES).isEqual());
        assertThat(Watching.status(gateway).failure()).isNull();
        assertThat(sites.compare(TABLES).isEqual()).isTrue();
    }

    /** Rows that together hold every value of every column. */
    private record Rows(List<TypedColumn> types, boolean withOwn) {

        void onSource(TwoSites sites, List<String> statements) {
            List<String> all = new ArrayList<>();
            if (types == EveryType.MYSQL) {
                all.add("SET SESSION sql_mode = ''");
            } else {
                all.add("SET DateStyle = 'ISO, YMD'");
                all.add("SET xmloption = 'content'");
            }
            all.addAll(statements);
            sites.onSource(all.toArray(String[]::new));
        }

        String columns() {
            return each((name, column) -> name + " " + column);
        }

        List<String> inserts(String table, int firstId) {
            return rows(
                    k ->
                            "INSERT INTO %s VALUES (%d, %s)"
                                    .formatted(table, firstId + k, values(k, (n, v) -> v)));
        }

        List<String> nulls(String table, int firstId) {
            return rows(k -> "INSERT INTO %s (id) VALUES (%d)".formatted(table, firstId + k));
        }

        List<String> updates(String table, int firstId) {
            return rows(
                    k ->
                            "UPDATE %s SET %s WHERE id = %d"
                                    .formatted(
                                            table,
                                            values(k, (n, v) -> n + " = " + v),
                                            firstId + k));
        }

        private List<String> rows(java.util.function.IntFunction<String> statement) {
            int most = types.stream().mapToInt(t -> t.values(withOwn).size()).max().orElseThrow();
            return IntStream.range(0, most).mapToObj(statement).toList();
        }

        private String each(BinaryOperator<String> text) {
            return IntStream.range(0, types.size())
                    .mapToObj(i -> text.apply("c" + i, types.get(i).type()))
                    .collect(Collectors.joining(", "));
        }

        private String values(int k, BinaryOperator<String> text) {
            return IntStream.range(0, types.size())
                    .mapToObj(
                            i -> {
                                List<String> values = types.get(i).values(withOwn);
                                return text.apply("c" + i, values.get(k % values.size()));
                            })
                    .collect(Collectors.joining(", "));
        }
    }
}
