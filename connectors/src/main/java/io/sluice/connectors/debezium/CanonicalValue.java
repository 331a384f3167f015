package io.sluice.connectors.debezium;

import io.sluice.change.LogicalType;
import java.util.HexFormat;

/** From PostgreSQL's text of a value to the form in which the change model carries it. */
final class CanonicalValue {

    // Object identifiers of the built-in types that do not travel as text. They are part of
    // PostgreSQL's protocol and never change.
    private static final int BOOL = 16;
    private static final int BYTEA = 17;
    private static final int INT8 = 20;
    private static final int INT2 = 21;
    private static final int INT4 = 23;
    private static final int OID = 26;
    private static final int FLOAT4 = 700;
    private static final int FLOAT8 = 701;

    private CanonicalValue() {}

    /** What a column of this type holds; for a domain, the identifier is that of its base type. */
    static LogicalType typeOf(int oid) {
        return switch (oid) {
            case BOOL -> LogicalType.BOOLEAN;
            case BYTEA -> LogicalType.BYTES;
            case INT2, INT4, INT8, OID -> LogicalType.INTEGER;
            case FLOAT4 -> LogicalType.FLOAT;
            case FLOAT8 -> LogicalType.DOUBLE;
            default -> LogicalType.TEXT;
        };
    }

    /**
     * @throws IllegalArgumentException if the text is not of the type; its message may hold the
     *     value and must not be passed on
     */
    static Object of(LogicalType type, String text) {
        return switch (type) {
            case TEXT -> text;
            case INTEGER -> Long.valueOf(text);
            case BOOLEAN -> truth(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case BYTES -> bytes(text);
        };
    }

    private static Boolean truth(String text) {
        return switch (text) {
            case "t" -> Boolean.TRUE;
            case "f" -> Boolean.FALSE;
            default -> throw new IllegalArgumentException("not a truth value");
        };
    }

    private static byte[] bytes(String text) {
        if (!text.startsWith("\\x")) {
            throw new IllegalArgumentException("not in bytea_output=hex");
        }
        return HexFormat.of().parseHex(text, 2, text.length());
    }
}
