package io.sluice.testkit.load;

import java.util.List;
import java.util.function.Function;

/**
 * A column of the table that has every type.
 *
 * @param value makes a random value in PostgreSQL's own text
 */
record TypedColumn(String name, String type, Function<RandomValues, String> value) {
    static final List<TypedColumn> ALL =
            List.of(
                    column("a_boolean", "boolean", v -> v.oneOf("true", "false")),
                    column("a_smallint", "smallint", v -> v.whole(-32768, 32767)),
                    column("an_integer", "integer", v -> v.whole(-2147483648L, 2147483647L)),
                    column("a_bigint", "bigint", v -> v.whole(Long.MIN_VALUE, Long.MAX_VALUE)),
                    column(
                            "a_real",
                            "real",
                            v -> orSpecial(v, v.decimal(5, 3), "NaN", "-Infinity")),
                    column(
                            "a_double",
                            "double precision",
                            v -> orSpecial(v, v.decimal(8, 7), "NaN", "Infinity", "-0", "5e-324")),
                    column(
                            "a_numeric",
                            "numeric",
                            v ->
                                    orSpecial(
                                            v,
                                            v.decimal(40, 20),
                                            "NaN",
                                            "Infinity",
                                            "0.00",
                                            "1e30")),
                    column("a_price", "numeric(18,4)", v -> orSpecial(v, v.decimal(12, 4), "NaN")),
                    column("a_text", "text", RandomValues::text),
                    column("a_varchar", "varchar(60)", RandomValues::word),
                    column("a_char", "char(9)", v -> v.letters(v.below(9))),
                    column(
                            "a_date",
                            "date",
                            v -> orSpecial(v, v.date(), "infinity", "-infinity", "0044-03-15 BC")),
                    column("a_time", "time", v -> orSpecial(v, v.time(), "24:00:00")),
                    column("a_timetz", "timetz", v -> v.time() + v.zone()),
                    column(
                            "a_timestamp",
                            "timestamp",
                            v ->
                                    orSpecial(
                                            v,
                                            v.date() + " " + v.time(),
                                            "infinity",
                                            "0001-01-01 00:00:00 BC")),
                    column(
                            "a_timestamptz",
                            "timestamptz",
                            v ->
                                    orSpecial(
                                            v,
                                            v.moment(),
                                            "infinity",
                                            "-infinity",
                                            "1582-10-10 00:00:00.000001+00")),
                    column(
                            "an_interval",
                            "interval",
                            v -> v.below(90) + " mons -" + v.below(40) + " days " + v.time()),
                    column("a_uuid", "uuid", RandomValues::uuid),
                    column("a_json", "json", RandomValues::json),
                    column("a_jsonb", "jsonb", RandomValues::json),
                    column("a_bytea", "bytea", v -> v.bytes(v.below(40))),
                    column("a_feeling", "feeling", TypedColumn::feeling),
                    column("some_feelings", "feeling[]", v -> v.array(() -> feeling(v))),
                    column("some_integers", "integer[]", v -> v.array(() -> v.whole(-1000, 1000))),
                    column("some_texts", "text[]", v -> v.array(v::word)),
                    column("some_numerics", "numeric[]", v -> v.array(() -> v.decimal(9, 3))),
                    column("some_moments", "timestamptz[]", v -> v.array(v::moment)),
                    column(
                            "a_matrix",
                            "integer[]",
                            v -> "[2:3][0:1]={{1,2},{3," + v.below(9) + "}}"),
                    column("a_domain", "small_positive", v -> Integer.toString(v.between(1, 999))),
                    column("an_inet", "inet", v -> "10." + v.below(256) + ".1.2/16"),
                    column("a_cidr", "cidr", v -> "2001:db8:" + v.below(9) + "::/48"),
                    column("a_macaddr", "macaddr", v -> "08:00:2b:01:02:0" + v.below(10)),
                    column("a_bit", "bit(5)", v -> v.oneOf("00000", "10101", "11111")),
                    column("a_varbit", "varbit", v -> v.oneOf("", "1", "0101101")),
                    column("a_range", "int4range", v -> v.oneOf("empty", "(,5)", "[1,9]", "[3,)")),
                    column("a_period", "tstzrange", v -> "[" + v.moment() + ",)"),
                    column("a_point", "point", v -> "(" + v.decimal(3, 2) + ",-1.5)"),
                    column("a_tsvector", "tsvector", v -> "'fat':2 'cat':" + v.between(1, 99)),
                    column("an_oid", "oid", v -> v.whole(0, 4294967295L)),
                    column("money_spent", "money", v -> v.decimal(6, 2)));

    private static TypedColumn column(
            String name, String type, Function<RandomValues, String> value) {
        return new TypedColumn(name, type, value);
    }

    private static String feeling(RandomValues values) {
        return values.oneOf("sad", "so so", "very \"happy\"");
    }

    private static String orSpecial(RandomValues values, String usual, String... special) {
        return values.chance(0.2) ? values.oneOf(special) : usual;
    }
}
