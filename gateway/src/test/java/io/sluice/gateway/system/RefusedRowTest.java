package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.MySqlServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A row that the target does not take stops the pipeline at its transaction, and says which. */
class RefusedRowTest {

    private static final List<String> TABLES = List.of("public.item", "public.other");

    private static final List<String> RAISING =
            List.of(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                      IF NEW.id = 77 THEN
                        RAISE EXCEPTION 'no %', NEW.secret;
                      END IF;
                      RETURN NEW;
                    END $$""",
                    "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON item"
                            + " FOR EACH ROW EXECUTE FUNCTION refuse()",
                    "ALTER TABLE item ENABLE ALWAYS TRIGGER refuse");

    private static final List<String> RAISING_ON_MYSQL =
            List.of(
                    """
                    CREATE TRIGGER refuse BEFORE INSERT ON item FOR EACH ROW
                    BEGIN
                      IF NEW.id = 77 THEN
                        SET @said = concat('no ', NEW.secret);
                        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @said;
                      END IF;
                    END""");

    private final LogCapture log = new LogCapture();
    private TwoSites sites;

    private void twoTables(Pair pair) {
        sites = pair.shared().with("heartbeat: 200ms");
        sites.onSource(
                "CREATE TABLE item (id bigint PRIMARY KEY, secret text, n integer, day date)",
                "CREATE TABLE other (id bigint PRIMARY KEY, secret text)",
                "INSERT INTO item (id, secret, n) VALUES (1, 'secret-1', 1), (2, 'secret-2', 2),"
                        + " (3, 'secret-3', 3), (4, 'secret-4', 4), (5, 'secret-5', 5)");
    }

    @AfterEach
    void close() {
        log.close();
        if (sites != null) {
            sites.close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL", "MYSQL_TO_POSTGRES"})
    void aCheckConstraintOfTheTargetStopsAtTheTransactionAndNamesTheRow(Pair pair)
            throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of("ALTER TABLE item ADD CONSTRAINT small CHECK (n < 100)"),
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 4711)",
                        "id=77");
        assertThat(failure.message()).contains("small", "check constraint");
        try (Gateway stillBroken = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(stillBroken).key()).isEqualTo("id=77");
        }
        goesOnAfter("ALTER TABLE item DROP CONSTRAINT small");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aUniqueKeyOfTheTargetAloneStopsAtTheTransaction(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of("CREATE UNIQUE INDEX one_n ON item (n)"),
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 5)",
                        "id=77");
        assertThat(failure.message()).contains("one_n", "unique");
        goesOnAfter("DROP INDEX one_n" + (pair.toMySql ? " ON item" : ""));
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTriggerOfTheTargetThatRaisesStopsAtTheTransaction(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        pair.toMySql ? RAISING_ON_MYSQL : RAISING,
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                        "id=77");
        assertThat(failure.message()).contains("trigger");
        goesOnAfter("DROP TRIGGER refuse" + (pair.toMySql ? "" : " ON item"));
    }

    @ParameterizedTest
    @EnumSource(names = "POSTGRES_TO_POSTGRES")
    void aTriggerOfTheTargetThatSwallowsARowIsNoticed(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of(
                                """
                                CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$
                                BEGIN
                                  IF NEW.id = 77 THEN RETURN NULL; END IF;
                                  RETURN NEW;
                                END $$""",
                                "CREATE TRIGGER swallow BEFORE INSERT ON item"
                                        + " FOR EACH ROW EXECUTE FUNCTION swallow()",
                                "ALTER TABLE item ENABLE ALWAYS TRIGGER swallow"),
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                        "id=77");
        goesOnAfter("DROP TRIGGER swallow ON item");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aTypeOfTheTargetThatBecameNarrowerStopsAtTheTransaction(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of(retyped(pair, "smallint")),
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 1234567)",
                        "id=77");
        goesOnAfter(retyped(pair, "integer"));
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aRowMissingOnTheTargetStopsAtItsUpdate(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of("DELETE FROM item WHERE id = 3"),
                        "UPDATE item SET n = 33 WHERE id = 3",
                        "id=3");
        assertThat(failure.message()).contains("found 0 rows");
        goesOnAfter("INSERT INTO item (id, secret, n) VALUES (3, 'secret-3', 3)");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "MYSQL_TO_POSTGRES"})
    void aRowMissingOnTheTargetStopsAtItsDelete(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of("DELETE FROM item WHERE id = 3"),
                        "DELETE FROM item WHERE id = 3",
                        "id=3");
        assertThat(failure.message()).contains("found 0 rows");
        goesOnAfter("INSERT INTO item (id, secret, n) VALUES (3, 'secret-3', 3)");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_POSTGRES", "POSTGRES_TO_MYSQL"})
    void aRowThatStandsOnTheTargetAlreadyStopsAtItsInsert(Pair pair) throws Exception {
        twoTables(pair);
        Failure failure =
                refused(
                        List.of(
                                "INSERT INTO item (id, secret, n) VALUES (77, 'secret-foreign', 1)"),
                        "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                        "id=77");
        assertThat(failure.message()).contains("unique");
        goesOnAfter("DELETE FROM item WHERE id = 77");
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_MYSQL", "MYSQL_TO_POSTGRES"})
    void aValueThatTheOtherEngineCannotHoldStopsAtTheTransaction(Pair pair) throws Exception {
        twoTables(pair);
        String day = pair.fromMySql ? "0000-00-00" : "infinity";
        Failure failure =
                refused(
                        List.of(),
                        "INSERT INTO item VALUES (77, 'secret-77', 7, '%s')".formatted(day),
                        "id=77");
        assertThat(failure.message()).contains(pair.toMySql ? "day" : "date");
        try (Gateway stillRefused = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(stillRefused).key()).isEqualTo("id=77");
        }
    }

    /** Has a MySQL take the date that is none. */
    private String lenient() {
        return sites.sourceServer instanceof MySqlServer
                ? "SET SESSION sql_mode = ''"
                : "SET application_name = 'lenient'";
    }

    private static String retyped(Pair pair, String type) {
        return pair.toMySql
                ? "ALTER TABLE item MODIFY n " + type
                : "ALTER TABLE item ALTER n TYPE " + type;
    }

    /** Streams one transaction, then has the target refuse a statement amid a second. */
    private Failure refused(List<String> onTarget, String statement, String key) throws Exception {
        String table = sites.targetName("item");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onTarget(onTarget.toArray(String[]::new));
            sites.onSource(
                    "INSERT INTO other VALUES (1, 'secret-a1'), (10, 'secret-a10')",
                    lenient(),
                    "BEGIN",
                    "INSERT INTO other VALUES (100, 'secret-b')",
                    "UPDATE other SET secret = 'secret-c' WHERE id = 1",
                    statement,
                    "INSERT INTO other VALUES (101, 'secret-d')",
                    "COMMIT",
                    "INSERT INTO other VALUES (200, 'secret-e')");
            Failure failure = Watching.awaitFailed(gateway);
            assertThat(failure.errorClass()).isEqualTo("row");
            assertThat(failure.table()).isEqualTo(table);
            assertThat(failure.key()).isEqualTo(key);
            assertThat(failure.message()).doesNotContain("secret-", key);
            TwoSites.await(Duration.ofSeconds(60), () -> log.text().contains("FAILED: "));
            assertThat(log.text()).contains(table).doesNotContain("secret-", key);
            assertThat(failure.message()).contains(table);
            assertThat(sites.queryTarget("SELECT concat(count(*), ',', max(id)) FROM other"))
                    .as("all before the transaction, and nothing of it")
                    .isEqualTo("2,10");
            assertThat(sites.queryTarget("SELECT count(*) FROM other WHERE secret = 'secret-c'"))
                    .isEqualTo("0");
            return failure;
        }
    }

    private void goesOnAfter(String mendTarget) throws Exception {
        sites.onTarget(mendTarget);
        try (Gateway gateway = new Gateway(sites.config())) {
            sites.awaitEqual(Duration.ofSeconds(30), TABLES);
            Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(30));
        }
        assertThat(log.text()).doesNotContain("secret-");
    }
}
