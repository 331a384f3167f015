package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of more than usual: of bytes, of tables, of columns. */
final class CopyLimitsTest {

    private static final Logger LOG = LoggerFactory.getLogger(CopyLimitsTest.class);

    private static final int TABLES = 2_000;
    private static final int COLUMNS = 300;

    @TempDir private Path folder;

    @Test
    void aTableLargerThanTheHeapIsCopied() throws Exception {
        copyMoreThanTheHeap(Pair.POSTGRES_TO_POSTGRES);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_MYSQL", "MYSQL_TO_POSTGRES"})
    @Tag("slow")
    void aTableLargerThanTheHeapIsCopiedToTheOtherEngine(Pair pair) throws Exception {
        copyMoreThanTheHeap(pair);
    }

    /** Some 130 MB, by four workers at once, into a heap of 96. */
    private void copyMoreThanTheHeap(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared()) {
            sites.onSource(
                    "CREATE TABLE big (id bigint PRIMARY KEY, v varchar(2000))",
                    "INSERT INTO big SELECT g, repeat('%s', 100) FROM %s"
                            .formatted("0123456789abcdefghi", pair.numbers(70_000)));
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx96m"),
                            "run",
                            "-c",
                            sites.configFile(folder).toString(),
                            "--until",
                            "caught-up",
                            "--timeout",
                            "4m")) {
                assertThat(gateway.awaitExit(270)).as(gateway.errors()).isZero();
            }
            assertThat(sites.queryTarget("SELECT concat(count(*), ' ', sum(id)) FROM big"))
                    .isEqualTo(sites.querySource("SELECT concat(count(*), ' ', sum(id)) FROM big"));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    @Tag("slow")
    void twoThousandTablesAndOneOfThreeHundredColumnsAreCopied(Pair pair) throws Exception {
        try (TwoSites sites = pair.shared()) {
            makeTables(sites, pair);
            long began = System.nanoTime();
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofMinutes(10));
                LOG.info(
                        "{}: {} ms a table",
                        pair,
                        (System.nanoTime() - began) / 1_000_000 / TABLES);
                assertThat(
                                sites.queryTarget(
                                        "SELECT concat(count(*), ' ', count(DISTINCT table_name))"
                                                + " FROM sluice.copy_progress WHERE done"))
                        .as("the leaves of the partitioned one are parts of their own")
                        .isEqualTo((pair.fromMySql ? TABLES + 2 : TABLES + 4) + " " + (TABLES + 2));
                sites.onSource("INSERT INTO parted VALUES (250, 'by the log')");
                sites.onSource("UPDATE \"T 7\" SET v = 'changed'".replace('"', quote(pair)));
                sites.awaitEqual(
                        Duration.ofSeconds(60),
                        List.of("public.wide", "public.parted", "public.T 7", "public.T 1999"));
            }
        }
    }

    private static char quote(Pair pair) {
        return pair.fromMySql ? '`' : '"';
    }

    private static void makeTables(TwoSites sites, Pair pair) throws SQLException {
        char quote = quote(pair);
        String columns =
                IntStream.rangeClosed(1, COLUMNS - 1)
                        .mapToObj(n -> "c%d %s".formatted(n, n % 2 == 0 ? "int" : "varchar(20)"))
                        .collect(Collectors.joining(", "));
        String values =
                IntStream.rangeClosed(1, COLUMNS - 1)
                        .mapToObj(n -> n % 3 == 0 ? "NULL" : n % 2 == 0 ? "" + n : "'v" + n + "'")
                        .collect(Collectors.joining(", "));
        sites.onSource(
                "CREATE TABLE wide (id int PRIMARY KEY, %s)".formatted(columns),
                "INSERT INTO wide VALUES (1, %s), (2, %s)".formatted(values, values));
        sites.onSource(
                pair.fromMySql
                        ? new String[] {
                            "CREATE TABLE parted (id int PRIMARY KEY, v varchar(20)) PARTITION BY"
                                    + " RANGE (id) (PARTITION a VALUES LESS THAN (100), PARTITION b"
                                    + " VALUES LESS THAN (200), PARTITION c VALUES LESS THAN (300))",
                        }
                        : new String[] {
                            "CREATE TABLE parted (id int PRIMARY KEY, v varchar(20)) PARTITION BY"
                                    + " RANGE (id)",
                            "CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM (0) TO (100)",
                            "CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM (100) TO"
                                    + " (200)",
                            "CREATE TABLE parted_c PARTITION OF parted FOR VALUES FROM (200) TO"
                                    + " (300)",
                        });
        sites.onSource("INSERT INTO parted VALUES (1, 'a'), (150, 'b'), (299, 'c')");
        try (Connection connection = sites.source();
                Statement statement = connection.createStatement()) {
            for (int n = 0; n < TABLES; n++) {
                String name = "%cT %d%c".formatted(quote, n, quote);
                statement.execute(
                        "CREATE TABLE %s (id int PRIMARY KEY, v varchar(20))".formatted(name));
                if (n % 2 == 1) { // the others are empty
                    statement.execute(
                            "INSERT INTO %s VALUES (1, 'one'), (2, NULL)".formatted(name));
                }
            }
            statement.execute("INSERT INTO %cT 1998%c VALUES (3, 'three')".formatted(quote, quote));
        }
    }
}
