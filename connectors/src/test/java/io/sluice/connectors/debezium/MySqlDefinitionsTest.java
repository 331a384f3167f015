package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Alteration;
import io.sluice.change.BinlogPosition;
import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.connectors.debezium.Reading.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of tables' definitions in the log: no value ever stands under another column's name. */
class MySqlDefinitionsTest {

    private MySqlFixture source;

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    private static Map<String, Object> named(Whole whole) {
        Change change = whole.changes().getFirst();
        RowChange row = (RowChange) change;
        Row after = MySqlChangesTest.after(change);
        Map<String, Object> named = new LinkedHashMap<>();
        List<Column> columns = row.table().columns();
        for (int i = 0; i < columns.size(); i++) {
            named.put(columns.get(i).name(), after.get(i));
        }
        return named;
    }

    private static final List<String> HISTORY =
            List.of(
                    "INSERT INTO t (id, a, b) VALUES (1, 'a1', 'b1')",
                    "ALTER TABLE t ADD COLUMN m varchar(9) AFTER a",
                    "INSERT INTO t (id, a, m, b) VALUES (2, 'a2', 'm2', 'b2')",
                    "ALTER TABLE t RENAME COLUMN a TO `a 1`, RENAME COLUMN b TO B2",
                    "INSERT INTO t (id, B2, m, `a 1`) VALUES (3, 'b3', 'm3', 'a3')",
                    "ALTER TABLE t DROP COLUMN m",
                    "INSERT INTO t (id, B2, `a 1`) VALUES (4, 'b4', 'a4')",
                    "ALTER TABLE t CHANGE `a 1` c varchar(20), MODIFY B2 varchar(30) AFTER c",
                    "INSERT INTO t (id, B2, c) VALUES (5, 'b5', 'c5')",
                    "CREATE TABLE _t_new LIKE t",
                    "ALTER TABLE t ADD COLUMN x int NOT NULL DEFAULT 6 FIRST",
                    "RENAME TABLE _t_new TO _t_old",
                    "INSERT INTO t (x, id, B2, c) VALUES (66, 6, 'b6', 'c6')",
                    "DROP TABLE _t_old",
                    "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, x)",
                    "INSERT INTO t (x, id, B2, c) VALUES (77, 7, 'b7', 'c7')");

    private static final List<Map<String, Object>> ROWS =
            List.of(
                    Map.of("id", 1L, "a", "a1", "b", "b1"),
                    Map.of("id", 2L, "a", "a2", "m", "m2", "b", "b2"),
                    Map.of("id", 3L, "B2", "b3", "m", "m3", "a 1", "a3"),
                    Map.of("id", 4L, "B2", "b4", "a 1", "a4"),
                    Map.of("id", 5L, "B2", "b5", "c", "c5"),
                    Map.of("x", 66L, "id", 6L, "B2", "b6", "c", "c6"),
                    Map.of("x", 77L, "id", 7L, "B2", "b7", "c", "c7"));

    private static final List<String> STEPS =
            List.of(
                    "m varchar(9) character set utf8mb4 is new",
                    "a varchar(9) character set utf8mb4 became a 1 varchar(9) character set utf8mb4",
                    "b varchar(9) character set utf8mb4 became B2 varchar(9) character set utf8mb4",
                    "m varchar(9) character set utf8mb4 is gone",
                    "B2 varchar(9) character set utf8mb4 became B2 varchar(30) character set utf8mb4",
                    "a 1 varchar(9) character set utf8mb4 became c varchar(20) character set utf8mb4",
                    "x int not null is new");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsStandUnderTheColumnsOfTheirTimeAfterARestartAnywhere(boolean gtids) {
        source = MySqlFixture.shared(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, a varchar(9), b varchar(9))");
        BinlogPosition from = source.publish("t");
        source.run(HISTORY.toArray(String[]::new));

        List<Whole> all = new ArrayList<>();
        Reading reading = source.read(from);
        for (int i = 0; i < HISTORY.size(); i++) {
            all.add(reading.transaction());
        }
        assertThat(rows(all)).isEqualTo(ROWS);
        assertThat(steps(all)).isEqualTo(STEPS);
        assertThat(all.getLast().end().position()).isEqualTo(source.now());
        RowChange first = (RowChange) all.getFirst().changes().getFirst();
        RowChange last = (RowChange) all.getLast().changes().getFirst();
        assertThat(first.table().hasKey()).as("another key than now").isFalse();
        assertThat(last.table().keyNames()).containsExactlyInAnyOrder("id", "x");
        reading.source.close();
        int records = source.history.records.size();

        for (int i = 0; i < all.size() - 1; i++) {
            Reading rest = source.read((BinlogPosition) all.get(i).end().position());
            List<Whole> again = new ArrayList<>();
            for (int j = i + 1; j < all.size(); j++) {
                again.add(rest.transaction());
                assertThat(again.getLast().end()).isEqualTo(all.get(j).end());
            }
            rest.source.close();
            List<Map<String, Object>> expected = rows(all.subList(i + 1, all.size()));
            assertThat(rows(again)).isEqualTo(expected);
            assertThat(steps(again)).isEqualTo(steps(all.subList(i + 1, all.size())));
        }
        assertThat(source.history.records).as("nothing is remembered twice").hasSize(records);
    }

