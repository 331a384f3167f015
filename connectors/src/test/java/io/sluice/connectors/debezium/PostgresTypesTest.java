package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Insert;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of every type arrive as the server itself prints them. */
class PostgresTypesTest {

    private static CaptureFixture source;
    private static Reading reading;

    @BeforeAll
    static void openReader() {
        source = new CaptureFixture();
        source.run(
                // What a server may be set to must not show in what is read from it.
                "ALTER DATABASE %s SET DateStyle = 'SQL, DMY'".formatted(source.database),
                "ALTER DATABASE %s SET IntervalStyle = 'iso_8601'".formatted(source.database),
                "ALTER DATABASE %s SET bytea_output = 'escape'".formatted(source.database),
                "ALTER DATABASE %s SET TimeZone = 'Asia/Kolkata'".formatted(source.database),
                "ALTER DATABASE %s SET extra_float_digits = 0".formatted(source.database),
                "CREATE EXTENSION hstore",
                "CREATE EXTENSION ltree",
                "CREATE EXTENSION citext",
                "CREATE EXTENSION isn",
                "CREATE EXTENSION cube",
                "CREATE TYPE mood AS ENUM ('sad', 'so-so, \"well\"', 'happy')",
                "CREATE SCHEMA other",
                "CREATE TYPE other.mood AS ENUM ('red')",
                "CREATE TYPE public.money AS ENUM ('not money')",
                "CREATE TYPE pair AS (a int, b text, c timestamptz)",
                "CREATE DOMAIN posint AS int CHECK (value > 0)",
                "CREATE DOMAIN deeper AS posint",
                "CREATE DOMAIN texts AS text[]",
                "CREATE DOMAIN blob AS bytea",
                "CREATE TYPE floatrange AS RANGE (subtype = float8)",
                "CREATE TABLE every (id serial PRIMARY KEY)",
                "SET DateStyle = 'ISO, YMD'",
                "SET IntervalStyle = 'postgres'",
                "SET TimeZone = 'UTC'",
                "SET bytea_output = 'hex'",
                "SET lc_monetary = 'C'",
                "SET extra_float_digits = 1");
        reading = source.read(source.publish("every"));
    }

    @AfterAll
    static void close() throws Exception {
        source.close();
    }

