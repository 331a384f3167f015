package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table of a MySQL source is altered while it is replicated. */
final class MySqlAlterationsTest {

    private static final Duration A_WHILE = Duration.ofSeconds(180);
    private static final List<String> ITEM = List.of("item");
    private static final Pattern STATEMENT = Pattern.compile("ALTER TABLE [^;]*;");

    private static final MySqlServer TARGET = Servers.mysql(Durability.FAST);

    @TempDir private Path folder;

    @AfterAll
    static void end() {
        TARGET.close();
    }

    private static TwoSites sites(boolean toMySql) {
        if (toMySql) {
            TARGET.dropDatabase("sluice"); // a pipeline of this name is made anew
        }
        TwoSites sites =
                TwoSites.between(
                        Servers.sharedMySql(), toMySql ? TARGET : Servers.sharedPostgres());
        return sites.with("heartbeat: 200ms").tables("[\"%s.*\"]".formatted(sites.sourceDatabase));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNewColumnThatMayBeNullIsAddedToTheTarget(boolean toMySql) throws Exception {
        try (TwoSites sites = sites(toMySql)) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, name varchar(20))",
                    "INSERT INTO item VALUES (1, 'one')");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource(
                        "ALTER TABLE item ADD COLUMN size int FIRST,"
                                + " ADD COLUMN paid decimal(8,2) AFTER id",
                        "INSERT INTO item (id, name, size, paid) VALUES (2, 'two', 22, 2.5)",
                        "UPDATE item SET size = 11 WHERE id = 1");
                awaitEqual(gateway, sites);

