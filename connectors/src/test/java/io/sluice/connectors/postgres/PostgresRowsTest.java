package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresRowsTest {

    /** A column type, how its values travel, and values that are hard to keep. */
    private record Sample(String type, Object... values) {}

    private static final List<Sample> SAMPLES =
            List.of(
                    new Sample("boolean", true, false),
                    new Sample("smallint", -32768L, 32767L),
                    new Sample("integer", -2147483648L, 2147483647L),
                    new Sample("bigint", Long.MIN_VALUE, Long.MAX_VALUE),
                    new Sample("oid", 0L, 4294967295L),
                    new Sample("real", Float.NaN, Float.NEGATIVE_INFINITY, 1.1f, -0.0f, 1e-45f),
                    new Sample(
                            "double precision", Double.NaN, Double.POSITIVE_INFINITY, 0.1d, 5e-324),
                    new Sample("bytea", new byte[0], new byte[] {0, -1, 92, 39}),
                    new Sample(
                            "numeric",
                            "NaN",
                            "Infinity",
                            "-Infinity",
                            "1.500",
                            "100000000000000000000",
                            "0.00000000000000000001"),
                    new Sample("numeric(12,2)", "1.50", "-9999999999.99"),
                    new Sample("money", "$1,234.50", "-$0.01"),
                    new Sample(
                            "text",
                            "",
                            "plain",
                            "tab\tnew\nline\\N back\\slash",
                            "ünïcødé 名 🎈",
                            "\\N",
                            "NULL",
                            "{}",
                            "'; DROP TABLE t; --"),
                    new Sample("varchar(5)", "12345", "名名名名名"),
                    new Sample("char(4)", "a   ", "    "),
                    new Sample("\"char\"", "x", ""),
                    new Sample("name", "a name"),
                    new Sample(
                            "date",
                            "infinity",
                            "-infinity",
                            "4713-01-01 BC",
                            "0044-03-15 BC",
                            "2024-02-29",
                            "5874897-12-31"),
                    new Sample("time", "24:00:00", "00:00:00", "12:34:56.789012"),
                    new Sample("timetz", "12:34:56.789+05:30", "24:00:00-15:59"),
                    new Sample(
                            "timestamp",
                            "infinity",
                            "-infinity",
                            "0044-03-15 12:00:00 BC",
                            "294276-12-31 23:59:59.999999"),
                    new Sample(
                            "timestamptz",
                            "infinity",
                            "2024-01-01 00:00:00.000001+00",
                            "0044-03-15 12:00:00+00 BC"),
                    new Sample(
                            "interval",
                            "1 year 2 mons 3 days 04:05:06.789",
                            "-00:00:01",
                            "178000000 years",
                            "1 mon -30 days"),
                    new Sample("json", "{\"a\":  1, \"a\": 2}", "null", "\"x\""),
                    new Sample("jsonb", "{\"a\": [1, 2, null]}", "null", "12345678901234567890.5"),
                    new Sample("jsonpath", "$.\"a\"[*]"),
                    new Sample("xml", "<a>1</a><b/>"),
                    new Sample("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
                    new Sample("inet", "192.168.0.1/24", "::1"),
                    new Sample("cidr", "10.0.0.0/8"),
                    new Sample("macaddr", "08:00:2b:01:02:03"),
                    new Sample("bit(3)", "101"),
                    new Sample("bit varying(9)", "", "10101"),
                    new Sample("point", "(1.5,-2)"),
                    new Sample("polygon", "((0,0),(1,1),(1,0))"),
                    new Sample("circle", "<(1,2),3>"),
                    new Sample("tsvector", "'a':1A 'fat':2"),
                    new Sample("tsquery", "'fat' & 'rat':AB"),
                    new Sample("int4range", "empty", "[1,)", "(,5)"),
                    new Sample(
                            "tstzmultirange",
                            "{[\"2024-01-01 00:00:00+00\",\"2024-01-02 00:00:00+00\")}"),
                    new Sample("pg_lsn", "16/B374D848"),
                    new Sample(
                            "text[]", "{}", "{a,NULL,\"NULL\",\"\",\"x,y\\\"z\"}", "[0:1]={a,b}"),
                    new Sample("integer[]", "{{1,2},{3,NULL}}", "[-1:0][2:3]={{1,2},{3,4}}"),
                    new Sample("money[]", "{$1.00,\"$1,000.00\"}"),
                    new Sample("bytea[]", "{\"\\\\x00ff\"}"),
                    new Sample("app.mood", "sad", "it's"),
                    new Sample("app.mood[]", "{sad,it's}"),
                    new Sample("app.pair", "(1,\"a \"\"b\"\"\")", "(,)"),
                    new Sample("app.pair[]", "{\"(1,x)\",NULL}"),
                    new Sample("app.short", "12345"),
                    new Sample("app.short[]", "{abc,12345}"),
                    new Sample("app.yes", true),
                    new Sample("app.blob", new byte[] {1, 2}));

    private Database database;
    private TargetSession session;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run(
                "CREATE SCHEMA app",
                "CREATE TYPE app.mood AS ENUM ('sad', 'it''s')",
                "CREATE TYPE app.pair AS (a int, b text)",
                "CREATE DOMAIN app.short AS varchar(5)",
                "CREATE DOMAIN app.yes AS boolean CHECK (VALUE)",
                "CREATE DOMAIN app.blob AS bytea");
        session = database.session();
    }

    @AfterEach
    void close() {
        session.close();
        database.close();
    }

    @Test
    void everyTypeIsWrittenExactlyByEveryStatement() {
        for (int i = 0; i < SAMPLES.size(); i++) {
            Sample sample = SAMPLES.get(i);
            String table = "t" + i;
            database.run(
                    "CREATE TABLE "
                            + table
                            + " (id int PRIMARY KEY, v "
                            + sample.type()
                            + ", w "
                            + sample.type()
                            + ")",
                    "CREATE TABLE bare_"
                            + table
                            + " (v "
                            + sample.type()
                            + ", w "
                            + sample.type()
                            + ")");
            inserts(sample, table);
            updates(sample, table);
            findsWithoutKey(sample, "bare_" + table);
        }
    }

    private void inserts(Sample sample, String table) {
        TableSchema schema = database.schema(table);
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of(0L, null, null));
        for (Object value : sample.values()) {
            rows.add(Row.of((long) rows.size(), value, null));
        }
        assertThat(session.execute(new InsertRows(schema, rows)))
                .as(sample.type())
                .isEqualTo(rows.size());
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(text(table, "v")).as(sample.type()).isEqualTo(expected(sample));
    }

    private void updates(Sample sample, String table) {
        TableSchema schema = database.schema(table);
        List<Row> before = new ArrayList<>();
        List<Row> after = new ArrayList<>();
        before.add(Row.of(0L, Row.NOT_SENT, Row.NOT_SENT));
        after.add(Row.of(0L, Row.NOT_SENT, null));
        for (Object value : sample.values()) {
            long id = before.size();
            before.add(Row.of(id, Row.NOT_SENT, Row.NOT_SENT));
            after.add(Row.of(id, Row.NOT_SENT, value));
        }
        assertThat(session.execute(new UpdateRows(schema, List.of(0, 2), before, after)))
                .as(sample.type())
                .isEqualTo(before.size());
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(text(table, "w")).as(sample.type()).isEqualTo(expected(sample));
        assertThat(text(table, "v")).as(sample.type()).isEqualTo(expected(sample));
    }

    private void findsWithoutKey(Sample sample, String table) {
        TableSchema schema = database.schema(table);
        List<Row> rows = new ArrayList<>();
        List<Row> changed = new ArrayList<>();
        for (Object value : sample.values()) {
            rows.add(Row.of(value, null));
            rows.add(Row.of(value, null));
            changed.add(Row.of(value, value));
        }
        List<Row> once = changed.stream().map(row -> Row.of(row.get(0), null)).toList();
        session.execute(new InsertRows(schema, rows));
        assertThat(session.execute(new UpdateRows(schema, List.of(1), once, changed)))
                .as(sample.type())
                .isEqualTo(once.size());
        assertThat(session.execute(new DeleteRows(schema, once)))
                .as(sample.type())
                .isEqualTo(once.size());
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT count(*), count(w) FROM " + table))
                .as(sample.type())
                .containsExactly(once.size() + "|" + once.size());
    }

    /** What the server prints of the values when it reads them as constants. */
    private List<String> expected(Sample sample) {
        List<String> expected = new ArrayList<>();
        expected.add("∅");
        for (Object value : sample.values()) {
            String constant =
                    value instanceof byte[] bytes
                            ? "'\\x" + java.util.HexFormat.of().formatHex(bytes) + "'"
                            : "'" + value.toString().replace("'", "''") + "'";
            expected.add(
                    database.one(
                            "SELECT format('%%s', %s::%s)".formatted(constant, sample.type())));
        }
        return expected;
    }

    private List<String> text(String table, String column) {
        return database.rows(
                "SELECT CASE WHEN %1$s ::text IS NULL THEN '∅' ELSE format('%%s', %1$s) END FROM %2$s ORDER BY id"
                        .formatted(column, table));
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
    void tablesThatReferToEachOtherAreEmptiedTogether() {
        database.run(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE b (id int PRIMARY KEY REFERENCES a)",
                "INSERT INTO a VALUES (1)",
                "INSERT INTO b VALUES (1)");

        session.execute(
                new TruncateTables(
                        List.of(new TableId("public", "a"), new TableId("public", "b"))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT 1 FROM a UNION ALL SELECT 1 FROM b")).isEmpty();
    }

    @Test
    void emptyingATableLeavesThoseThatInheritFromItAndTakesItsPartitions() {
        database.run(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (extra int) INHERITS (parent)",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (2, 2)",
                "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10)",
                "INSERT INTO whole VALUES (3)");

        session.execute(
                new TruncateTables(
                        List.of(new TableId("public", "parent"), new TableId("public", "whole"))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(database.rows("SELECT id FROM ONLY parent")).isEmpty();
        assertThat(database.rows("SELECT id, extra FROM child")).containsExactly("2|2");
        assertThat(database.rows("SELECT id FROM whole")).isEmpty();
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

    @Test
    void linesOfACopyAreTakenAsTheyAre() {
        database.run(
                "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, twice int GENERATED ALWAYS AS (id * 2) STORED)");
        long copied;
        TableSchema schema =
                new TableSchema(
                        new TableId("public", "t"),
                        List.of(
                                new io.sluice.change.Column("v", io.sluice.change.LogicalType.TEXT),
                                new io.sluice.change.Column(
                                        "id", io.sluice.change.LogicalType.INTEGER)),
                        List.of(1));
        try (TargetSession.CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
            for (int i = 0; i < 10_000; i++) {
                copy.write(("v" + i + "\\t\t" + i + "\n").getBytes(StandardCharsets.UTF_8));
            }
            copy.write(("\\N\t10000\n").getBytes(StandardCharsets.UTF_8));
            copy.write(("x".repeat(200_000) + "\t10001\n").getBytes(StandardCharsets.UTF_8));
            copied = copy.finish();
        }
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(copied).isEqualTo(10_002);
        assertThat(database.rows("SELECT count(*), count(v), max(length(v)), max(twice) FROM t"))
                .containsExactly("10002|10001|200000|20002");
        assertThat(session.hasRows(new TableId("public", "t"))).isTrue();
    }

    @Test
    void aCopyThatIsNotFinishedLeavesNothing() {
        database.run("CREATE TABLE t (id int PRIMARY KEY)");
        TableId table = new TableId("public", "t");
        TableSchema schema = database.schema("t");
        try (TargetSession.CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
            copy.write("1\n".getBytes(StandardCharsets.UTF_8));
        }
        session.rollback();
        assertThat(session.hasRows(table)).isFalse();

        assertThatThrownBy(
                        () -> {
                            try (TargetSession.CopyWriter copy =
                                    session.copyInto(schema, CopyFormat.TEXT)) {
                                copy.write("secret\n".getBytes(StandardCharsets.UTF_8));
                                copy.finish();
                            }
                        })
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.ROW, ConnectorException::errorClass)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("public.t")
                .doesNotContain("secret");
    }
}
