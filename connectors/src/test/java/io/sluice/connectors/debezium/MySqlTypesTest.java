package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Row;
import io.sluice.change.RowChange.Insert;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The forms in which values of MySQL's types come out of its log. */
class MySqlTypesTest {

    private MySqlFixture source;

    private record Typed(String type, String sql, Object value) {}

    @BeforeEach
    void makeDatabase() {
        source = MySqlFixture.shared(true);
        source.run("SET SESSION sql_mode = ''", "SET SESSION time_zone = '+05:30'");
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    private void assertForms(Typed... typed) {
        String columns =
                IntStream.range(0, typed.length)
                        .mapToObj(i -> "c%d %s".formatted(i, typed[i].type()))
                        .collect(Collectors.joining(", "));
        source.run("CREATE TABLE t (id int PRIMARY KEY, %s)".formatted(columns));
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t VALUES (1, %s)"
                        .formatted(
                                List.of(typed).stream()
                                        .map(Typed::sql)
                                        .collect(Collectors.joining(", "))));
        Insert insert = reading.transaction().only(Insert.class);
        for (int i = 0; i < typed.length; i++) {
            Object value = insert.after().get(i + 1);
            assertThat(value)
                    .as("%s %s", typed[i].type(), typed[i].sql())
                    .isEqualTo(typed[i].value());
            if (value != null) {
                assertThat(value).isInstanceOf(insert.table().columns().get(i + 1).type().form());
            }
        }
        // The same from the statement alone, as a TRUNCATE would have it.
        source.run("TRUNCATE t");
        assertThat(
                        reading.transaction()
                                .only(io.sluice.change.Truncate.class)
                                .tables()
                                .getFirst()
                                .columns())
                .isEqualTo(insert.table().columns());
    }

    @Test
    void numbers() {
        assertForms(
                new Typed("tinyint", "-128", -128L),
                new Typed("tinyint unsigned", "255", 255L),
                new Typed("tinyint(1)", "-1", -1L),
                new Typed("bool", "true", 1L),
                new Typed("smallint", "-32768", -32768L),
                new Typed("smallint unsigned zerofill", "65535", 65535L),
                new Typed("mediumint", "-8388608", -8388608L),
                new Typed("mediumint unsigned", "16777215", 16777215L),
                new Typed("int", "-2147483648", -2147483648L),
                new Typed("int zerofill", "4294967295", 4294967295L),
                new Typed("bigint", "-9223372036854775808", Long.MIN_VALUE),
                new Typed("bigint unsigned", "18446744073709551615", "18446744073709551615"),
                new Typed(
                        "decimal(65,30)",
                        "-12345678901234567890.5",
                        "-12345678901234567890.5" + "0".repeat(29)),
                new Typed("decimal(10,0)", "0", "0"),
                new Typed("decimal(9,9) unsigned", "0.000000001", "0.000000001"),
                new Typed("decimal(12,2)", "-0.05", "-0.05"),
                new Typed("float", "0.1", 0.1f),
                new Typed("float(30)", "0.1", 0.1d),
                new Typed("float(7,3)", "1234.567", 1234.567f),
                new Typed("double", "-1.7976931348623157e308", -1.7976931348623157e308),
                new Typed("bit(1)", "b'1'", "1"),
                new Typed("bit(10)", "b'1000000001'", "1000000001"),
                new Typed("bit(64)", "b'101'", "0".repeat(61) + "101"),
                new Typed("year", "2155", 2155L),
                new Typed("year", "0", 0L));
    }

    @Test
    void datesAndTimes() {
        assertForms(
                new Typed("date", "'9999-12-31'", "9999-12-31"),
                new Typed("date", "'0000-00-00'", "0000-00-00"),
                new Typed("date NOT NULL", "'2024-10-00'", "2024-10-00"),
                new Typed("date", "'0001-01-01'", "0001-01-01"),
                new Typed("time", "'-838:59:59'", "-838:59:59"),
                new Typed("time(6)", "'838:59:58.999999'", "838:59:58.999999"),
                new Typed("time(1)", "'-00:00:00.5'", "-00:00:00.5"),
                new Typed("time(3)", "'-01:02:03.045'", "-01:02:03.045"),
                new Typed("time(5)", "'-00:00:01.00001'", "-00:00:01.00001"),
                new Typed("time(2)", "'01:02:03.40'", "01:02:03.40"),
                new Typed("datetime", "'1000-01-01 00:00:00'", "1000-01-01 00:00:00"),
                new Typed("datetime(3)", "'0000-00-00'", "0000-00-00 00:00:00.000"),
                new Typed(
                        "datetime(6)",
                        "'2024-00-10 01:02:03.000004'",
                        "2024-00-10 01:02:03.000004"),
                new Typed("datetime(1)", "'2024-02-29 23:59:59.9'", "2024-02-29 23:59:59.9"),
                new Typed("timestamp", "'2024-02-29 23:59:59'", "2024-02-29 18:29:59+00"),
                new Typed(
                        "timestamp(6) NULL",
                        "'2038-01-19 08:44:07.999999'",
                        "2038-01-19 03:14:07.999999+00"),
                new Typed("timestamp(2) NULL", "'0000-00-00'", "0000-00-00 00:00:00.00+00"),
                new Typed("timestamp NULL", "NULL", null));
    }

