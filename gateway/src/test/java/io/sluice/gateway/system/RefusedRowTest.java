package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A row that the target does not take stops the pipeline at its transaction, and says which. */
class RefusedRowTest {

    private static final List<String> TABLES = List.of("public.item", "public.other");

    private final TwoSites sites = TwoSites.shared().with("heartbeat: 200ms");
    private final LogCapture log = new LogCapture();

    @BeforeEach
    void twoTables() {
        sites.onSource(
                "CREATE TABLE item (id bigint PRIMARY KEY, secret text, n integer)",
                "CREATE TABLE other (id bigint PRIMARY KEY, secret text)",
                "INSERT INTO item SELECT i, 'secret-' || i, i FROM generate_series(1, 5) i");
    }

    @AfterEach
    void close() {
        log.close();
        sites.close();
    }

    @Test
    void aCheckConstraintOfTheTargetStopsAtTheTransactionAndNamesTheRow() throws Exception {
        Failure failure =
                refused(
                        List.of("ALTER TABLE item ADD CONSTRAINT small CHECK (n < 100)"),
                        "INSERT INTO item VALUES (77, 'secret-77', 4711)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item", "small", "check constraint");
        try (Gateway stillBroken = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(stillBroken).key()).isEqualTo("id=77");
        }
        goesOnAfter("ALTER TABLE item DROP CONSTRAINT small");
    }

    @Test
    void aUniqueKeyOfTheTargetAloneStopsAtTheTransaction() throws Exception {
        Failure failure =
                refused(
                        List.of("CREATE UNIQUE INDEX one_n ON item (n)"),
                        "INSERT INTO item VALUES (77, 'secret-77', 5)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item", "one_n", "unique");
        goesOnAfter("DROP INDEX one_n");
    }

    @Test
    void aTriggerOfTheTargetThatRaisesStopsAtTheTransaction() throws Exception {
        Failure failure =
                refused(
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
                                "ALTER TABLE item ENABLE ALWAYS TRIGGER refuse"),
                        "INSERT INTO item VALUES (77, 'secret-77', 7)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item", "trigger");
        goesOnAfter("DROP TRIGGER refuse ON item");
    }

    @Test
    void aTriggerOfTheTargetThatSwallowsARowIsNoticed() throws Exception {
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
                        "INSERT INTO item VALUES (77, 'secret-77', 7)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item");
        goesOnAfter("DROP TRIGGER swallow ON item");
    }

    @Test
    void aTypeOfTheTargetThatBecameNarrowerStopsAtTheTransaction() throws Exception {
        Failure failure =
                refused(
                        List.of("ALTER TABLE item ALTER n TYPE smallint"),
                        "INSERT INTO item VALUES (77, 'secret-77', 1234567)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item");
        goesOnAfter("ALTER TABLE item ALTER n TYPE integer");
    }

    @Test
    void aRowMissingOnTheTargetStopsAtItsUpdate() throws Exception {
        Failure failure =
                refused(
                        List.of("DELETE FROM item WHERE id = 3"),
                        "UPDATE item SET n = 33 WHERE id = 3",
                        "public.item",
                        "id=3");
        assertThat(failure.message()).contains("public.item", "found 0 rows");
        goesOnAfter("INSERT INTO item VALUES (3, 'secret-3', 3)");
    }

    @Test
    void aRowMissingOnTheTargetStopsAtItsDelete() throws Exception {
        Failure failure =
                refused(
                        List.of("DELETE FROM item WHERE id = 3"),
                        "DELETE FROM item WHERE id = 3",
                        "public.item",
                        "id=3");
        assertThat(failure.message()).contains("public.item", "found 0 rows");
        goesOnAfter("INSERT INTO item VALUES (3, 'secret-3', 3)");
    }

    @Test
    void aRowThatStandsOnTheTargetAlreadyStopsAtItsInsert() throws Exception {
        Failure failure =
                refused(
                        List.of("INSERT INTO item VALUES (77, 'secret-foreign', 1)"),
                        "INSERT INTO item VALUES (77, 'secret-77', 7)",
                        "public.item",
                        "id=77");
        assertThat(failure.message()).contains("public.item", "unique");
        goesOnAfter("DELETE FROM item WHERE id = 77");
    }

    /** Streams one transaction, then has the target refuse a statement amid a second. */
    private Failure refused(List<String> onTarget, String statement, String table, String key)
            throws Exception {
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onTarget(onTarget.toArray(String[]::new));
            sites.onSource(
                    "BEGIN; INSERT INTO other SELECT i, 'secret-a' || i"
                            + " FROM generate_series(1, 10) i; COMMIT",
                    "BEGIN; INSERT INTO other VALUES (100, 'secret-b');"
                            + " UPDATE other SET secret = 'secret-c' WHERE id = 1; "
                            + statement
                            + "; INSERT INTO other VALUES (101, 'secret-d'); COMMIT",
                    "BEGIN; INSERT INTO other VALUES (200, 'secret-e'); COMMIT");
            Failure failure = Watching.awaitFailed(gateway);
            assertThat(failure.errorClass()).isEqualTo("row");
            assertThat(failure.table()).isEqualTo(table);
            assertThat(failure.key()).isEqualTo(key);
            assertThat(failure.message()).doesNotContain("secret-", key);
            assertThat(log.text()).contains("FAILED", table).doesNotContain("secret-", key);
            assertThat(sites.queryTarget("SELECT count(*) || ',' || max(id) FROM other"))
                    .as("all before the transaction, and nothing of it")
                    .isEqualTo("10,10");
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
