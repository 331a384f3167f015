package io.sluice.connectors.postgres;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import org.jspecify.annotations.Nullable;

/** The type that holds another engine's values here, and what is not the same then. Pure. */
final class PostgresForms {

    private static final int LONGEST_VARCHAR = 10_485_760;

    private PostgresForms() {}

    static String nativeType(DataType type) {
        return switch (type) {
            case DataType.Bool b -> "boolean";
            case DataType.Int i -> integer(i);
            case DataType.Decimal d ->
                    d.precision() == 0
                            ? "numeric"
                            : "numeric(%d,%d)".formatted(d.precision(), d.scale());
            case DataType.Floating f -> f.bits() == 32 ? "real" : "double precision";
            case DataType.Chars c ->
                    c.length() == 0 || c.length() > LONGEST_VARCHAR
                            ? "text"
                            : "character varying(%d)".formatted(c.length());
            case DataType.Binary b -> "bytea";
            case DataType.Bits b ->
                    b.varying()
                            ? "bit varying" + (b.length() == 0 ? "" : "(" + b.length() + ")")
                            : "bit(%d)".formatted(b.length());
            case DataType.Date d -> "date";
            case DataType.Time t -> "time(%d) without time zone".formatted(t.fraction());
            case DataType.DateTime d -> "timestamp(%d) without time zone".formatted(d.fraction());
            case DataType.Moment m -> "timestamp(%d) with time zone".formatted(m.fraction());
            case DataType.Year y -> "smallint";
            case DataType.Uuid u -> "uuid";
            case DataType.Json j -> j.verbatim() ? "json" : "jsonb";
            case DataType.Choice c -> "text";
            case DataType.Choices c -> "text";
            case DataType.Geometry g -> "bytea";
            case DataType.Money m -> "text";
            case DataType.Native n -> n.logicalType() == LogicalType.BYTES ? "bytea" : "text";
        };
    }

    private static String integer(DataType.Int type) {
        int bits = type.unsigned() ? type.bits() + 1 : type.bits();
        if (bits > 64) {
            return "numeric(20,0)";
        }
        return bits <= 16 ? "smallint" : bits <= 32 ? "integer" : "bigint";
    }

    /** What an operator should know of values that do not fit; null where all do. */
    static @Nullable String loss(DataType type) {
        return switch (type) {
            case DataType.Chars c -> "a text with the character U+0000 stops the replication.";
            case DataType.Date d -> "a zero date, or one with a zero in it, stops the replication.";
            case DataType.DateTime d ->
                    "a zero date, or one with a zero in it, stops the replication.";
            case DataType.Moment m -> "a zero date stops the replication.";
            case DataType.Time t -> "a time below zero or beyond 24 hours stops the replication.";
            case DataType.Json j -> "the character U+0000 in a text stops the replication.";
            case DataType.Choice c -> "the labels are not enforced.";
            case DataType.Choices c -> "the labels, joined by commas, are not enforced.";
            case DataType.Geometry g ->
                    "it holds MySQL's own bytes: four of the reference system, then WKB.";
            case DataType.Native n -> "it holds the source's own form.";
            default -> null;
        };
    }
}
