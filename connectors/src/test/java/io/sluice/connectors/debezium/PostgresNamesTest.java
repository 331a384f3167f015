package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.ErrorClass;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that people can give to schemas, tables and columns. */
class PostgresNamesTest {

    private CaptureFixture source;

    @BeforeEach
    void makeDatabase() {
        source = new CaptureFixture();
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a;drop table t",
                "a\"b",
                "a\"\"b",
                "it's",
                "two''quotes",
                "back`tick``s",
                "Mixed Case",
                "comma,name",
                "per%cent_under",
                "back\\slash",
                "dollar$1 {x} (y) [z] | * + ? ^",
                "ünïcödé 表 😀",
                "tab\there",
                " leading and trailing ",
                "select",
                "123",
                "-- comment",
                "/* c */",
                "#:@=&",
                "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
            })
    void hostileNamesComeThroughAsTheyAre(String name) {
        String quoted = '"' + name.replace("\"", "\"\"") + '"';
        String table = quoted + "." + quoted;
        source.run(
                "CREATE SCHEMA " + quoted,
                "CREATE TABLE %s (%s int PRIMARY KEY, %s text DEFAULT 'x', n int)"
                        .formatted(table, quoted, '"' + other(name) + '"'));
        Reading reading = source.read(source.publish(table));
        source.run(
                "INSERT INTO " + table + " VALUES (1, 'a', 2)",
                "UPDATE " + table + " SET " + quoted + " = 5",
                "TRUNCATE " + table);
        RowChange.Insert insert = reading.transaction().only(RowChange.Insert.class);
        assertThat(insert.table().table()).isEqualTo(new TableId(name, name));
        assertThat(insert.table().columns())
                .extracting(Column::name)
                .containsExactly(name, other(name), "n");
        assertThat(insert.table().keyNames()).containsExactly(name);
        assertThat(insert.after()).isEqualTo(Row.of(1L, "a", 2L));
        assertThat(reading.transaction().only(Update.class).after()).isEqualTo(Row.of(5L, "a", 2L));
        assertThat(reading.transaction().only(Truncate.class).tables())
                .extracting(t -> t.table())
                .containsExactly(new TableId(name, name));
    }

    private static String other(String name) {
        return name.length() < 60 ? name.replace("\"", "") + " 2" : "other";
    }

    @Test
    void tablesWhoseNamesAreLikeEachOtherAreKeptApart() {
        source.run(
                "CREATE TABLE a_b (id int PRIMARY KEY, x int)",
                "CREATE TABLE \"a%b\" (id int PRIMARY KEY, y text)",
                "CREATE TABLE axb (id int PRIMARY KEY, z bool)",
                "CREATE TABLE \"A_B\" (id int PRIMARY KEY, w text)",
                "CREATE TABLE \"a.b\" (id int PRIMARY KEY, v text)",
                "CREATE TABLE \"a b\" (id int PRIMARY KEY, u text)",
                "CREATE TABLE \"a,b\" (id int PRIMARY KEY, t text)");
        Reading reading =
                source.read(
                        source.publish("a_b, \"a%b\", axb, \"A_B\", \"a.b\", \"a b\", \"a,b\""));
        source.run(
                "BEGIN; INSERT INTO a_b VALUES (1, 1); INSERT INTO \"a%b\" VALUES (1, 'y');"
                        + " INSERT INTO axb VALUES (1, true); INSERT INTO \"A_B\" VALUES (1, 'w');"
                        + " INSERT INTO \"a.b\" VALUES (1, 'v'); INSERT INTO \"a b\" VALUES (1, 'u');"
                        + " INSERT INTO \"a,b\" VALUES (1, 't'); COMMIT");
        List<Change> changes = reading.transaction().changes();
        assertThat(changes)
                .extracting(change -> ((RowChange) change).table().table().name())
                .containsExactly("a_b", "a%b", "axb", "A_B", "a.b", "a b", "a,b");
        assertThat(changes)
                .extracting(change -> ((RowChange) change).table().columns().get(1).name())
                .containsExactly("x", "y", "z", "w", "v", "u", "t");
        assertThat(changes)
                .extracting(change -> ((RowChange.Insert) change).after().get(1))
                .containsExactly(1L, "y", true, "w", "v", "u", "t");
    }

    @Test
    void aColumnInQuotesOfItsOwnIsKnownByTheCatalog() {
        source.run("CREATE TABLE t (\"'id'\" int PRIMARY KEY, \"\"\"q\"\"\" text, \"`b`\" text)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1, 'x', 'y')");
        RowChange.Insert insert = reading.transaction().only(RowChange.Insert.class);
        assertThat(insert.table().columns())
                .extracting(Column::name)
                .containsExactly("'id'", "\"q\"", "`b`");
        assertThat(insert.after()).isEqualTo(Row.of(1L, "x", "y"));
    }

    @Test
    void aTableThatDebeziumCannotNameStopsTheSourceAndIsNotLeftOut() {
        source.run("CREATE TABLE \"\"\"t\"\"\" (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("\"\"\"t\"\"\""));
        source.run("INSERT INTO \"\"\"t\"\"\" VALUES (1)");
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(reading.pieces).isEmpty();
    }

    @Test
    void tablesThatAreNotReplicatedDoNotMatter() {
        source.run(
                "CREATE TABLE odd (id int, \"A\" text, a text)",
                "CREATE TABLE t (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO odd VALUES (1)", "INSERT INTO t VALUES (1)");
        assertThat(reading.transaction().changes()).hasSize(1);
    }

    @Test
    void columnsThatDifferByCaseAloneStopTheSource() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, \"A\" text, a text)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1, 'x', 'y')");
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(reading.failure()).hasMessageContaining("differ only by case");
    }
}