    @Test
    void textsOfEveryCharacterSetAndBytes() {
        byte[] padded = {'a', 0, 0, 0, 0};
        assertForms(
                new Typed("char(5)", "'ab   '", "ab"),
                new Typed("char(200) CHARACTER SET utf8mb4", "repeat('é', 200)", "é".repeat(200)),
                new Typed("varchar(20)", "'ab   '", "ab   "),
                new Typed("varchar(300)", "'x'", "x"),
                new Typed("tinytext", "''", ""),
                new Typed("text CHARACTER SET utf8mb4", "'😀\\t\\n\\\\'", "😀\t\n\\"),
                new Typed("mediumtext", "'m'", "m"),
                new Typed("longtext", "repeat('l', 70000)", "l".repeat(70000)),
                new Typed(
                        "varchar(9) CHARACTER SET latin1",
                        "concat('é€', _latin1 X'81')",
                        "é€\u0081"),
                new Typed("varchar(9) CHARACTER SET ucs2", "'é€'", "é€"),
                new Typed("varchar(9) CHARACTER SET utf16", "'😀'", "😀"),
                new Typed("varchar(9) CHARACTER SET utf32", "'😀'", "😀"),
                new Typed("varchar(9) CHARACTER SET utf16le", "'😀'", "😀"),
                new Typed("varchar(9) CHARACTER SET gbk", "'中文'", "中文"),
                new Typed("varchar(9) CHARACTER SET gb18030", "'中文'", "中文"),
                new Typed("varchar(9) CHARACTER SET big5", "'中文'", "中文"),
                new Typed("varchar(9) CHARACTER SET sjis", "'日本'", "日本"),
                new Typed("varchar(9) CHARACTER SET cp932", "'日本'", "日本"),
                new Typed("varchar(9) CHARACTER SET ujis", "'日本'", "日本"),
                new Typed("varchar(9) CHARACTER SET eucjpms", "'日本'", "日本"),
                new Typed("varchar(9) CHARACTER SET euckr", "'한국'", "한국"),
                new Typed("varchar(9) CHARACTER SET koi8r", "'да'", "да"),
                new Typed("varchar(9) CHARACTER SET cp1251", "'да'", "да"),
                new Typed("varchar(9) CHARACTER SET greek", "'αβ'", "αβ"),
                new Typed("varchar(9) CHARACTER SET latin2", "'ąę'", "ąę"),
                new Typed("varchar(9) CHARACTER SET ascii", "'a'", "a"),
                // A code for which the server has no character, and shows a question mark.
                new Typed("varchar(9) CHARACTER SET cp1256", "_cp1256 X'8A'", "\u0679"),
                new Typed("binary(5)", "'a'", padded),
                new Typed("binary(2)", "X'0000'", new byte[2]),
                new Typed("varbinary(9)", "X'61FF00'", HexFormat.of().parseHex("61ff00")),
                new Typed("tinyblob", "''", new byte[0]),
                new Typed("blob", "X'00FF'", HexFormat.of().parseHex("00ff")),
                new Typed("longblob", "X'01'", new byte[] {1}));
    }

    @Test
    void labels() {
        assertForms(
                new Typed("enum('a','b,c','it''s','q\"')", "'it''s'", "it's"),
                new Typed("enum('a','b')", "'none'", ""),
                new Typed("set('x','y','z w')", "'z w,x'", "x,z w"),
                new Typed("set('x','y')", "''", ""),
                new Typed("enum('é','中') CHARACTER SET utf8mb4", "'中'", "中"));
    }

    @Test
    void json() {
        String document =
                "{\"a\": [1, -2, 1.5, true, null, \"é\\\"\\n\\u0001\\\\\"], \"b\": {}, \"n\": 18446744073709551615}";
        source.run("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, j json)");
        Reading reading = source.read(source.publish("t"));
        List<String> documents =
                List.of(
                        "'" + document.replace("\\", "\\\\") + "'",
                        "'[]'",
                        "'3'",
                        "'null'",
                        "'[1e300, 1.0, 0.1, 123456789.125, -0.0]'",
                        "'[5e-324, -1e-323, 1.2e-322, 2.2250738585072014e-308, 1e22, 2e23]'",
                        "JSON_OBJECT('d', CAST('2024-02-29' AS DATE), 't', CAST('-10:11:12.5' AS TIME(1)),"
                                + " 'm', CAST('2024-02-29 01:02:03.000004' AS DATETIME(6)),"
                                + " 'c', CAST(-1.50 AS DECIMAL(9,2)), 'x', X'00FF')",
                        "JSON_ARRAY(repeat('x', 70000), repeat('y', 200))");
        for (String value : documents) {
            source.run("INSERT INTO t (j) VALUES (%s)".formatted(value));
            Row row = reading.transaction().only(Insert.class).after();
            assertThat(row.get(1))
                    .as(value)
                    .isEqualTo(
                            source.ask("SELECT CAST(j AS CHAR) FROM t ORDER BY id DESC LIMIT 1"));
        }
    }

    @Test
    void geometriesAndVectors() {
        source.run(
                "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, p point, g geometry SRID 4326, v vector(2))");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t (p, g, v) VALUES (POINT(1, 2), ST_GeomFromText('LINESTRING(1 2,3 4)', 4326),"
                        + " STRING_TO_VECTOR('[1,2]'))");
        Row row = reading.transaction().only(Insert.class).after();
        List<String> hex =
                List.of(
                        source.ask("SELECT hex(p) FROM t"),
                        source.ask("SELECT hex(g) FROM t"),
                        source.ask("SELECT hex(v) FROM t"));
        for (int i = 0; i < 3; i++) {
            assertThat(row.get(i + 1)).isEqualTo(HexFormat.of().parseHex(hex.get(i).toLowerCase()));
        }
    }

    @Test
    void nullIsNullWhateverTheDefault() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5, b varchar(9) DEFAULT 'd',"
                        + " c timestamp NULL DEFAULT '2020-01-01', j json DEFAULT ('{}'))");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1, NULL, NULL, NULL, NULL)");
        assertThat(reading.transaction().only(Insert.class).after())
                .isEqualTo(Row.of(1L, null, null, null, null));
    }
}
