package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.TableLoads;
import io.sluice.connectors.spi.TableLoads.Loaded;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MySqlLoadsTest {

    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final String BESIDES =
            "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND"
                    + " table_name LIKE 't\\_\\_sluice%' ORDER BY 1";

    private TargetFixture db;
    private TableLoads loads;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        db.run("CREATE TABLE t (id int PRIMARY KEY, n int)");
        loads = db.target.loads(db.claim());
        loads.created(List.of(db.id("t")));
    }

    @AfterEach
    void close() {
        loads.close();
        db.close();
    }

    @Test
    void twoMomentsOfOneSecondHaveOneFormerTable() {
        for (int n = 0; n < 4; n++) {
            assertThat(loads.replace(List.of(filled(n)), NOON.plusMillis(100 * n), 3)).isTrue();
        }
        assertThat(loads.replace(List.of(filled(4)), NOON.plusSeconds(1), 3)).isTrue();
        assertThat(loads.replace(List.of(filled(5)), NOON.plusSeconds(2), 3)).isTrue();

        assertThat(db.rows(BESIDES))
                .containsExactly("t__sluice_20260301T120000Z", "t__sluice_20260301T120001Z");
        assertThat(db.rows("SELECT n FROM t")).containsExactly("5");
    }

    /** The rows of what stands are of another moment then than when it was exchanged. */
    @Test
    void aFormerTableHasTheRowsOfTheMomentThatItsNameSays() {
        loads.replace(List.of(filled(0)), NOON, 3);
        db.run("CREATE TABLE child (t int, FOREIGN KEY (t) REFERENCES t (id))");
        loads.replace(List.of(filled(1)), NOON.plusSeconds(1), 3);
        db.run("DROP TABLE child");
        loads.replace(List.of(filled(2)), NOON.plusSeconds(2), 3);

        assertThat(db.rows(BESIDES)).containsExactly("t__sluice_20260301T120001Z");
        assertThat(db.rows("SELECT n FROM t__sluice_20260301T120001Z")).containsExactly("1");
    }

    @Test
    void whatIsAddedToTheTableWhileItIsLoadedStays() {
        for (String addition :
                List.of(
                        "CREATE INDEX by_n ON t (n)",
                        "ALTER TABLE t ADD CHECK (n >= 0)",
                        "ALTER TABLE t ADD COLUMN more int DEFAULT 7")) {
            Loaded loaded = filled(1);
            db.run(addition);
            String before = comment();
            assertThat(loads.replace(List.of(loaded), NOON, 0)).isTrue();
            assertThat(comment()).as(addition).isEqualTo(before);
            assertThat(loads.replace(List.of(filled(2)), NOON, 0)).isTrue();
            assertThat(comment()).as("after " + addition).isNotEqualTo(before);
        }
        assertThat(db.rows("SELECT n, more FROM t")).containsExactly("2|7");
        assertThat(
                        db.rows(
                                "SELECT index_name FROM information_schema.statistics WHERE"
                                        + " table_schema = database() AND table_name = 't'"))
                .containsExactlyInAnyOrder("PRIMARY", "by_n");
    }

    @Test
    void anEmptyTableOfAUserIsNeverDropped() {
        db.run("CREATE TABLE t__sluice_old (id int)");
        List<Loaded> loaded = List.of(filled(1));
        assertThatThrownBy(() -> loads.replace(loaded, NOON, 0))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("t__sluice_old");
        loads.clear();
        assertThat(db.rows(BESIDES)).containsExactly("t__sluice_old");
    }

    private String comment() {
        return db.one(
                "SELECT table_comment FROM information_schema.tables WHERE table_schema ="
                        + " database() AND table_name = 't'");
    }

    private Loaded filled(int n) {
        Loaded loaded = new Loaded(db.schema("t"), loads.shadow(db.id("t")));
        db.run("INSERT INTO %s (id, n) VALUES (1, %d)".formatted(loaded.shadow().name(), n));
        return loaded;
    }
}
