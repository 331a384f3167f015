package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Base64;

/** Writes JSON from its binary form in the log as the server prints it. Used by one thread. */
final class BinlogJson implements JsonFormatter {

    private static final int MILLION = 1_000_000;
    private static final double LEAST_PLAIN = 1e-5;
    private static final double LEAST_SCIENTIFIC = 1e15;

    private final StringBuilder text = new StringBuilder();

    private BinlogJson() {}

    /** An empty value is what the server keeps where NULL was forced into a NOT NULL column. */
    static String of(byte[] binary) {
        if (binary.length == 0) {
            return "null";
        }
        BinlogJson formatter = new BinlogJson();
        try {
            new Binary(binary).parse(formatter);
        } catch (IOException e) {
            throw new UncheckedIOException("holds what is not JSON in MySQL's binary form", e);
        }
        return formatter.text.toString();
    }

    /** The client's reader, which takes the parts of a time below zero for those of another one. */
    private static final class Binary extends JsonBinary {

        Binary(byte[] binary) {
            super(binary);
        }

        @Override
        protected void parseTime(JsonFormatter formatter) throws IOException {
            long packed = readInt64();
            long size = Math.abs(packed);
            long time = size >> 24;
            int sign = packed < 0 ? -1 : 1;
            formatter.valueTime(
                    sign * (int) (time >> 12 & 0x3FF),
                    sign * (int) (time >> 6 & 0x3F),
                    sign * (int) (time & 0x3F),
                    sign * (int) (size & 0xFFFFFF));
        }
    }

    @Override
    public void beginObject(int members) {
        text.append('{');
    }

    @Override
    public void beginArray(int elements) {
        text.append('[');
    }

    @Override
    public void endObject() {
        text.append('}');
    }

    @Override
    public void endArray() {
        text.append(']');
    }

    @Override
    public void name(String name) {
        value(name);
        text.append(": ");
    }

    @Override
    public void nextEntry() {
        text.append(", ");
    }

    @Override
    public void value(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            escaped(value.charAt(i));
        }
        text.append('"');
    }

    private void escaped(char c) {
        switch (c) {
            case '"', '\\' -> text.append('\\').append(c);
            case '\b' -> text.append("\\b");
            case '\f' -> text.append("\\f");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            default -> {
                if (c < ' ') {
                    text.append("\\u%04x".formatted((int) c));
                } else {
                    text.append(c);
                }
            }
        }
    }

    @Override
    public void value(int value) {
        text.append(value);
    }

    @Override
    public void value(long value) {
        text.append(value);
    }

    /** The shortest digits that mean this number; a double stays one by its point or exponent. */
    @Override
    public void value(double value) {
        String digits = shortest(value);
        double size = Math.abs(value);
        if (digits.indexOf('E') >= 0 && size >= LEAST_PLAIN && size < LEAST_SCIENTIFIC) {
            String plain = new BigDecimal(digits).toPlainString();
            text.append(plain).append(plain.indexOf('.') < 0 ? ".0" : "");
        } else {
            text.append(digits.replace(".0E", "E").replace('E', 'e'));
        }
    }

    /** Java writes two digits at least, and {@code 4.9E-324} for what the server has as 5e-324. */
    private static String shortest(double value) {
        String digits = Double.toString(value);
        if (Math.abs(value) >= Double.MIN_NORMAL || value == 0) {
            return digits;
        }
        BigDecimal one = new BigDecimal(value).round(new MathContext(1));
        return one.doubleValue() == value ? one.unscaledValue() + ".0E" + -one.scale() : digits;
    }

    @Override
    public void value(BigInteger value) {
        text.append(value);
    }

    @Override
    public void value(BigDecimal value) {
        text.append(value.toPlainString());
    }

    @Override
    public void value(boolean value) {
        text.append(value);
    }

    @Override
    public void valueNull() {
        text.append("null");
    }

    @Override
    public void valueYear(int year) {
        opaque(ColumnType.YEAR.getCode(), Integer.toString(year));
    }

    @Override
    public void valueDate(int year, int month, int day) {
        text.append("\"%04d-%02d-%02d\"".formatted(year, month, day));
    }

    @Override
    public void valueDatetime(
            int year, int month, int day, int hour, int minute, int second, int micros) {
        text.append(
                "\"%04d-%02d-%02d %02d:%02d:%02d.%06d\""
                        .formatted(year, month, day, hour, minute, second, micros));
    }

    @Override
    public void valueTime(int hour, int minute, int second, int micros) {
        boolean negative = hour < 0 || minute < 0 || second < 0 || micros < 0;
        text.append(
                "\"%s%02d:%02d:%02d.%06d\""
                        .formatted(
                                negative ? "-" : "",
                                Math.abs(hour),
                                Math.abs(minute),
                                Math.abs(second),
                                Math.abs(micros)));
    }

    @Override
    public void valueTimestamp(long seconds, int micros) {
        text.append(BigDecimal.valueOf(seconds * MILLION + micros, 6).toPlainString());
    }

    @Override
    public void valueOpaque(ColumnType type, byte[] value) {
        opaque(type.getCode(), Base64.getEncoder().encodeToString(value));
    }

    private void opaque(int type, String value) {
        text.append("\"base64:type%d:%s\"".formatted(type, value));
    }
}
