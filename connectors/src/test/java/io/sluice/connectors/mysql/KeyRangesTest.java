package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.mysql.SourceFixture.History;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SnapshotReader.Cut;
import io.sluice.testkit.Servers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables cut into ranges, and each range read by itself. */
class KeyRangesTest {

    private static final String NUMBERS =
            "WITH RECURSIVE g (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM g WHERE g < 900) ";

    private SourceFixture fixture;

    @BeforeEach
    void open() {
        fixture = new SourceFixture(Servers.sharedMySql());
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id INT PRIMARY KEY | g",
                "id BIGINT UNSIGNED PRIMARY KEY | 18446744073709551615 - g * g * g",
                "id INT PRIMARY KEY | IF(g < 800, g, -2000000000 + g)",
                "id INT, b INT DEFAULT 0, PRIMARY KEY (id, b) | g",
                "id VARCHAR(40) COLLATE utf8mb4_0900_ai_ci PRIMARY KEY | CONCAT(ELT(g % 4 + 1, 'Ä', 'a', 'ß', '☂'), g)",
                "id VARCHAR(40) CHARACTER SET latin1 PRIMARY KEY | CONCAT(ELT(g % 3 + 1, 'é', 'z', ''''), g)",
                "id BINARY(28) PRIMARY KEY | UNHEX(SHA2(g, 224))",
                "id DECIMAL(20,5) PRIMARY KEY | g * 1.00001 - 400",
                "id DECIMAL(20,0) PRIMARY KEY | 9007199254740992 + g",
                "id DATETIME(6) PRIMARY KEY | TIMESTAMP('2026-01-01') + INTERVAL g * 37 SECOND",
                "id TIMESTAMP PRIMARY KEY | TIMESTAMP('2026-01-01') + INTERVAL g * 37 SECOND",
                "id DATE PRIMARY KEY | DATE('2026-01-01') + INTERVAL g DAY"
            })
    void rangesTogetherHoldEachRowOnce(String key, String value) {
        fixture.run(
                "CREATE TABLE t (" + key + ", word VARCHAR(200))",
                "INSERT INTO t (id, word) "
                        + NUMBERS
                        + "SELECT "
                        + value
                        + ", REPEAT('x', 100) FROM g",
                "ANALYZE TABLE t");
        try (SnapshotReader snapshot = fixture.start(fixture.source, new History(), 2)) {
            Cut cut = snapshot.cut(fixture.table("t"), 8 << 10);
            assertThat(cut.ranges()).hasSizeBetween(5, 200);
            assertThat(rows(snapshot, cut))
                    .containsExactlyInAnyOrderElementsOf(fixture.lines(snapshot, "t"));
        }
    }

    @Test
    void aRangeOfAnEarlierCutHoldsWhatCameSince() {
        fixture.run(
                "CREATE TABLE t (id INT PRIMARY KEY, word VARCHAR(200))",
                "INSERT INTO t " + NUMBERS + "SELECT g, REPEAT('x', 100) FROM g",
                "ANALYZE TABLE t");
        Cut cut;
        try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
            cut = snapshot.cut(fixture.table("t"), 8 << 10);
        }
        fixture.run(
                "INSERT INTO t VALUES (-5, 'first'), (5000, 'last')",
                "UPDATE t SET id = id + 10000 WHERE id < 20");
        try (SnapshotReader later =
                fixture.source.snapshot(SourceFixture.PIPELINE, fixture.tables(), 2)) {
            assertThat(later.cut(fixture.table("t"), 8 << 10).layout()).isEqualTo(cut.layout());
            assertThat(rows(later, cut))
                    .containsExactlyInAnyOrderElementsOf(fixture.lines(later, "t"))
                    .hasSize(902);
        }
    }

    @Test
    void whatHasNoOrderedKeyStaysWhole() {
        fixture.run(
                "CREATE TABLE plain (id INT)",
                "CREATE TABLE chosen (id ENUM('b', 'a') PRIMARY KEY)",
                "INSERT INTO plain " + NUMBERS + "SELECT g FROM g",
                "INSERT INTO chosen VALUES ('a'), ('b')",
                "ANALYZE TABLE plain, chosen");
        try (SnapshotReader snapshot = fixture.start(fixture.source, new History())) {
            for (String table : List.of("plain", "chosen")) {
                assertThat(snapshot.cut(fixture.table(table), 1).ranges()).containsExactly("");
            }
            assertThat(fixture.lines(snapshot, "plain")).hasSize(900);
        }
    }

    @Test
    void readersSeeOneMoment() {
        fixture.run("CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        try (SnapshotReader snapshot = fixture.start(fixture.source, new History(), 3)) {
            assertThat(snapshot.readers()).isEqualTo(3);
            fixture.run("INSERT INTO t VALUES (2)");
            for (int reader = 0; reader < 3; reader++) {
                assertThat(fixture.lines(snapshot, "t")).containsExactly("1");
            }
        }
    }

    private List<String> rows(SnapshotReader snapshot, Cut cut) {
        List<String> rows = new ArrayList<>();
        cut.ranges().forEach(range -> rows.addAll(fixture.lines(snapshot, "t", range)));
        return rows;
    }
}
