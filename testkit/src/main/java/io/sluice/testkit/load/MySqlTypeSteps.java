package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows with a column of every type of MySQL, with nulls in some. */
final class MySqlTypeSteps {
    /**
     * A column of the table that has every type.
     *
     * @param value makes a random value as the driver takes it
     */
    private record Column(String name, String type, Function<RandomValues, Object> value) {}

    private static final List<Column> ALL =
            List.of(
                    new Column("a_boolean", "boolean", v -> v.below(2)),
                    new Column("a_tinyint", "tinyint", v -> v.whole(-128, 127)),
                    new Column("an_unsigned_tinyint", "tinyint unsigned", v -> v.whole(0, 255)),
                    new Column("a_smallint", "smallint", v -> v.whole(-32768, 32767)),
                    new Column("a_mediumint", "mediumint", v -> v.whole(-8388608, 8388607)),
                    new Column("an_int", "int", v -> v.whole(-2147483648L, 2147483647L)),
                    new Column("an_unsigned_int", "int unsigned", v -> v.whole(0, 4294967295L)),
                    new Column("a_bigint", "bigint", v -> v.whole(Long.MIN_VALUE, Long.MAX_VALUE)),
                    new Column(
                            "an_unsigned_bigint",
                            "bigint unsigned",
                            v -> Long.toUnsignedString(Long.parseLong(anyLong(v)))),
                    new Column("a_float", "float", v -> v.decimal(5, 3)),
                    new Column("a_double", "double", v -> v.decimal(8, 7)),
                    new Column("a_price", "decimal(18,4)", v -> v.decimal(12, 4)),
                    new Column("a_decimal", "decimal(60,20)", v -> v.decimal(40, 20)),
                    new Column("a_char", "char(9)", v -> v.letters(v.below(9))),
                    new Column("a_varchar", "varchar(60)", RandomValues::word),
                    new Column(
                            "a_latin", "varchar(60) CHARACTER SET latin1", v -> "é" + v.below(9)),
                    new Column("a_text", "text", RandomValues::text),
                    new Column("a_longtext", "longtext", RandomValues::text),
                    new Column("a_binary", "binary(8)", v -> bytes(v, v.below(9))),
                    new Column("a_varbinary", "varbinary(40)", v -> bytes(v, v.below(40))),
                    new Column("a_blob", "blob", v -> bytes(v, v.below(40))),
                    new Column("a_date", "date", v -> date(v)),
                    new Column("a_time", "time(6)", RandomValues::time),
                    new Column("a_long_time", "time", v -> v.oneOf("-838:59:59", "100:00:01")),
                    new Column("a_datetime", "datetime(6)", v -> date(v) + " " + v.time()),
                    new Column("a_short_datetime", "datetime", v -> date(v) + " 12:34:56"),
                    new Column("a_timestamp", "timestamp(6) NULL", v -> moment(v)),
                    new Column("a_year", "year", v -> v.between(1901, 2155)),
                    new Column("a_bit", "bit(1)", v -> v.below(2)),
                    new Column("some_bits", "bit(13)", v -> v.below(1 << 13)),
                    new Column("a_feeling", "enum('sad','so so','very \"happy\"')", v -> feel(v)),
                    new Column("some_colours", "set('red','green')", v -> colours(v)),
                    new Column("a_json", "json", RandomValues::json));

    private static final String INSERT =
            "INSERT INTO every_type ("
                    + joined(Column::name)
                    + ") VALUES ("
                    + joined(column -> "?")
                    + ")";

    private MySqlTypeSteps() {}

    static String table() {
        return "CREATE TABLE every_type (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, "
                + joined(column -> column.name() + " " + column.type())
                + ")";
    }

    static long insert(Session session) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (int i = session.values().between(1, 3); i > 0; i--) {
            rows.add(ALL.stream().map(column -> value(session, column)).toArray());
        }
        return session.batch(INSERT, rows);
    }

    static long update(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("every_type", session.values().between(1, 3))) {
            List<Column> columns =
                    session.values().shuffled(ALL).subList(0, session.values().between(1, 6));
            List<@Nullable Object> parameters = new ArrayList<>();
            columns.forEach(column -> parameters.add(value(session, column)));
            Collections.addAll(parameters, id);
            rows +=
                    session.update(
                            columns.stream()
                                    .map(column -> column.name() + " = ?")
                                    .collect(
                                            Collectors.joining(
                                                    ", ",
                                                    "UPDATE every_type SET ",
                                                    " WHERE id = ?")),
                            parameters.toArray());
        }
        return rows;
    }

    /** A moment of the last decades, in microseconds, without a zone. */
    static String moment(RandomValues values) {
        return values.between(1990, 2035) + values.date().substring(4) + " " + values.time();
    }

    private static String date(RandomValues values) {
        return String.format(Locale.ROOT, "%04d", values.between(1000, 9999))
                + values.date().substring(4);
    }

    private static byte[] bytes(RandomValues values, int length) {
        return HexFormat.of().parseHex(values.bytes(length).substring(2));
    }

    private static String anyLong(RandomValues values) {
        return values.whole(Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static String feel(RandomValues values) {
        return values.oneOf("sad", "so so", "very \"happy\"");
    }

    private static String colours(RandomValues values) {
        return values.oneOf("", "red", "red,green");
    }

    private static @Nullable Object value(Session session, Column column) {
        return session.values().chance(0.15) ? null : column.value().apply(session.values());
    }

    private static String joined(Function<Column, String> part) {
        return ALL.stream().map(part).collect(Collectors.joining(", "));
    }
}
