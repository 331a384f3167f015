package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.TableLoads;
import io.sluice.connectors.spi.TableLoads.Changes;
import io.sluice.connectors.spi.TableLoads.Loaded;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresLoadsTest {

    private static final TableId TABLE = new TableId("public", "t");
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String FORMERS =
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 't\\_\\_sluice%'"
                    + " ORDER BY 1";

    private Database database;
    private TableLoads loads;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int)",
                "ALTER TABLE t OWNER TO \"%s\"".formatted(database.targetAddress().username()));
        loads = database.target.loads(database.claim());
        loads.created(List.of(TABLE));
    }

    @AfterEach
    void close() {
        loads.close();
        database.close();
    }

    @Test
    void twoMomentsOfOneSecondHaveOneFormerTable() {
        for (int n = 0; n < 4; n++) {
            assertThat(loads.replace(List.of(filled(n)), NOON.plusMillis(100 * n), 3)).isTrue();
        }
        assertThat(loads.replace(List.of(filled(4)), NOON.plusSeconds(1), 3)).isTrue();
        assertThat(loads.replace(List.of(filled(5)), NOON.plusSeconds(2), 3)).isTrue();

        assertThat(database.rows(FORMERS))
                .containsExactly("t__sluice_20260301T120000Z", "t__sluice_20260301T120001Z");
        assertThat(database.rows("SELECT n FROM t")).containsExactly("5");
    }

    /** The rows of what stands are of another moment then than when it was exchanged. */
    @Test
    void aFormerTableHasTheRowsOfTheMomentThatItsNameSays() {
        loads.replace(List.of(filled(0)), NOON, 3);
        database.run("CREATE VIEW seen AS SELECT n FROM t");
        loads.replace(List.of(filled(1)), NOON.plusSeconds(1), 3);
        database.run("DROP VIEW seen");
        loads.replace(List.of(filled(2)), NOON.plusSeconds(2), 3);

        assertThat(database.rows(FORMERS)).containsExactly("t__sluice_20260301T120001Z");
        assertThat(database.rows("SELECT n FROM \"t__sluice_20260301T120001Z\""))
                .containsExactly("1");
    }

    @Test
    void whatIsAddedToTheTableWhileItIsLoadedStays() {
        for (String addition :
                List.of(
                        "CREATE INDEX by_n ON t (n)",
                        "ALTER TABLE t ADD CHECK (n >= 0)",
                        "ALTER TABLE t ADD COLUMN more int DEFAULT 7")) {
            Loaded loaded = filled(1);
            database.run(addition);
            String before = oid();
            assertThat(loads.replace(List.of(loaded), NOON, 0)).isTrue();
            assertThat(oid()).as(addition).isEqualTo(before);
            assertThat(loads.replace(List.of(filled(2)), NOON, 0)).isTrue();
            assertThat(oid()).as("after " + addition).isNotEqualTo(before);
        }
        assertThat(database.rows("SELECT n, more FROM t")).containsExactly("2|7");
        assertThat(database.rows("SELECT indexname FROM pg_indexes WHERE tablename = 't'"))
                .containsExactlyInAnyOrder("t_pkey", "by_n");
    }

    /** Somebody drops the table and makes one of that name while the exchange waits for a lock. */
    @Test
    void aTableThatTookTheNameMeanwhileIsNotExchanged() throws Exception {
        Loaded loaded = filled(1);
        Thread exchange;
        try (Connection user = database.server.connect(database.name);
                Statement statement = user.createStatement()) {
            user.setAutoCommit(false);
            statement.execute("ALTER TABLE t RENAME TO was");
            statement.execute("CREATE TABLE t (id int PRIMARY KEY, n int)");
            statement.execute("GRANT ALL ON t TO PUBLIC");
            exchange =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        while (!loads.replace(List.of(loaded), NOON, 0)) {
                                            Thread.onSpinWait();
                                        }
                                    });
            awaitWaiting();
            user.commit();
        }
        String users = oid();
        exchange.join();

        assertThat(oid()).isEqualTo(users);
        assertThat(database.rows("SELECT n FROM t")).containsExactly("1");
        assertThat(database.rows("SELECT count(*) FROM was")).containsExactly("0");
    }

    @Test
    void aMergeMovesTheMomentOfWhatStands() {
        loads.replace(List.of(filled(1)), NOON, 3);
        assertThat(loads.merge(filled(2), NOON.plusSeconds(1))).contains(new Changes(0, 1, 0));
        loads.replace(List.of(filled(3)), NOON.plusSeconds(2), 3);

        assertThat(database.rows("SELECT n FROM \"t__sluice_20260301T120001Z\""))
                .containsExactly("2");
    }

    @Test
    void aStatementMayTakeLongerThanTheSocketWaitsOtherwise() throws Exception {
        Loaded loaded = filled(1);
        DatabaseAddress address = database.targetAddress();
        DatabaseAddress impatient =
                new DatabaseAddress(
                        address.name(),
                        address.url() + "?socketTimeout=1",
                        address.username(),
                        address.password());
        try (PostgresTarget target = new PostgresTarget(impatient);
                TableLoads patient = target.loads(database.claim());
                Connection user = database.server.connect(database.name);
                Statement statement = user.createStatement()) {
            user.setAutoCommit(false);
            statement.execute("LOCK TABLE t IN SHARE MODE");
            CompletableFuture<Boolean> merged =
                    CompletableFuture.supplyAsync(() -> patient.merge(loaded, NOON).isPresent());
            while (database.rows(
                            "SELECT FROM pg_locks WHERE NOT granted AND relation IS NOT NULL AND"
                                    + " waitstart < clock_timestamp() - interval '1.5 s'")
                    .isEmpty()) {
                assertThat(merged).isNotDone();
            }
            user.commit();
            assertThat(merged.get()).isTrue();
        }
        assertThat(database.rows("SELECT n FROM t")).containsExactly("1");
    }

    private void awaitWaiting() {
        while (database.rows("SELECT FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
                .isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private String oid() {
        return database.rows("SELECT 't'::regclass::oid").getFirst();
    }

    private Loaded filled(int n) {
        Loaded loaded = new Loaded(database.schema("t"), loads.shadow(TABLE));
        database.run("INSERT INTO \"%s\" VALUES (1, %d)".formatted(loaded.shadow().name(), n));
        return loaded;
    }
}