                sites.onTarget("ALTER TABLE item ADD COLUMN mood varchar(9)");
                sites.onSource(
                        "ALTER TABLE item ADD COLUMN mood varchar(5)",
                        "INSERT INTO item (id, mood) VALUES (3, 'fine')",
                        "ALTER TABLE item ADD COLUMN url varchar(9), ADD COLUMN auto int FIRST",
                        "UPDATE item SET url = 'there', auto = 33 WHERE id = 3");
                awaitEqual(gateway, sites);
            }
            sites.onSource(
                    "INSERT INTO item (id, size) VALUES (4, 44)",
                    "ALTER TABLE item ADD COLUMN born date",
                    "INSERT INTO item (id, born) VALUES (5, '2024-02-29')");
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitEqual(gateway, sites);
            }
        }
    }

    @Test
    void whereTablesAreTheOperatorsTheColumnIsToo() throws Exception {
        try (TwoSites sites = sites(false).with("createTables: false")) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)");
            sites.onTarget("CREATE TABLE item (id int PRIMARY KEY)");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource("INSERT INTO item VALUES (1)", "ALTER TABLE item ADD COLUMN n int");
                String message = Watching.awaitFailed(gateway).message();
                assertThat(message).contains("n int is new").contains("The target lacks n");
                follow(sites, message);
            }
            assertThat(sites.queryTarget("SELECT id FROM item")).isEqualTo("1");
            sites.onSource("INSERT INTO item VALUES (2, 22)");
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitEqual(gateway, sites);
            }
        }
    }

    private record Altered(String statement, String told) {}

    private static final List<Altered> ALTERED =
            List.of(
                    new Altered(
                            "MODIFY price decimal(10,2)",
                            "price decimal(10,4) became price decimal(10,2)"),
                    new Altered("MODIFY at datetime(3)", "at datetime(6) became at datetime(3)"),
                    new Altered("DROP COLUMN gone", "gone int is gone"),
                    new Altered("RENAME COLUMN old TO fresh", "became fresh varchar(9)"),
                    new Altered("MODIFY flag int", "flag int unsigned became flag int"),
                    new Altered("MODIFY maybe int NOT NULL", "maybe int became maybe int not null"),
                    new Altered("MODIFY wide bigint", "wide int became wide bigint"),
                    new Altered("ADD COLUMN n int NOT NULL DEFAULT 7", "n int not null is new"));

    /** Every statement but the widening changes rows that stand, and logs none of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatMayHaveChangedRowsStopsUntilTheTargetHasFollowed(boolean toMySql) throws Exception {
        try (TwoSites sites = sites(toMySql)) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, price decimal(10,4), at datetime(6),"
                            + " gone int, old varchar(9), flag int unsigned, maybe int, wide int)",
                    "INSERT INTO item VALUES (1, 1.2345, '2024-02-29 10:00:00.987654', 5, 'o', 6, 7,"
                            + " 8)");
            int id = 1;
            for (Altered altered : ALTERED) {
                try (Gateway gateway = new Gateway(sites.config())) {
                    awaitEqual(gateway, sites);
                    sites.onSource(
                            "INSERT INTO item (id, price, maybe) VALUES (%d, 2.3456, 1)"
                                    .formatted(++id),
                            "ALTER TABLE item " + altered.statement(),
                            "INSERT INTO item (id, price, maybe) VALUES (%d, 3.3456, 2)"
                                    .formatted(++id));
                    String message = Watching.awaitFailed(gateway).message();
                    assertThat(message).contains("item was altered").contains(altered.told());
                    assertThat(sites.queryTarget("SELECT count(*) FROM item"))
                            .as("what was before it is there")
                            .isEqualTo(Integer.toString(id - 1));
                    follow(sites, message);
                }
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitEqual(gateway, sites);
            }
        }
    }

    /** Waits until the pipeline keeps up; one that fails instead says why. */
    private static void awaitEqual(Gateway gateway, TwoSites sites) {
        TwoSites.await(
                A_WHILE,
                () ->
                        Watching.status(gateway).state() == PipelineState.FAILED
                                || sites.compare(ITEM).isEqual()
                                        && Watching.status(gateway).state()
                                                == PipelineState.STREAMING);
        assertThat(Watching.status(gateway).failure()).isNull();
    }

    /** Does what the message says. */
    private static void follow(TwoSites sites, String message) {
        Matcher statements = STATEMENT.matcher(message);
        List<String> found = new ArrayList<>(statements.results().map(MatchResult::group).toList());
        assertThat(found).as(message).isNotEmpty();
        sites.onTarget(found.toArray(String[]::new));
    }

    @Test
    void whatTheTargetsColumnCannotShowIsNotTakenForDone() throws Exception {
        try (TwoSites sites = sites(false)) {
            sites.onSource(
                    "CREATE TABLE item (id int PRIMARY KEY, name varchar(9))",
                    "INSERT INTO item VALUES (1, '€')");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource(
                        "SET SESSION sql_mode = ''",
                        "ALTER TABLE item MODIFY name varchar(9) CHARACTER SET ascii");
                assertThat(Watching.awaitFailed(gateway).message())
                        .contains("name varchar(9) character set utf8mb4 became name varchar(9)")
                        .contains("recopy");
            }
            try (Gateway gateway = new Gateway(sites.config())) {
                assertThat(Watching.awaitFailed(gateway).message()).contains("copy again");
            }
        }
    }

    /** On a target whose definitions are no part of a transaction, as those of MySQL. */
    @Test
    void aKillBetweenTheTargetsNewColumnAndTheCommitIsHarmless() throws Exception {
        try (TwoSites sites = sites(true)) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)", "INSERT INTO item VALUES (1)");
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx256m", "-Dsluice.failpoint=COLUMNS_ADDED"),
                            "run",
                            "-c",
                            config)) {
                TwoSites.await(A_WHILE, () -> gateway.errors().contains("-> STREAMING"));
                sites.onSource(
                        "ALTER TABLE item ADD COLUMN n int", "INSERT INTO item VALUES (2, 22)");
                assertThat(gateway.awaitFailpoint(180)).as(gateway.errors()).isTrue();
                gateway.kill();
            }
            assertThat(sites.queryTarget("SELECT count(n) FROM item")).isEqualTo("0");
            try (Gateway gateway = new Gateway(sites.config())) {
                awaitEqual(gateway, sites);
            }
        }
    }
}
