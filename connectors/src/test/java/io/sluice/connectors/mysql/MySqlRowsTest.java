package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MySqlRowsTest {

    private static final String TYPES =
            """
            CREATE TABLE v (id int PRIMARY KEY, flag tinyint(1), small tinyint unsigned,
              big bigint unsigned, amount decimal(40,10), f float, d double, b bit(12),
              name varchar(50), code char(5), body longtext, raw varbinary(20), fixed binary(4),
              day date, at time(3), moment datetime(6), stamp timestamp(6) NULL, y year, doc json,
              mood enum('sad','it''s ok'), tags set('a','b','c'), place geometry)""";

    private TargetFixture db;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
    }

    @AfterEach
    void close() {
        db.close();
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static Row whole() {
        return row(
                1L,
                1L,
                255L,
                "18446744073709551615",
                "123456789012345678901234567890.0123456789",
                1.1f,
                4.9e-324,
                "101000000001",
                "a'\\\"\0\n\r\t\u000b\f\b☂𝄞",
                "ab",
                "line\\N one\ttwo",
                bytes("00ff5c27"),
                bytes("01020000"),
                "0000-00-00",
                "-838:59:59.000",
                "2024-02-29 23:59:59.123456",
                "2024-02-29 23:59:59.500000+00",
                1999L,
                "{\"a\": [1, -1.5, 1e300, \"x\\\"1.23456789012345678901\"], \"b\": 18446744073709551615}",
                "it's ok",
                "a,c",
                bytes("e6100000010100000000000000000000000000000000000000"));
    }

    private static final String SHOWN =
            "SELECT id, flag, small, big, amount, CAST(f + 0e0 AS CHAR),"
                    + " CAST(d AS CHAR), bin(b),"
                    + " hex(name), code, hex(body), hex(raw), hex(fixed),"
                    + " CAST(day AS CHAR), CAST(at AS CHAR), moment, stamp,"
                    + " y + 0, doc, mood, tags, hex(place) FROM v ORDER BY id";

    private static final String EXPECTED =
            "1|1|255|18446744073709551615|123456789012345678901234567890.0123456789|1.100000023841858|5e-324|"
                    + "101000000001|61275C22000A0D090B0C08E29882F09D849E|ab|"
                    + "6C696E655C4E206F6E650974776F|00FF5C27|01020000|0000-00-00|-838:59:59.000|"
                    + "2024-02-29 23:59:59.123456|2024-02-29 23:59:59.500000|1999|"
                    + "{\"a\": [1, -1.5, 1e300, \"x\\\"1.23456789012345678901\"], \"b\":"
                    + " 18446744073709551615}|it's ok|a,c|"
                    + "E6100000010100000000000000000000000000000000000000";

    @Test
    void everyTypeArrivesAsItIs() {
        db.run(TYPES);
        TableSchema schema = db.schema("v");
        carryOut(new InsertRows(schema, List.of(whole(), nulls(schema, 2))));
        List<String> shown = db.rows(SHOWN);
        assertThat(shown.getFirst()).isEqualTo(EXPECTED);
        assertThat(shown.get(1)).isEqualTo("2" + "|∅".repeat(21));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ON", "OFF"})
    void everyTypeIsCopiedAsItIs(String loading) {
        db.run(TYPES, "SET GLOBAL local_infile = " + loading);
        TableSchema schema = db.schema("v");
        String line =
                String.join(
                        "\t",
                        "1",
                        "1",
                        "255",
                        "18446744073709551615",
                        "123456789012345678901234567890.0123456789",
                        "1.1",
                        "4.9e-324",
                        "101000000001",
                        "a'\\\\\"\0\\n\\r\\t\\v\\f\\b☂𝄞",
                        "ab",
                        "line\\\\N one\\ttwo",
                        "\\\\x00ff5c27",
                        "\\\\x01020000",
                        "0000-00-00",
                        "-838:59:59.000",
                        "2024-02-29 23:59:59.123456",
                        "2024-02-29 23:59:59.500000+00",
                        "1999",
                        "{\"a\": [1, -1.5, 1e300, \"x\\\\\"1.23456789012345678901\"], \"b\":"
                                + " 18446744073709551615}",
                        "it's ok",
                        "a,c",
                        "\\\\xe6100000010100000000000000000000000000000000000000");
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            try (CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
                copy.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                copy.write(("2" + "\t\\N".repeat(21) + "\n").getBytes(StandardCharsets.UTF_8));
                assertThat(copy.finish()).isEqualTo(2);
            }
            session.commit(claim.in(Phase.COPYING));
        }
        List<String> shown = db.rows(SHOWN);
        assertThat(shown).containsExactly(EXPECTED, "2" + "|∅".repeat(21));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = ';',
            value = {
                "decimal(10,2);1.005",
                "decimal(10,2);123456789.00",
                "decimal(10,2);NaN",
                "int;1.5",
                "int;2147483648",
                "time(2);12:00:00.125",
                "datetime;2024-01-01 00:00:00.5",
                "datetime(6);infinity",
                "datetime(6);0044-03-15 00:00:00 BC",
                "date;44-03-15",
                "timestamp;2040-01-01 00:00:00+00",
                "varchar(3);\"abc \"",
                "varchar(3);abcd",
                "tinyint;128",
                "enum('a');b",
                "bit(3);1010",
                "json;{\"a\": 1.23456789012345678901}",
                "json;[123456789012345678901]",
                "json;{",
                "varchar(10) CHARACTER SET latin1;☂"
            })
    void whatTheColumnWouldChangeIsRefused(String type, String value) {
        db.run("CREATE TABLE v (id int PRIMARY KEY, v " + type + ")");
        TableSchema schema = asText(db.schema("v"));
        for (String loading : List.of("ON", "OFF")) {
            db.run("SET GLOBAL local_infile = " + loading);
            refused(
                    session -> {
                        CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT);
                        copy.write(("1\t" + value + "\n").getBytes(StandardCharsets.UTF_8));
                        copy.finish();
                    });
        }
        refused(session -> session.execute(new InsertRows(schema, List.of(row(1L, value)))));
        db.run("INSERT INTO v VALUES (1, NULL)");
        refused(
                session ->
                        session.execute(
                                new UpdateRows(
                                        schema,
                                        List.of(1),
                                        List.of(row(1L, Row.NOT_SENT)),
                                        List.of(row(Row.NOT_SENT, value)))));
        assertThat(db.rows("SELECT v FROM v")).containsExactly("∅");
    }

    @Test
    void notANumberIsRefused() {
        db.run("CREATE TABLE v (id int PRIMARY KEY, f float, d double)");
        TableSchema schema = db.schema("v");
        refused(s -> s.execute(new InsertRows(schema, List.of(row(1L, Float.NaN, 1.0)))));
        refused(
                s ->
                        s.execute(
                                new InsertRows(
                                        schema, List.of(row(1L, 1f, Double.NEGATIVE_INFINITY)))));
        carryOut(
                new InsertRows(
                        schema, List.of(row(1L, -0.0f, -0.0), row(2L, 3.4028235e38f, 1e308))));
        assertThat(db.rows("SELECT f, d FROM v ORDER BY id"))
                .containsExactly("-0.0|-0.0", "3.40282E38|1.0E308");
    }

    @Test
    void refusalsNameTableAndColumnAndNoValue() {
        db.run("CREATE TABLE v (id int PRIMARY KEY, v varchar(3), u varchar(9) UNIQUE)");
        TableSchema schema = db.schema("v");
        carryOut(new InsertRows(schema, List.of(row(1L, "a", "secret"))));
        assertThatThrownBy(() -> carryOut(new InsertRows(schema, List.of(row(2L, "hidden", "x")))))
                .isInstanceOfSatisfying(
                        RowRefusedException.class,
                        e -> {
                            assertThat(e.key()).isEqualTo("id=2");
                            assertThat(e.table()).isEqualTo(db.id("v"));
                        })
                .hasMessageContaining("inserting into " + db.name + ".v")
                .hasMessageContaining("column v")
                .hasMessageNotContaining("hidden");
        assertThatThrownBy(() -> carryOut(new InsertRows(schema, List.of(row(2L, "b", "secret")))))
                .hasMessageMatching(".*, key (v\\.)?u\\).*")
                .hasMessageNotContaining("secret")
                .rootCause()
                .hasMessageNotContaining("secret");
    }

    @Test
    void rowsAreFoundWhetherTheyChangeOrNot() {
        db.run(
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(9), w int)",
                "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)");
        TableSchema t = db.schema("t");
        assertThat(
                        carryOut(
                                new UpdateRows(
                                        t,
                                        List.of(1),
                                        List.of(
                                                row(1L, "?", 0L),
                                                row(2L, "?", 0L),
                                                row(9L, "?", 0L)),
                                        List.of(
                                                row(1L, "a", Row.NOT_SENT),
                                                row(2L, "B", Row.NOT_SENT),
                                                row(9L, "Z", Row.NOT_SENT)))))
                .isEqualTo(2);
        assertThat(
                        carryOut(
                                new UpdateRows(
                                        t,
                                        List.of(),
                                        List.of(row(3L, "c", 3L)),
                                        List.of(row(3L, "c", 3L)))))
                .isEqualTo(1);
        assertThat(carryOut(new DeleteRows(t, List.of(row(1L, "", 0L), row(7L, "", 0L)))))
                .isEqualTo(1);
        assertThat(db.rows("SELECT * FROM t ORDER BY id")).containsExactly("2|B|2", "3|c|3");
    }

    @Test
    void whatTheServerWouldSetItselfKeepsTheSourcesValue() {
        db.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int, at datetime ON UPDATE CURRENT_TIMESTAMP,"
                        + " own datetime ON UPDATE CURRENT_TIMESTAMP)");
        TableSchema whole = db.schema("t");
        TableSchema t = new TableSchema(whole.table(), whole.columns().subList(0, 3), List.of(0));
        for (int rows : new int[] {1, 20}) { // one by one, and written over
            db.run("DELETE FROM t");
            List<Row> before = new ArrayList<>();
            List<Row> after = new ArrayList<>();
            for (long id = 1; id <= rows; id++) {
                db.run("INSERT INTO t VALUES (" + id + ", 0, '2020-01-01', '2020-01-01')");
                before.add(row(id, 0L, "2020-01-01 00:00:00"));
                after.add(row(id, 7L, "2020-01-01 00:00:00"));
            }
            assertThat(carryOut(new UpdateRows(t, List.of(1), before, after))).isEqualTo(rows);
            assertThat(db.rows("SELECT DISTINCT n, at, own > '2024-01-01' FROM t"))
                    .containsExactly("7|2020-01-01 00:00:00|1");
        }
    }

    @Test
    void keysChangeAndUniqueValuesMoveBetweenRows() {
        db.run(
                "CREATE TABLE t (a int, b varchar(9), u int UNIQUE, PRIMARY KEY (a, b))",
                "INSERT INTO t VALUES (1, 'x', 10), (2, 'y', 20), (3, 'z', 30)");
        TableSchema t = db.schema("t");
        assertThat(
                        carryOut(
                                new UpdateRows(
                                        t,
                                        List.of(0, 1, 2),
                                        List.of(row(1L, "x", 10L), row(2L, "y", 20L)),
                                        List.of(row(5L, "v", 40L), row(2L, "y", 10L)))))
                .isEqualTo(2);
        assertThat(carryOut(new DeleteRows(t, List.of(row(5L, "v", 0L), row(3L, "z", 0L)))))
                .isEqualTo(2);
        assertThat(db.rows("SELECT * FROM t")).containsExactly("2|y|10");
    }

    @Test
    void tablesWithoutAKeyLoseOneRowForEachChange() {
        db.run(TYPES.replace(" PRIMARY KEY", ""), "CREATE TABLE w (a text, f float, j json)");
        TableSchema v = db.schema("v");
        assertThat(v.hasKey()).isFalse();
        carryOut(new InsertRows(v, List.of(whole(), whole(), whole(), nulls(v, 2), nulls(v, 2))));
        Row changed = whole();
        assertThat(carryOut(new DeleteRows(v, List.of(whole(), nulls(v, 2))))).isEqualTo(2);
        assertThat(
                        carryOut(
                                new UpdateRows(
                                        v,
                                        List.of(0),
                                        List.of(whole()),
                                        List.of(with(changed, 7L)))))
                .isEqualTo(1);
        assertThat(db.rows("SELECT id FROM v ORDER BY id")).containsExactly("1", "2", "7");

        TableSchema w = db.schema("w");
        carryOut(
                new InsertRows(
                        w,
                        List.of(
                                row("a", 1f, "1"),
                                row("A", 1f, "1"),
                                row("a ", 1f, "1"),
                                row("a", 1f, "1.0"))));
        assertThat(carryOut(new DeleteRows(w, List.of(row("a ", 1f, "1"), row("a", 1f, "1.0")))))
                .isEqualTo(2);
        assertThat(carryOut(new DeleteRows(w, List.of(row("b", 1f, "1"))))).isZero();
        assertThat(db.rows("SELECT a FROM w ORDER BY binary a")).containsExactly("A", "a");
    }

    /** Many at once, of which some stand more often than they are meant. */
    @Test
    void manyChangesOfRowsWithoutAKeyTakeOneRowEach() {
        db.run(
                "CREATE TABLE w (a varchar(9) COLLATE utf8mb4_general_ci, b int(5) zerofill, c"
                        + " char(3), d double)",
                "CREATE TABLE x LIKE w",
                "ALTER TABLE x ADD COLUMN own int DEFAULT 4");
        TableSchema w = db.schema("w");
        TableSchema x = new TableSchema(db.id("x"), w.columns(), w.key());
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 900; i++) {
            Row one = row("a" + i % 300, i % 2 == 0 ? null : i % 300, "c ", i % 7 / 10.0);
            rows.addAll(i % 300 < 150 ? List.of(one) : List.of(one, one));
        }
        rows.addAll(List.of(row("A1", 1L, "c", 0.1), row("a1 ", 1L, "c", 0.1)));
        List<Row> gone = rows.subList(0, 601);
        for (TableSchema table : List.of(w, x)) {
            carryOut(new InsertRows(table, rows));
            assertThat(carryOut(new DeleteRows(table, gone))).isEqualTo(601);
            List<Row> before = rows.subList(601, rows.size() - 2);
            List<Row> after =
                    before.stream().map(row -> row(row.get(0), 7L, row.get(2), null)).toList();
            assertThat(carryOut(new UpdateRows(table, List.of(1, 3), before, after)))
                    .isEqualTo(before.size());
            assertThat(
                            db.rows(
                                    "SELECT count(*), sum(b = 7 AND d IS NULL) FROM "
                                            + table.table().name()))
                    .containsExactly((rows.size() - 601) + "|" + before.size());
            assertThat(
                            carryOut(
                                    new DeleteRows(
                                            table,
                                            Stream.concat(
                                                            Stream.of(row("none", 1L, "c", 0.1)),
                                                            after.stream())
                                                    .toList())))
                    .isEqualTo(before.size());
            assertThat(db.rows("SELECT a FROM " + table.table().name() + " ORDER BY binary a"))
                    .containsExactly("A1", "a1 ");
        }
        // What the gateway does not know of a row outlives its change.
        assertThat(db.rows("SELECT DISTINCT own FROM x")).containsExactly("4");
    }

    /** Or many rows without a key would be looked for one by one again. */
    @Test
    void theServerComputesTheDigestThatIsComputedHere() throws Exception {
        db.run(
                "CREATE TABLE w (a varchar(9) COLLATE utf8mb4_general_ci, b bigint, c char(3)"
                        + " CHARACTER SET utf8mb3, z int(5) zerofill, l text CHARACTER SET latin1, u bigint unsigned, d double)");
        TableSchema w = db.schema("w");
        List<Row> rows =
                List.of(
                        row("ä€😀", 42L, "c ", 5L, "ü", "18446744073709551615", 0.1),
                        row("", 0L, "", 0L, "", "0", null),
                        row(null, null, null, null, null, null, null),
                        row("x,y", 99999L, null, 99999L, "a b ", "7", 1e300),
                        row("n", -7L, "c", null, "b", "9223372036854775808", 0.0));
        carryOut(new InsertRows(w, rows));
        try (Connection connection = db.server.connect(db.name)) {
            RowDigest digest = new RowDigest(TargetTable.read(connection, w.table()).forms(w));
            assertThat(db.rows("SELECT " + digest.expression() + " FROM w"))
                    .containsExactlyElementsOf(
                            rows.stream().map(row -> Long.toString(digest.of(row))).toList());
            assertThat(rows.stream().map(digest::of).distinct()).hasSizeGreaterThan(3);
        }
    }

    @Test
    void manyRowsGoInFewStatements() {
        db.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(500), g int AS (id + 1))");
        TableSchema t = db.schema("t");
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 9_000; i++) {
            rows.add(row(i, "x".repeat((int) (i % 500))));
        }
        assertThat(carryOut(new InsertRows(t, rows))).isEqualTo(9_000);
        List<Row> after = rows.stream().map(r -> row(r.get(0), "n")).toList();
        assertThat(carryOut(new UpdateRows(t, List.of(1), rows, after))).isEqualTo(9_000);
        assertThat(db.one("SELECT count(*) FROM t WHERE v = 'n'")).isEqualTo("9000");
        assertThat(carryOut(new DeleteRows(t, rows))).isEqualTo(9_000);
    }

    @Test
    void manyUpdatesTouchNoOtherRowAndMakeNone() {
        db.run(
                "CREATE TABLE alone (id varchar(9) PRIMARY KEY, v int, w int NOT NULL)",
                "CREATE TABLE twice (id varchar(9) PRIMARY KEY, v int, w int NOT NULL,"
                        + " UNIQUE KEY (v))");
        for (String table : List.of("alone", "twice")) {
            TableSchema t = db.schema(table);
            List<Row> rows = new ArrayList<>();
            List<Row> after = new ArrayList<>();
            for (long i = 0; i < 50; i++) {
                rows.add(row("k" + i, i, i));
                after.add(row(Row.NOT_SENT, 1000 + i, Row.NOT_SENT));
            }
            carryOut(new InsertRows(t, rows.subList(0, 49)));
            assertThat(carryOut(new UpdateRows(t, List.of(1), rows, after))).isEqualTo(49);
            assertThat(
                            carryOut(
                                    new UpdateRows(
                                            t,
                                            List.of(1),
                                            rows.subList(0, 49),
                                            after.subList(0, 49))))
                    .isEqualTo(49);
            assertThat(db.one("SELECT count(*), sum(v - w) FROM " + table)).isEqualTo("49|49000");
            // The last one's new value is another row's.
            after.set(48, row(Row.NOT_SENT, 1003L, Row.NOT_SENT));
            if (table.equals("twice")) {
                refused(
                        s ->
                                s.execute(
                                        new UpdateRows(
                                                t,
                                                List.of(1),
                                                rows.subList(0, 49),
                                                after.subList(0, 49))));
                assertThat(db.one("SELECT sum(v - w) FROM twice")).isEqualTo("49000");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anUpdateStaysOneForTriggersWhetherTheAccountSeesThemOrNot(boolean seen) {
        db.run(
                "CREATE TABLE keyed (id int PRIMARY KEY, v int)",
                "CREATE TABLE keyless (id int, v int)",
                "CREATE TABLE fired (id int)");
        if (!seen) {
            db.run("REVOKE TRIGGER ON %s.* FROM %s".formatted(db.name, db.address().username()));
        }
        for (String table : List.of("keyed", "keyless")) {
            TableSchema t = db.schema(table);
            List<Row> before = new ArrayList<>();
            List<Row> after = new ArrayList<>();
            for (long i = 0; i < 900; i++) {
                before.add(row(i, i));
                after.add(row(i, i + 1));
            }
            carryOut(new InsertRows(t, before));
            db.run(
                    "CREATE TRIGGER %1$s_fired BEFORE INSERT ON %1$s FOR EACH ROW INSERT INTO fired VALUES (1)"
                            .formatted(table));
            assertThat(carryOut(new UpdateRows(t, List.of(1), before, after))).isEqualTo(900);
            assertThat(db.one("SELECT sum(v - id) FROM " + table)).isEqualTo("900");
            assertThat(db.one("SELECT count(*) FROM fired")).as(table).isEqualTo("0");
        }
    }

    @Test
    void aCopyThatFailsLeavesNothing() {
        db.run("CREATE TABLE t (id int PRIMARY KEY)", "SET GLOBAL local_infile = ON");
        TableSchema t = db.schema("t");
        refused(
                session -> {
                    CopyWriter copy = session.copyInto(t, CopyFormat.TEXT);
                    copy.write("1\n".getBytes(StandardCharsets.UTF_8));
                    copy.write("1\n".getBytes(StandardCharsets.UTF_8));
                    copy.finish();
                });
        assertThat(db.rows("SELECT * FROM t")).isEmpty();
    }

    @Test
    void aRowLargerThanAPacketIsRefusedClearly() {
        db.run("CREATE TABLE t (id int PRIMARY KEY, v longtext)");
        TableSchema t = db.schema("t");
        String large = "x".repeat(3 << 20);
        String before = db.one("SELECT @@GLOBAL.max_allowed_packet");
        db.run("SET GLOBAL max_allowed_packet = 2097152");
        try {
            assertThatThrownBy(() -> carryOut(new InsertRows(t, List.of(row(1L, large)))))
                    .isInstanceOf(RowRefusedException.class)
                    .hasMessageContaining("max_allowed_packet");
        } finally {
            db.run("SET GLOBAL max_allowed_packet = " + before);
        }
    }

    private static Row nulls(TableSchema schema, long id) {
        Object[] values = new Object[schema.columns().size()];
        values[0] = id;
        return Row.of(values);
    }

    private static Row with(Row row, long id) {
        Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i == 0 ? id : row.get(i);
        }
        return Row.of(values);
    }

    /** The second column's values as text, whatever the column is. */
    private static TableSchema asText(TableSchema schema) {
        return new TableSchema(
                schema.table(),
                List.of(schema.columns().getFirst(), new Column("v", LogicalType.TEXT)),
                schema.key());
    }

    private interface Work {
        void on(TargetSession session);
    }

    private void refused(Work work) {
        try (TargetSession session = db.session()) {
            assertThatThrownBy(() -> work.on(session))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e ->
                                    assertThat(e.errorClass())
                                            .describedAs(e.getMessage())
                                            .isEqualTo(ErrorClass.ROW));
            session.rollback();
        }
    }

    private long carryOut(TableOperation operation) {
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            long touched = session.execute(operation);
            session.commit(claim.in(Phase.COPYING));
            return touched;
        }
    }
}
