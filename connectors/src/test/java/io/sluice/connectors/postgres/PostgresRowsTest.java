package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresRowsTest {

    private Database database;
    private TargetSession session;

    @BeforeEach
    void open() {
        database = Database.create();
        session = database.session();
    }

    @AfterEach
    void close() {
        session.close();
        database.close();
    }

    @Test
    void countsAreExact() {
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        TableSchema schema = database.schema("t");

        assertThat(
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(1),
                                        List.of(Row.of(1L, null), Row.of(9L, null)),
                                        List.of(Row.of(1L, "x"), Row.of(9L, "y")))))
                .isEqualTo(1);
        assertThat(
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(),
                                        List.of(Row.of(2L, null), Row.of(9L, null)),
                                        List.of(
                                                Row.of(2L, Row.NOT_SENT),
                                                Row.of(9L, Row.NOT_SENT)))))
                .isEqualTo(1);
        assertThat(
                        session.execute(
                                new DeleteRows(
                                        schema,
                                        List.of(
                                                Row.of(2L, null),
                                                Row.of(3L, null),
                                                Row.of(9L, null)))))
                .isEqualTo(2);
        assertThat(session.execute(new InsertRows(schema, List.of()))).isZero();
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT * FROM t")).containsExactly("1|x");
    }

    @Test
    void aKeyMayChangeAndHaveSeveralColumns() {
        database.run(
                "CREATE TABLE t (a int, v text, b text, PRIMARY KEY (b, a))",
                "INSERT INTO t VALUES (1, 'one', 'x'), (2, 'two', 'x'), (3, 'three', 'y')");
        TableSchema schema = database.schema("t");

        assertThat(
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(0, 2),
                                        List.of(
                                                Row.of(1L, Row.NOT_SENT, "x"),
                                                Row.of(2L, Row.NOT_SENT, "x")),
                                        List.of(
                                                Row.of(10L, Row.NOT_SENT, "z"),
                                                Row.of(20L, Row.NOT_SENT, "z")))))
                .isEqualTo(2);
        assertThat(
                        session.execute(
                                new DeleteRows(
                                        schema,
                                        List.of(
                                                Row.of(20L, Row.NOT_SENT, "z"),
                                                Row.of(3L, Row.NOT_SENT, "x")))))
                .isEqualTo(1);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT * FROM t ORDER BY a"))
                .containsExactly("3|three|y", "10|one|z");
    }

    @Test
    void hostileNamesAreOnlyNames() {
        database.run(
                "CREATE SCHEMA \"a;drop\"",
                "CREATE TABLE \"a;drop\".\"t\"\" ?{fn} $1\" (\"select\" int, \"?\" text, \"a\"\"b\" text, \"{d}\" text, PRIMARY KEY (\"select\", \"?\"))",
                "CREATE TABLE \"a;drop\".\"bare;\" (\"?\" json, \"$1\" text)");
        TableSchema schema = database.definition("a;drop", "t\" ?{fn} $1").schema();
        TableSchema bare = database.definition("a;drop", "bare;").schema();

        session.execute(
                new InsertRows(
                        schema, List.of(Row.of(1L, "k", "v", "w"), Row.of(2L, "k", "v", "w"))));
        session.execute(
                new UpdateRows(
                        schema,
                        List.of(2, 3),
                        List.of(Row.of(1L, "k", null, null)),
                        List.of(Row.of(1L, "k", "V", "W"))));
        session.execute(new DeleteRows(schema, List.of(Row.of(2L, "k", null, null))));
        session.execute(new InsertRows(bare, List.of(Row.of("{}", "x"), Row.of("[]", "x"))));
        assertThat(
                        session.execute(
                                new UpdateRows(
                                        bare,
                                        List.of(1),
                                        List.of(Row.of("{}", "x")),
                                        List.of(Row.of("{}", "y")))))
                .isEqualTo(1);
        assertThat(session.execute(new DeleteRows(bare, List.of(Row.of("[]", "x"))))).isEqualTo(1);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(database.rows("SELECT * FROM \"a;drop\".\"t\"\" ?{fn} $1\""))
                .containsExactly("1|k|V|W");
        assertThat(database.rows("SELECT * FROM \"a;drop\".\"bare;\"")).containsExactly("{}|y");
        session.execute(new TruncateTables(List.of(schema.table(), bare.table())));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT * FROM \"a;drop\".\"bare;\"")).isEmpty();
    }

    @Test
    void ofEqualRowsWithoutKeyEachChangeTakesOne() {
        database.run(
                "CREATE TABLE t (a int, b json) PARTITION BY RANGE (a)",
                "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20)");
        TableSchema schema = database.schema("t");
        Row row = Row.of(1L, "{}");
        session.execute(
                new InsertRows(
                        schema, List.of(row, row, row, Row.of(11L, "{}"), Row.of(12L, null))));

        assertThat(
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(0, 1),
                                        List.of(row),
                                        List.of(Row.of(15L, "[]")))))
                .isEqualTo(1);
        assertThat(session.execute(new DeleteRows(schema, List.of(row)))).isEqualTo(1);
        assertThat(session.execute(new DeleteRows(schema, List.of(Row.of(12L, null)))))
                .isEqualTo(1);
        assertThat(session.execute(new DeleteRows(schema, List.of(Row.of(12L, null))))).isZero();
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(database.rows("SELECT * FROM t ORDER BY a"))
                .containsExactly("1|{}", "11|{}", "15|[]");
    }

    @Test
    void aRowThatIsRefusedIsNamedAndItsValuesAreNotInTheMessage() {
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(3), n int CONSTRAINT positive CHECK (n > 0))",
                "INSERT INTO t VALUES (5, 'abc', 1)");
        TableSchema schema = database.schema("t");
        session.savepoint();

        assertRefused(schema, Row.of(5L, "x", 1L), "23505", "t_pkey");
        assertRefused(schema, Row.of(6L, "secret", 1L), "22001", "too long");
        assertRefused(schema, Row.of(7L, "x", -77L), "23514", "positive");
        assertRefused(schema, Row.of(8L, "x", 1L << 40), "22003", "range");
        assertThatThrownBy(
                        () ->
                                session.execute(
                                        new InsertRows(
                                                schema,
                                                List.of(Row.of(6L, "x", 1L), Row.of(5L, "x", 1L)))))
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.ROW, ConnectorException::errorClass)
                .isNotInstanceOf(RowRefusedException.class);
    }

    private void assertRefused(TableSchema schema, Row row, String state, String said) {
        assertThatThrownBy(() -> session.execute(new InsertRows(schema, List.of(row))))
                .asInstanceOf(type(RowRefusedException.class))
                .returns(ErrorClass.ROW, ConnectorException::errorClass)
                .returns(new TableId("public", "t"), RowRefusedException::table)
                .returns("id=" + row.get(0), RowRefusedException::key)
                .satisfies(
                        refused ->
                                assertThat(refused)
                                        .hasMessageContaining("public.t")
                                        .hasMessageContaining(state)
                                        .hasMessageContaining(said)
                                        .hasMessageNotContaining("secret")
                                        .hasStackTraceContaining("PostgresRowsTest"));
        session.rollbackToSavepoint();
    }

    @Test
    void manyAndLargeRowsGoInSeveralStatements() {
        database.run("CREATE TABLE t (id bigint PRIMARY KEY, v text)");
        TableSchema schema = database.schema("t");
        List<Row> rows = LongStream.range(0, 25_000).mapToObj(id -> Row.of(id, "v" + id)).toList();
        String large = "x".repeat(3 << 20);
        List<Row> larger = LongStream.range(0, 8).mapToObj(id -> Row.of(-1 - id, large)).toList();

        assertThat(session.execute(new InsertRows(schema, rows))).isEqualTo(25_000);
        assertThat(session.execute(new InsertRows(schema, larger))).isEqualTo(8);
        assertThat(session.execute(new UpdateRows(schema, List.of(1), rows, rows)))
                .isEqualTo(25_000);
        assertThat(session.execute(new DeleteRows(schema, rows))).isEqualTo(25_000);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT count(*), min(length(v)) FROM t"))
                .containsExactly("8|" + (3 << 20));
    }

    @Test
    void aRowOfAHundredMegabytesIsWritten() {
        database.run("CREATE TABLE t (id int PRIMARY KEY, b bytea)");
        TableSchema schema = database.schema("t");
        byte[] bytes = new byte[100 << 20];
        bytes[bytes.length - 1] = 7;

        assertThat(session.execute(new InsertRows(schema, List.of(Row.of(1L, bytes)))))
                .isEqualTo(1);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT length(b), get_byte(b, length(b) - 1) FROM t"))
                .containsExactly((100 << 20) + "|7");
    }

    @Test
    void wideAndEmptyTablesAreWritten() {
        StringBuilder columns = new StringBuilder("id int PRIMARY KEY");
        for (int i = 1; i < 1500; i++) {
            columns.append(", c").append(i).append(" int");
        }
        database.run("CREATE TABLE wide (" + columns + ")", "CREATE TABLE none ()");
        TableSchema wide = database.schema("wide");
        Object[] values = new Object[1500];
        java.util.Arrays.setAll(values, i -> (long) i);

        assertThat(session.execute(new InsertRows(wide, List.of(Row.of(values.clone())))))
                .isEqualTo(1);
        assertThat(
                        session.execute(
                                new InsertRows(
                                        database.schema("none"), List.of(Row.of(), Row.of()))))
                .isEqualTo(2);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT c1, c1499 FROM wide")).containsExactly("1|1499");
        assertThat(database.rows("SELECT count(*) FROM none")).containsExactly("2");
    }

    @Test
    void identityGeneratedAndWidenedColumnsAreWritten() {
        database.run(
                "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n numeric, twice numeric GENERATED ALWAYS AS (n * 2) STORED)");
        TableSchema schema = database.schema("t");
        TableSchema narrow =
                new TableSchema(
                        schema.table(),
                        List.of(
                                schema.columns().getFirst(),
                                new io.sluice.change.Column(
                                        "n", io.sluice.change.LogicalType.INTEGER)),
                        List.of(0));

        session.execute(new InsertRows(narrow, List.of(Row.of(7L, 3L), Row.of(8L, 4L))));
        session.execute(
                new UpdateRows(
                        schema, List.of(1), List.of(Row.of(7L, null)), List.of(Row.of(7L, "1.5"))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT * FROM t ORDER BY id"))
                .containsExactly("7|1.5|3.0", "8|4|8");
    }

    @Test
    void aKeyOfAnExtensionsTypeUsesItsIndex() {
        database.run(
                "CREATE EXTENSION ltree",
                "CREATE EXTENSION citext",
                "CREATE TABLE t (k ltree, c citext, v int, PRIMARY KEY (k, c))");
        TableSchema schema = database.schema("t");

        session.execute(
                new InsertRows(schema, List.of(Row.of("a.b", "X", 1L), Row.of("a.c", "Y", 1L))));
        assertThat(
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(2),
                                        List.of(Row.of("a.b", "X", null)),
                                        List.of(Row.of("a.b", "X", 2L)))))
                .isEqualTo(1);
        assertThat(session.execute(new DeleteRows(schema, List.of(Row.of("a.c", "Y", null)))))
                .isEqualTo(1);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT * FROM t")).containsExactly("a.b|X|2");
    }

    @Test
    void aTableThatChangedMeanwhileStopsTheSessionAndTheNextSeesIt() {
        database.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
        TableSchema schema = database.schema("t");
        session.execute(new InsertRows(schema, List.of(Row.of(1L, 1L))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        database.run("ALTER TABLE t RENAME COLUMN v TO w", "ALTER TABLE t ADD COLUMN x text");

        assertThatThrownBy(() -> session.execute(new InsertRows(schema, List.of(Row.of(2L, 1L)))))
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.FATAL, ConnectorException::errorClass);
        session.rollback();
        TableSchema changed = database.schema("t");
        assertThat(session.execute(new InsertRows(changed, List.of(Row.of(2L, 1L, "x")))))
                .isEqualTo(1);
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
    }
}
