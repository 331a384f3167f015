package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.MySqlServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

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

    private static final List<String> SWALLOWING =
            List.of(
                    """
                    CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                      IF NEW.id = 77 THEN RETURN NULL; END IF;
                      RETURN NEW;
                    END $$""",
                    "CREATE TRIGGER swallow BEFORE INSERT ON item"
                            + " FOR EACH ROW EXECUTE FUNCTION swallow()",
                    "ALTER TABLE item ENABLE ALWAYS TRIGGER swallow");

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

    @AfterEach
    void close() {
        log.close();
        assertThat(log.text()).contains("FAILED: ").doesNotContain("secret-");
    }

    /** What is refused in one pair, and when it is not any more. */
    @FunctionalInterface
    private interface Course {
        void in(Pair pair, TwoSites sites) throws Exception;
    }

    private static Stream<DynamicTest> inEveryPair(Course course) {
        return in(List.of(Pair.values()), course);
    }

    private static Stream<DynamicTest> in(List<Pair> pairs, Course course) {
        return EveryPair.atOnce(
                pairs,
                pair -> {
                    try (TwoSites sites =
                            pair.shared()
                                    .named(pair.name().toLowerCase(Locale.ROOT))
                                    .with("heartbeat: 200ms")) {
                        sites.onSource(
                                "CREATE TABLE item (id bigint PRIMARY KEY, secret text, n integer,"
                                        + " day date)",
                                "CREATE TABLE other (id bigint PRIMARY KEY, secret text)",
                                "INSERT INTO item (id, secret, n) VALUES (1, 'secret-1', 1),"
                                        + " (2, 'secret-2', 2), (3, 'secret-3', 3),"
                                        + " (4, 'secret-4', 4), (5, 'secret-5', 5)");
                        course.in(pair, sites);
                    }
                });
    }

    @TestFactory
    Stream<DynamicTest> aCheckConstraintOfTheTargetStopsAtTheTransactionAndNamesTheRow() {
        return inEveryPair(
                (pair, sites) -> {
                    Failure failure =
                            refused(
                                    sites,
                                    List.of(
                                            "ALTER TABLE item ADD CONSTRAINT small CHECK (n <"
                                                    + " 100)"),
                                    "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77',"
                                            + " 4711)",
                                    "id=77");
                    assertThat(failure.message()).contains("small", "check constraint");
                    try (Gateway stillBroken = new Gateway(sites.config())) {
                        assertThat(Watching.awaitFailed(stillBroken).key()).isEqualTo("id=77");
                    }
                    goesOnAfter(sites, "ALTER TABLE item DROP CONSTRAINT small");
                });
    }

    @TestFactory
    Stream<DynamicTest> aUniqueKeyOfTheTargetAloneStopsAtTheTransaction() {
        return inEveryPair(
                (pair, sites) -> {
                    Failure failure =
                            refused(
                                    sites,
                                    List.of("CREATE UNIQUE INDEX one_n ON item (n)"),
                                    "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 5)",
                                    "id=77");
                    assertThat(failure.message()).contains("one_n", "unique");
                    goesOnAfter(sites, "DROP INDEX one_n" + (pair.toMySql ? " ON item" : ""));
                });
    }

    @TestFactory
    Stream<DynamicTest> aTriggerOfTheTargetThatRaisesStopsAtTheTransaction() {
        return inEveryPair(
                (pair, sites) -> {
                    Failure failure =
                            refused(
                                    sites,
                                    pair.toMySql ? RAISING_ON_MYSQL : RAISING,
                                    "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                                    "id=77");
                    assertThat(failure.message()).contains("trigger");
                    goesOnAfter(sites, "DROP TRIGGER refuse" + (pair.toMySql ? "" : " ON item"));
                });
    }

    /** Only into PostgreSQL: a trigger of MySQL cannot. */
    @TestFactory
    Stream<DynamicTest> aTriggerOfTheTargetThatSwallowsARowIsNoticed() {
        return in(
                List.of(Pair.POSTGRES_TO_POSTGRES, Pair.MYSQL_TO_POSTGRES),
                (pair, sites) -> {
                    refused(
                            sites,
                            SWALLOWING,
                            "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                            "id=77");
                    goesOnAfter(sites, "DROP TRIGGER swallow ON item");
                });
    }

    @TestFactory
    Stream<DynamicTest> aTypeOfTheTargetThatBecameNarrowerStopsAtTheTransaction() {
        return inEveryPair(
                (pair, sites) -> {
                    refused(
                            sites,
                            List.of(retyped(pair, "smallint")),
                            "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 1234567)",
                            "id=77");
                    goesOnAfter(sites, retyped(pair, "integer"));
                });
    }

    @TestFactory
    Stream<DynamicTest> aRowMissingOnTheTargetStopsAtItsUpdate() {
        return aRowIsMissingFor("UPDATE item SET n = 33 WHERE id = 3");
    }

    @TestFactory
    Stream<DynamicTest> aRowMissingOnTheTargetStopsAtItsDelete() {
        return aRowIsMissingFor("DELETE FROM item WHERE id = 3");
    }

    private Stream<DynamicTest> aRowIsMissingFor(String statement) {
        return inEveryPair(
                (pair, sites) -> {
                    Failure failure =
                            refused(
                                    sites,
                                    List.of("DELETE FROM item WHERE id = 3"),
                                    statement,
                                    "id=3");
                    assertThat(failure.message()).contains("found 0 rows");
                    goesOnAfter(
                            sites, "INSERT INTO item (id, secret, n) VALUES (3, 'secret-3', 3)");
                });
    }

    @TestFactory
    Stream<DynamicTest> aRowThatStandsOnTheTargetAlreadyStopsAtItsInsert() {
        return inEveryPair(
                (pair, sites) -> {
                    Failure failure =
                            refused(
                                    sites,
                                    List.of(
                                            "INSERT INTO item (id, secret, n) VALUES (77,"
                                                    + " 'secret-foreign', 1)"),
                                    "INSERT INTO item (id, secret, n) VALUES (77, 'secret-77', 7)",
                                    "id=77");
                    assertThat(failure.message()).contains("unique");
                    goesOnAfter(sites, "DELETE FROM item WHERE id = 77");
                });
    }

    /** Only across engines: what a server holds, another of its engine holds too. */
    @TestFactory
    Stream<DynamicTest> aValueThatTheOtherEngineCannotHoldStopsAtTheTransaction() {
        return in(
                List.of(Pair.POSTGRES_TO_MYSQL, Pair.MYSQL_TO_POSTGRES),
                (pair, sites) -> {
                    String day = pair.fromMySql ? "0000-00-00" : "infinity";
                    Failure failure =
                            refused(
                                    sites,
                                    List.of(),
                                    "INSERT INTO item VALUES (77, 'secret-77', 7, '%s')"
                                            .formatted(day),
                                    "id=77");
                    assertThat(failure.message()).contains(pair.toMySql ? "day" : "date");
                    try (Gateway stillRefused = new Gateway(sites.config())) {
                        assertThat(Watching.awaitFailed(stillRefused).key()).isEqualTo("id=77");
                    }
                });
    }

    /** Has a MySQL take the date that is none. */
    private static String lenient(TwoSites sites) {
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
    private Failure refused(TwoSites sites, List<String> onTarget, String statement, String key)
            throws Exception {
        String table = sites.targetName("item");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onTarget(onTarget.toArray(String[]::new));
            sites.onSource(
                    "INSERT INTO other VALUES (1, 'secret-a1'), (10, 'secret-a10')",
                    lenient(sites),
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
            String pipeline = sites.pipeline();
            TwoSites.await(Duration.ofSeconds(180), () -> log.text(pipeline).contains("FAILED: "));
            assertThat(log.text(pipeline)).contains(table).doesNotContain("secret-", key);
            assertThat(failure.message()).contains(table);
            assertThat(sites.queryTarget("SELECT concat(count(*), ',', max(id)) FROM other"))
                    .as("all before the transaction, and nothing of it")
                    .isEqualTo("2,10");
            assertThat(sites.queryTarget("SELECT count(*) FROM other WHERE secret = 'secret-c'"))
                    .isEqualTo("0");
            return failure;
        }
    }

    private static void goesOnAfter(TwoSites sites, String mendTarget) throws Exception {
        sites.onTarget(mendTarget);
        try (Gateway gateway = new Gateway(sites.config())) {
            sites.awaitEqual(Duration.ofSeconds(180), TABLES);
            Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(180));
        }
    }
}
