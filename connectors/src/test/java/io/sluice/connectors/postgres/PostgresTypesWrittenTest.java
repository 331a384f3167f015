package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every type, written by every statement. */
class PostgresTypesWrittenTest {

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
}
