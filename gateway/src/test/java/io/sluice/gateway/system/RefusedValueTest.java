package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values that the other engine does not have stop the pipeline with table, key and column, by the
 * copy and by the log, and the check names column and rule beforehand.
 */
@Tag("slow")
final class RefusedValueTest {

    @TempDir private Path folder;

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "numeric", "'NaN'", "NaN"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "numeric", "1e36", "35 digits"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "numeric(9,2)", "'NaN'", "NaN"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "real", "'-Infinity'", "infinity"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "date", "'infinity'", "infinity"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "timestamp", "'0044-03-15 BC'", "years"),
                Arguments.of(Pair.POSTGRES_TO_MYSQL, "timestamptz", "'10000-01-01'", "years"),
                Arguments.of(
                        Pair.POSTGRES_TO_MYSQL, "jsonb", "'[1.23456789012345678901]'", "double"),
                Arguments.of(
                        Pair.POSTGRES_TO_MYSQL,
                        "jsonb",
                        "(repeat('[', 101) || repeat(']', 101))::jsonb",
                        "100"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "date", "'0000-00-00'", "zero date"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "datetime", "'2024-00-10'", "zero in it"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "timestamp NULL", "0", "zero date"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "time", "'838:59:59'", "24 hours"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "time(3)", "'-00:00:00.5'", "below zero"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "varchar(9)", "'a\\0b'", "U+0000"),
                Arguments.of(Pair.MYSQL_TO_POSTGRES, "json", "'\"\\\\u0000\"'", "U+0000"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void theColumnIsNamedBeforehandAndTheRowWhenItComes(
            Pair pair, String type, String value, String rule) throws Exception {
        try (TwoSites sites =
                TwoSites.between(
                        pair.fromMySql ? Servers.sharedMySql() : Servers.sharedPostgres(),
                        pair.toMySql ? Servers.sharedMySql() : Servers.sharedPostgres())) {
            if (pair.toMySql) {
                sites.onTarget("DROP DATABASE IF EXISTS sluice"); // all databases share it
            }
            sites.onSource(
                    pair.fromMySql ? "SET SESSION sql_mode = ''" : "SET TimeZone = 'UTC'",
                    "CREATE TABLE t (id int PRIMARY KEY, held %s)".formatted(type),
                    "INSERT INTO t VALUES (6, NULL), (7, %s)".formatted(value));
            try (GatewayProcess check =
                    GatewayProcess.start("check", "-c", sites.configFile(folder).toString())) {
                assertThat(check.awaitExit(120)).as(check.errors()).isZero();
                assertThat(check.output()).containsPattern("t\\.held: .*" + Pattern.quote(rule));
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                assertNames(Watching.awaitFailed(gateway), "id=7");
            }
            sites.onSource("UPDATE t SET held = NULL");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource(
                        pair.fromMySql ? "SET SESSION sql_mode = ''" : "SET TimeZone = 'UTC'",
                        "UPDATE t SET held = %s WHERE id = 6".formatted(value));
                assertNames(Watching.awaitFailed(gateway), "id=6");
            }
            assertThat(sites.queryTarget("SELECT count(*) FROM t WHERE held IS NULL"))
                    .isEqualTo("2");
        }
    }

    private static void assertNames(Failure failure, String key) {
        assertThat(failure.errorClass()).as(failure.message()).isEqualTo("row");
        assertThat(failure.table()).as(failure.message()).endsWith("t");
        assertThat(failure.key()).isEqualTo(key);
        assertThat(failure.message()).contains("column held");
    }
}
