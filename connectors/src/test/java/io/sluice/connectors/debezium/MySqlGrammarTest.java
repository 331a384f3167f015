package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.BinlogPosition;
import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.RowChange;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements that the server accepts, and that Debezium's grammar does not have. */
class MySqlGrammarTest {

    private static final String ITEM =
            "CREATE TABLE item (id int PRIMARY KEY, a varchar(40), b int, j json%s)";

    private MySqlFixture source;

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    private Reading reading(String more) {
        source = MySqlFixture.shared(true);
        source.run(ITEM.formatted(more), "CREATE TABLE other (id int PRIMARY KEY, a int)");
        return source.read(source.publish("item"));
    }

    /** Of the next transaction that changes rows. */
    private static List<String> columns(Reading reading) {
        while (true) {
            List<Change> changes = reading.transaction().changes();
            if (!changes.isEmpty()) {
                RowChange row = (RowChange) changes.getFirst();
                return row.table().columns().stream().map(Column::name).toList();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ", KEY ((json_value(j, '$.id' RETURNING UNSIGNED)))",
                ", KEY k (a, (json_value(j, '$.id' RETURNING CHAR(20))) DESC), KEY l (b)",
                ", c int DEFAULT (json_value('[1]', '$[0]' RETURNING SIGNED))",
                ", CHECK (json_value(j, '$.id' RETURNING SIGNED) > 0), c varchar(9) COMMENT 'AS (x'",
                ", g float AS (cast(b AS float(24))), h int AS (json_value(j, '$.a' RETURNING SIGNED))"
            })
    void aTableIsReadWhateverItsExpressionsAre(String more) {
        Reading reading = reading(more);
        source.run("INSERT INTO item (id, a, b) VALUES (1, 'a', 2)");
        assertThat(columns(reading)).startsWith("id", "a", "b", "j").doesNotContain("k", "l");
        assertThat(columnsOfCatalog()).containsAll(List.of("id", "a", "b", "j"));
    }

    private List<String> columnsOfCatalog() {
        String names =
                source.ask(
                        "SELECT group_concat(column_name ORDER BY ordinal_position) FROM"
                                + " information_schema.columns WHERE table_name = 'item' AND"
                                + " generation_expression = '' AND table_schema = database()");
        return List.of(names.split(","));
    }

    /** Words of the server's that its own grammar lets stand for a name without quotes. */
    @Test
    void columnsAreReadUnderEveryNameThatTheServerTakes() {
        Reading reading = reading("");
        List<String> statements =
                List.of(
                        "ALTER TABLE item ADD COLUMN url varchar(99), ADD KEY url (url)",
                        "ALTER TABLE item ADD auto int, ADD (manual int, parallel int)",
                        "ALTER TABLE item ADD COLUMN vector vector(3) AFTER auto",
                        "ALTER TABLE item CHANGE COLUMN vector engine_attribute vector(3) FIRST",
                        "ALTER TABLE item RENAME COLUMN manual TO vector, ALGORITHM = INPLACE",
                        "ALTER TABLE item CHANGE url vector2 varchar(99) COMMENT 'url, (auto'",
                        "ALTER TABLE item DROP COLUMN parallel, MODIFY auto bigint",
                        "ALTER TABLE item ADD f float AS (cast(b AS float(24))), ADD c int"
                                + " DEFAULT (json_value('[1]', '$[0]' RETURNING SIGNED)) FIRST",
                        "ALTER TABLE item ADD KEY n ((json_value(j, '$.id' RETURNING UNSIGNED)))");
        BinlogPosition from = source.now();
        List<List<String>> expected = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            source.run(statements.get(i), "INSERT INTO item (id) VALUES (%d)".formatted(i));
            expected.add(columnsOfCatalog());
        }
        for (List<String> columns : expected) {
            assertThat(columns(reading)).isEqualTo(columns);
        }
        reading.source.close();
        assertThat(source.history.records).hasSizeGreaterThan(statements.size());
        Reading again = source.read(from);
        for (List<String> columns : expected) {
            assertThat(columns(again)).as("out of the history").isEqualTo(columns);
        }
        again.source.close();
        Reading late = source.read(source.now());
        source.run("INSERT INTO item (id) VALUES (100)");
        assertThat(columns(late)).isEqualTo(expected.getLast());
    }

    /** The log does not say that double quotes are those of names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE \"item\" ADD COLUMN \"x\" int | ALTER TABLE \"ITEM\" ADD COLUMN",
                "ALTER TABLE item RENAME COLUMN a TO \"x\" | ALTER TABLE ITEM RENAME COLUMN A",
            })
    void aStatementOnAReplicatedTableThatIsNotUnderstoodStopsTheReader(
            String statement, String named) {
        Reading reading = reading("");
        source.run("SET SESSION sql_mode = 'ANSI_QUOTES'", statement);
        source.run("INSERT INTO item (id) VALUES (1)");
        ConnectorException failure = reading.failure();
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure)
                .hasMessageContaining("not understood: " + named)
                .hasMessageContaining("Copy again");
        assertThat(reading.pieces).isEmpty();
        assertThat(source.history.records).noneMatch(record -> record.contains("ADD COLUMN"));
        source.run("SET SESSION sql_mode = DEFAULT");
    }

    @Test
    void whatIsNotUnderstoodOfOtherThingsDoesNotMatter() {
        Reading reading = reading("");
        source.run(
                "SET SESSION sql_mode = 'ANSI_QUOTES'",
                "ALTER TABLE \"other\" ADD COLUMN \"x\" int",
                "CREATE TABLE \"third\" (\"id\" int PRIMARY KEY)",
                "SET SESSION sql_mode = DEFAULT",
                "CREATE JSON RELATIONAL DUALITY VIEW view_of AS"
                        + " SELECT JSON_DUALITY_OBJECT('_id': id, 'a': a) FROM item",
                "CREATE LIBRARY library_of LANGUAGE JAVASCRIPT AS"
                        + " $$ export function item(n) { return n } $$",
                "INSERT INTO item (id) VALUES (1)");
        assertThat(columns(reading)).containsExactly("id", "a", "b", "j");
    }

    @Test
    void aDefinitionThatIsNotUnderstoodAtTheStartIsSaidSo() {
        reading("").source.close();
        BinlogPosition from = source.now();
        List<String> records = source.history.records();
        source.history.replace(
                records.stream().map(text -> text.replace("CREATE TABLE", "MAKE TABLE")).toList());
        ConnectorException failure = null;
        try {
            failure = source.read(from).failure();
        } catch (ConnectorException e) {
            failure = e;
        }
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure)
                .hasMessageContaining("the definition of a table is not understood: MAKE TABLE")
                .hasMessageContaining("copy again");
    }
}