    static Stream<Arguments> values() {
        return Stream.of(
                of("boolean", "true", "false"),
                of("smallint", "-32768", "32767"),
                of("int", "-2147483648", "2147483647"),
                of("bigint", "-9223372036854775808", "9223372036854775807"),
                of("oid", "0", "4294967295"),
                of("real", "1e-45", "3.4028235e38", "0.1", "'NaN'", "'-Infinity'", "'-0'"),
                of(
                        "double precision",
                        "5e-324",
                        "1.7976931348623157e308",
                        "0.1",
                        "'NaN'",
                        "'Infinity'"),
                of(
                        "numeric",
                        "1.10",
                        "'NaN'",
                        "'Infinity'",
                        "'-Infinity'",
                        "1e-100",
                        "1e131071::numeric",
                        "12345678901234567890123456789012345678901234567890.12345678901234567890"),
                of("numeric(12,2)", "0.00", "-9999999999.99"),
                of("numeric(3,-2)", "12300"),
                of("pg_catalog.money", "-92233720368547758.08", "'12.34'"),
                of("bytea", "'\\x'", "'\\x00ff5c27'", "'abc\\\\000'::bytea"),
                of(
                        "text",
                        "''",
                        "'null'",
                        "E'tab\\tline\\nquote'' \\\\ \"\u00e9\ud83d\ude00'",
                        "'NULL'"),
                of("varchar(5)", "'a   '", "''"),
                of("char(5)", "'a'", "''"),
                of("\"char\"", "'x'", "''"),
                of("name", "'n'"),
                of("citext", "'MiXed'"),
                of(
                        "date",
                        "'infinity'",
                        "'-infinity'",
                        "'0001-01-01 BC'",
                        "'4713-01-01 BC'",
                        "'5874897-12-31'",
                        "'1582-10-10'",
                        "'2024-02-29'"),
                of("time", "'24:00:00'", "'00:00:00'", "'23:59:59.999999'"),
                of("time(2)", "'12:00:00.129'"),
                of("timetz", "'24:00:00+15:59:59'", "'12:00:00-05:30'", "'00:00:00.000001+00'"),
                of(
                        "timestamp",
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-01 00:00:00 BC'",
                        "'294276-12-31 23:59:59.999999'",
                        "'2024-01-01 24:00:00'",
                        "'1582-10-10 01:02:03.000004'"),
                of(
                        "timestamptz",
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-02 00:00:00+00 BC'",
                        "'294276-12-31 23:59:59.999999+00'",
                        "'1883-11-18 12:00:00 America/New_York'",
                        "'2024-06-01 00:00:00.1+05:45'"),
                of(
                        "interval",
                        "'1 mon -1 day'",
                        "'-1 year -2 mons +3 days -04:05:06.000007'",
                        "'00:00:00'",
                        "'178000000 years'",
                        "'infinity'",
                        "'1 day -00:00:00.000001'"),
                of("interval year to month", "'1 year 2 months'"),
                of("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
                of("json", "'{\"a\" :  1, \"a\":2, \"z\": 1.0e2 }'", "'null'"),
                of(
                        "jsonb",
                        "'{\"b\": 1.10, \"a\": [null, true, \"\\u00e9\"]}'",
                        "'null'",
                        "'\"s\"'"),
                of("jsonpath", "'$.a[*] ? (@ > 1)'"),
                of("xml", "'<a b=\"c\">&amp; d</a>'", "'text only'"),
                of("bit(1)", "B'1'"),
                of("bit(5)", "B'00101'"),
                of("varbit", "B''", "B'0'", "B'000000000001'"),
                of(
                        "varbit(70)",
                        "B'0000000000000000000000000000000000000000000000000000000000000000001'"),
                of("inet", "'192.168.0.1/24'", "'::1'", "'10.0.0.1'"),
                of("cidr", "'10.0.0.0/8'", "'2001:db8::/32'"),
                of("macaddr", "'08:00:2b:01:02:03'"),
                of("macaddr8", "'08:00:2b:01:02:03:04:05'"),
                of("point", "'(1.5,-2e10)'", "'(NaN,Infinity)'"),
                of("line", "'{1,2,3}'"),
                of("lseg", "'[(0,0),(1,1)]'"),
                of("box", "'((2,2),(0,0))'"),
                of("path", "'[(0,0),(1,1)]'", "'((0,0),(1,1),(2,0))'"),
                of("polygon", "'((0,0),(1,1),(2,0))'"),
                of("circle", "'<(1,2),3>'"),
                of("tsvector", "'a:1A b:2 ''it''''s'':3'"),
                of("tsquery", "'a & (b | !c) <-> d'"),
                of("pg_lsn", "'16/B374D848'"),
                of("txid_snapshot", "'10:20:10,14,15'"),
                of("xid8", "'18446744073709551615'"),
                of("regclass", "'pg_catalog.pg_class'"),
                of("int4range", "'[1,5)'", "'empty'", "'(,)'"),
                of("int8range", "'[1,]'"),
                of("numrange", "'(1.10,2.0]'"),
                of("tsrange", "'[2020-01-01 00:00:00,infinity)'"),
                of("tstzrange", "'[2020-01-01 00:00:00+05:30,)'"),
                of("daterange", "'[0001-01-01 BC,infinity]'"),
                of("floatrange", "'[0.1,1e300]'"),
                of("int4multirange", "'{[1,3),[7,9)}'", "'{}'"),
                of("tstzmultirange", "'{[2020-01-01 00:00:00+00,2021-01-01 00:00:00+00)}'"),
                of("hstore", "'a=>1, \"b c\"=>NULL, d=>\"x\\\"y\"'", "''"),
                of("ltree", "'Top.Science.Astronomy'"),
                of("isbn", "'978-0-393-04002-9'"),
                of("cube", "'(1,2),(3,4)'"),
                of("mood", "'happy'", "'so-so, \"well\"'"),
                of("other.mood", "'red'"),
                of("public.money", "'not money'"),
                of(
                        "pair",
                        "ROW(1, 'a,\"b', '2020-01-01 00:00:00+05:30')::pair",
                        "ROW(NULL, '', NULL)::pair"),
                of("posint", "7"),
                of("deeper", "8"),
                of("blob", "'\\xdeadbeef'"),
                of("texts", "'{a,NULL,\"NULL\",\"\"}'"),
                of("int[]", "'{{1,2},{3,NULL}}'", "'{}'", "'[-1:1]={1,2,3}'", "'[0:0][2:2]={{5}}'"),
                of("bigint[]", "'{9223372036854775807}'"),
                of(
                        "text[]",
                        "ARRAY['a,b', 'c\"d', 'e\\f', ' g ', '', NULL, 'NULL', 'null', '{}', '\u00e9']"),
                of("varchar(9)[]", "ARRAY['x']"),
                of("numeric[]", "'{1.10,NaN,Infinity}'"),
                of("float8[]", "'{0.1,NaN,-Infinity}'"),
                of("boolean[]", "'{t,f,NULL}'"),
                of("bytea[]", "ARRAY['\\x00'::bytea, NULL]"),
                of("date[]", "'{infinity,\"0001-01-01 BC\"}'"),
                of("timestamptz[]", "ARRAY['2020-01-01 00:00:00+05:30'::timestamptz, 'infinity']"),
                of("timetz[]", "ARRAY['12:00:00-05:30'::timetz]"),
                of("interval[]", "ARRAY['1 mon -1 day'::interval]"),
                of("pg_catalog.money[]", "ARRAY['12.34'::pg_catalog.money]"),
                of("name[]", "'{a,b}'"),
                of("xml[]", "ARRAY['<a/>'::xml]"),
                of("json[]", "ARRAY['{\"a\" :1}'::json]"),
                of("jsonb[]", "ARRAY['{\"a\": 1}'::jsonb]"),
                of("uuid[]", "ARRAY['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]"),
                of("bit(3)[]", "ARRAY[B'101']"),
                of("varbit[]", "ARRAY[B'1', B'']"),
                of("point[]", "ARRAY['(1,2)'::point]"),
                of("box[]", "ARRAY['(2,2),(0,0)'::box, '(1,1),(0,0)'::box]"),
                of("inet[]", "ARRAY['10.0.0.1/8'::inet]"),
                of("mood[]", "ARRAY['so-so, \"well\"'::mood, NULL]"),
                of("posint[]", "ARRAY[1, 2]::posint[]"),
                of("texts[]", "'{\"{a,NULL}\",NULL}'"),
                of("pair[]", "ARRAY[ROW(1, 'a,\"b', NULL)::pair]"),
                of("hstore[]", "ARRAY['a=>1'::hstore]"),
                of("int4range[]", "ARRAY['[1,2)'::int4range]"),
                of("int4multirange[]", "ARRAY['{[1,2)}'::int4multirange]"),
                of("citext[]", "ARRAY['A'::citext]"),
                of("ltree[]", "ARRAY['a.b'::ltree]"),
                of("oid[]", "'{4294967295}'"),
                of("int2vector", "'1 2 3'"),
                of("oidvector", "'1 2 4294967295'"));
    }

    private static Arguments of(String type, String... values) {
        return Arguments.of(type, values);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    void arrivesAsTheServerPrintsIt(String type, String[] values) {
        source.run("ALTER TABLE every ADD v " + type);
        try {
            for (String value : values) {
                source.run("INSERT INTO every (v) VALUES (" + value + ")");
                Row row = reading.transaction().only(Insert.class).after();
                // Within the conversions of its own session, a type has one text.
                String printed =
                        source.ask(
                                "SELECT format('%%s', v) FROM every WHERE id = %s"
                                        .formatted(row.get(0)));
                assertThat(text(row.get(1), printed)).as(value).isEqualTo(printed);
            }
            source.run("INSERT INTO every (v) VALUES (NULL)");
            assertThat(reading.transaction().only(Insert.class).after().get(1)).isNull();
        } finally {
            source.run("ALTER TABLE every DROP v");
        }
    }

    private static String text(Object value, String printed) {
        return switch (value) {
            case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
            case Boolean truth -> truth ? "t" : "f";
            // Compared as numbers: Java's text of them differs, their bits do not.
            case Float number -> sameBits(number, Float.valueOf(printed)) ? printed : "other bits";
            case Double number ->
                    sameBits(number, Double.valueOf(printed)) ? printed : "other bits";
            default -> value.toString();
        };
    }

    private static boolean sameBits(Object one, Object other) {
        return one.equals(other);
    }

    @Test
    void onlyTheTypesThatTheJvmHoldsExactlyAreNotText() {
        source.run(
                "ALTER TABLE every ADD a int2, ADD b deeper, ADD c blob, ADD d real, ADD e numeric, ADD f int[]",
                "INSERT INTO every (a) VALUES (1)");
        Insert insert = reading.transaction().only(Insert.class);
        assertThat(insert.table().columns())
                .extracting(column -> column.type())
                .containsExactly(
                        LogicalType.INTEGER,
                        LogicalType.INTEGER,
                        LogicalType.INTEGER,
                        LogicalType.BYTES,
                        LogicalType.FLOAT,
                        LogicalType.TEXT,
                        LogicalType.TEXT);
        source.run("ALTER TABLE every DROP a, DROP b, DROP c, DROP d, DROP e, DROP f");
    }
}