    /** In the words of the statements, whose synonyms and defaults are the server's. */
    @Test
    void whatAStatementMadeOfColumnsIsToldByItsOwnWords() {
        source = MySqlFixture.shared(true);
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, d decimal(10,4), e enum('a','b''c'), f float,"
                        + " g int unsigned, h varchar(9), i datetime(6), j tinyint(1), k text)");
        Reading reading = source.read(source.publish("t"));
        String utf8 = " character set utf8mb4";
        Map<String, List<String>> told = new LinkedHashMap<>();
        told.put(
                "ALTER TABLE t MODIFY d dec(8,2)",
                List.of("d decimal(10,4) became d decimal(8,2)"));
        told.put(
                "ALTER TABLE t MODIFY e enum('b''c','a')",
                List.of("e enum('a','b''c')%s became e enum('b''c','a')%s".formatted(utf8, utf8)));
        told.put("ALTER TABLE t MODIFY g INTEGER", List.of("g int unsigned became g int"));
        told.put(
                "ALTER TABLE t CONVERT TO CHARACTER SET latin1, MODIFY i datetime(3)",
                List.of(
                        "e enum('b''c','a')%s became e enum('b''c','a') character set latin1"
                                .formatted(utf8),
                        "h varchar(9)%s became h varchar(9) character set latin1".formatted(utf8),
                        "i datetime(6) became i datetime(3)",
                        "k text%s became k text character set latin1".formatted(utf8)));
        told.put("ALTER TABLE t MODIFY f double precision", List.of("f float became f double"));
        told.put("ALTER TABLE t MODIFY id int, MODIFY j bool, ADD INDEX (h)", List.of());
        told.put(
                "ALTER TABLE t MODIFY d numeric(8,2) NOT NULL",
                List.of("d decimal(8,2) became d decimal(8,2) not null"));
        told.put("ALTER TABLE t ADD COLUMN twice int AS (id * 2)", List.of());
        told.put(
                "ALTER TABLE t ADD (l timestamp, m int)",
                List.of("l timestamp is new", "m int is new"));
        for (Map.Entry<String, List<String>> entry : told.entrySet()) {
            source.run(entry.getKey());
            assertThat(steps(List.of(reading.transaction())))
                    .as(entry.getKey())
                    .isEqualTo(entry.getValue());
        }
        for (String filled :
                List.of(
                        "int DEFAULT 5",
                        "varchar(40) DEFAULT (concat('a', 'b'))",
                        "int NOT NULL")) {
            source.run("ALTER TABLE t ADD COLUMN z " + filled);
            Alteration added = reading.transaction().alteration().orElseThrow();
            assertThat(added.steps().getFirst().after().filled()).as(filled).isTrue();
            source.run("ALTER TABLE t DROP COLUMN z");
            reading.transaction();
        }
        source.run("ALTER TABLE t ADD COLUMN z int DEFAULT NULL");
        assertThat(
                        reading.transaction()
                                .alteration()
                                .orElseThrow()
                                .steps()
                                .getFirst()
                                .after()
                                .filled())
                .isFalse();
    }

    private static List<String> steps(List<Whole> transactions) {
        return transactions.stream()
                .flatMap(whole -> whole.alteration().stream())
                .flatMap(alteration -> alteration.steps().stream())
                .map(Alteration.Step::toString)
                .toList();
    }

    private static List<Map<String, Object>> rows(List<Whole> transactions) {
        return transactions.stream()
                .filter(whole -> !whole.changes().isEmpty())
                .map(MySqlDefinitionsTest::named)
                .toList();
    }
}
