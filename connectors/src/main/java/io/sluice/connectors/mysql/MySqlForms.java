package io.sluice.connectors.mysql;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The type that holds another engine's values here, and what is not the same then. Pure. */
final class MySqlForms {

    /** Characters; longer texts are kept apart from their row, as texts of any length. */
    static final long LONGEST_VARCHAR = 4000;

    static final String LONG_TEXT = "longtext";
    static final String LONG_BYTES = "longblob";

    private static final int MOST_DIGITS = 65;
    private static final int MOST_DIGITS_AFTER_POINT = 30;
    private static final int MOST_BITS = 64;

    private MySqlForms() {}

    static String nativeType(DataType type) {
        return switch (type) {
            case DataType.Bool b -> "tinyint(1)";
            case DataType.Int i -> integer(i);
            case DataType.Decimal d ->
                    fits(d)
                            ? "decimal(%d,%d)%s"
                                    .formatted(
                                            d.precision(),
                                            d.scale(),
                                            d.unsigned() ? " unsigned" : "")
                            : "decimal(%d,%d)".formatted(MOST_DIGITS, MOST_DIGITS_AFTER_POINT);
            case DataType.Floating f -> f.bits() == 32 ? "float" : "double";
            case DataType.Chars c ->
                    c.length() == 0 || c.length() > LONGEST_VARCHAR
                            ? LONG_TEXT
                            : "varchar(%d)".formatted(c.length());
            case DataType.Binary b -> LONG_BYTES;
            case DataType.Bits b -> isNumber(b) ? "bit(%d)".formatted(b.length()) : LONG_TEXT;
            case DataType.Date d -> "date";
            case DataType.Time t -> sized("time", t.fraction());
            case DataType.DateTime d -> sized("datetime", d.fraction());
            case DataType.Moment m -> sized("datetime", m.fraction());
            case DataType.Year y -> "year";
            case DataType.Uuid u -> "char(36)";
            case DataType.Json j -> j.verbatim() ? LONG_TEXT : "json";
            case DataType.Choice c -> isEnum(c.labels()) ? "enum" + labels(c.labels()) : LONG_TEXT;
            case DataType.Choices c -> "set" + labels(c.labels());
            case DataType.Geometry g -> "geometry";
            case DataType.Money m -> LONG_TEXT;
            case DataType.Native n -> n.logicalType() == LogicalType.BYTES ? LONG_BYTES : LONG_TEXT;
        };
    }

    /** What an operator should know of values that do not fit; null where all do. */
    static @Nullable String loss(DataType type) {
        return switch (type) {
            case DataType.Decimal d when !fits(d) ->
                    "a number of more than 35 digits before the point or 30 after it, NaN and"
                            + " infinity stop the replication.";
            case DataType.Decimal d -> "NaN stops the replication.";
            case DataType.Floating f -> "NaN and infinity stop the replication.";
            case DataType.Chars c when c.fixed() -> "it keeps the spaces that fill it up.";
            case DataType.Bits b when !isNumber(b) -> "it holds the digits 0 and 1.";
            case DataType.Date d ->
                    "infinity and years before 1 or after 9999 stop the replication.";
            case DataType.DateTime d ->
                    "infinity and years before 1 or after 9999 stop the replication.";
            case DataType.Moment m ->
                    "it holds the moment in UTC; infinity and years before 1 or after 9999 stop the"
                            + " replication.";
            case DataType.Json j when !j.verbatim() ->
                    "a number that is neither of 64 bits nor a double, more than 100 levels and a"
                            + " name of more than 65535 bytes stop the replication.";
            case DataType.Choice c when !isEnum(c.labels()) -> "the labels are not enforced.";
            case DataType.Money m -> "it holds the source's own form.";
            case DataType.Native n -> "it holds the source's own form.";
            default -> null;
        };
    }

    /** The collation of the type; null where it has none. */
    static @Nullable String collation(DataType type, String nativeType, String ofTexts) {
        boolean text =
                nativeType.matches("(?s)(?:varchar|char|enum|set)\\(.*")
                        || nativeType.equals(LONG_TEXT);
        return type instanceof DataType.Uuid ? "ascii_bin" : text ? ofTexts : null;
    }

    private static boolean fits(DataType.Decimal type) {
        return type.precision() > 0
                && type.precision() <= MOST_DIGITS
                && type.scale() >= 0
                && type.scale() <= MOST_DIGITS_AFTER_POINT
                && type.scale() <= type.precision();
    }

    private static boolean isNumber(DataType.Bits type) {
        return !type.varying() && type.length() <= MOST_BITS;
    }

    /** Spaces at the end of a label would be cut, and an empty one is the sign of an error. */
    private static boolean isEnum(List<String> labels) {
        return labels.stream().noneMatch(label -> label.isEmpty() || label.endsWith(" "));
    }

    private static String labels(List<String> labels) {
        return labels.stream().map(Sql::literal).collect(Collectors.joining(",", "(", ")"));
    }

    private static String sized(String name, int fraction) {
        return fraction == 0 ? name : "%s(%d)".formatted(name, fraction);
    }

    private static String integer(DataType.Int type) {
        String name =
                switch (type.bits()) {
                    case 8 -> "tinyint";
                    case 16 -> "smallint";
                    case 24 -> "mediumint";
                    case 32 -> "int";
                    default -> "bigint";
                };
        return type.unsigned() ? name + " unsigned" : name;
    }
}
