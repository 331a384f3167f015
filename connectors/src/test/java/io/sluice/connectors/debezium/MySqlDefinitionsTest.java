package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

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
                    "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a",
                    "INSERT INTO t (id, b, m, a) VALUES (3, 'b3', 'm3', 'a3')",
                    "ALTER TABLE t DROP COLUMN m",
                    "INSERT INTO t (id, b, a) VALUES (4, 'b4', 'a4')",
                    "ALTER TABLE t CHANGE a c varchar(20), MODIFY b varchar(30) AFTER c",
                    "INSERT INTO t (id, b, c) VALUES (5, 'b5', 'c5')",
                    "CREATE TABLE _t_new LIKE t",
                    "ALTER TABLE _t_new ADD COLUMN x int FIRST",
                    "RENAME TABLE t TO _t_old, _t_new TO t",
                    "INSERT INTO t (x, id, b, c) VALUES (66, 6, 'b6', 'c6')",
                    "DROP TABLE _t_old",
                    "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, x)",
                    "INSERT INTO t (x, id, b, c) VALUES (77, 7, 'b7', 'c7')");

    private static final List<Map<String, Object>> ROWS =
            List.of(
                    Map.of("id", 1L, "a", "a1", "b", "b1"),
                    Map.of("id", 2L, "a", "a2", "m", "m2", "b", "b2"),
                    Map.of("id", 3L, "b", "b3", "m", "m3", "a", "a3"),
                    Map.of("id", 4L, "b", "b4", "a", "a4"),
                    Map.of("id", 5L, "b", "b5", "c", "c5"),
                    Map.of("x", 66L, "id", 6L, "b", "b6", "c", "c6"),
                    Map.of("x", 77L, "id", 7L, "b", "b7", "c", "c7"));

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
        }
        assertThat(source.history.records).as("nothing is remembered twice").hasSize(records);
    }

    private static List<Map<String, Object>> rows(List<Whole> transactions) {
        return transactions.stream()
                .filter(whole -> !whole.changes().isEmpty())
                .map(MySqlDefinitionsTest::named)
                .toList();
    }
}
