package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.deserialization.AbstractRowsEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import io.debezium.relational.Column;
import io.sluice.change.LogicalType;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * From what the log and the table's definition say of a column to the way to read it. The log says
 * how the bytes lie; the definition adds what the log leaves out: signs, labels, lengths.
 */
final class CellReaders {

    private static final String BINARY = "binary";

    private CellReaders() {}

    /**
     * @param type the column's type in the log
     * @param meta the log's further description of the type
     * @param charset MySQL's name of the character set; null where the log does not tell
     * @throws IllegalArgumentException if values of the column cannot be read
     */
    static CellReader of(Column column, int type, int meta, @Nullable String charset) {
        ColumnType known = ColumnType.byCode(type);
        if (known == null) {
            throw new IllegalArgumentException("type " + type + " of the log is not known");
        }
        return switch (known) {
            case TINY -> integer(column, 1);
            case SHORT -> integer(column, 2);
            case INT24 -> integer(column, 3);
            case LONG -> integer(column, 4);
            case LONGLONG -> bigint(column);
            case FLOAT ->
                    of(LogicalType.FLOAT, in -> Float.intBitsToFloat((int) in.littleEndian(4)));
            case DOUBLE ->
                    of(LogicalType.DOUBLE, in -> Double.longBitsToDouble(in.littleEndian(8)));
            case NEWDECIMAL -> decimal(meta & 0xFF, meta >> 8);
            case BIT -> bits((meta >> 8) * 8 + (meta & 0xFF));
            case YEAR -> of(LogicalType.INTEGER, CellReaders::year);
            case DATE -> of(LogicalType.TEXT, TemporalText::date);
            case TIME_V2 -> of(LogicalType.TEXT, in -> TemporalText.time(in, meta));
            case DATETIME_V2 -> of(LogicalType.TEXT, in -> TemporalText.dateTime(in, meta));
            case TIMESTAMP_V2 -> of(LogicalType.TEXT, in -> TemporalText.moment(in, meta));
            case STRING -> string(column, meta, charset);
            case VARCHAR, VAR_STRING -> characters(column, charset, meta < 256 ? 1 : 2);
            case BLOB -> characters(column, charset, meta);
            case GEOMETRY, VECTOR -> of(LogicalType.BYTES, in -> lengthAndBytes(in, meta));
            case JSON -> of(LogicalType.TEXT, in -> BinlogJson.of(lengthAndBytes(in, meta)));
            default ->
                    throw new IllegalArgumentException(
                            "values of type " + known + " are from before MySQL 5.6: rebuild it");
        };
    }

    private static CellReader of(LogicalType type, Function<BinlogBytes, Object> read) {
        return new CellReader(type, read);
    }

    private static CellReader integer(Column column, int bytes) {
        if (MySqlColumns.isUnsigned(column)) {
            return of(LogicalType.INTEGER, in -> in.littleEndian(bytes));
        }
        int unused = 64 - 8 * bytes;
        return of(LogicalType.INTEGER, in -> in.littleEndian(bytes) << unused >> unused);
    }

    private static CellReader bigint(Column column) {
        return MySqlColumns.isUnsigned(column)
                ? of(LogicalType.TEXT, in -> Long.toUnsignedString(in.littleEndian(8)))
                : of(LogicalType.INTEGER, in -> in.littleEndian(8));
    }

    private static Object year(BinlogBytes in) {
        int since1900 = in.oneByte();
        return since1900 == 0 ? 0L : 1900L + since1900;
    }

    /** Nine digits fill four bytes, fewer of them fewer. */
    private static CellReader decimal(int precision, int scale) {
        int bytes = decimalBytes(precision - scale) + decimalBytes(scale);
        return of(
                LogicalType.TEXT,
                in ->
                        AbstractRowsEventDataDeserializer.asBigDecimal(
                                        precision, scale, in.take(bytes))
                                .setScale(scale)
                                .toPlainString());
    }

    private static int decimalBytes(int digits) {
        return digits / 9 * 4 + (digits % 9 + 1) / 2;
    }

    private static CellReader bits(int count) {
        int bytes = (count + 7) / 8;
        return of(
                LogicalType.TEXT,
                in -> {
                    String digits = Long.toBinaryString(in.bigEndian(bytes));
                    return "0".repeat(Math.max(0, count - digits.length())) + digits;
                });
    }

    /** The log has one type for CHAR, BINARY, ENUM and SET, and hides lengths above 255 in it. */
    private static CellReader string(Column column, int meta, @Nullable String charset) {
        int high = meta >> 8;
        int low = meta & 0xFF;
        if (high == ColumnType.ENUM.getCode()) {
            return choice(MySqlColumns.labels(column), low);
        }
        if (high == ColumnType.SET.getCode()) {
            return choices(MySqlColumns.labels(column), low);
        }
        int length = low | ((high & 0x30) ^ 0x30) << 4;
        int prefix = length < 256 ? 1 : 2;
        if (isBinary(column, charset)) {
            // Zeros at the end are left out of the log.
            return of(LogicalType.BYTES, in -> Arrays.copyOf(lengthAndBytes(in, prefix), length));
        }
        CharsetText text = CharsetText.of(charset == null ? column.charsetName() : charset);
        return of(
                LogicalType.TEXT,
                in -> text.of(lengthAndBytes(in, prefix)).replaceFirst(" +\\z", ""));
    }

    private static CellReader characters(Column column, @Nullable String charset, int prefix) {
        if (isBinary(column, charset)) {
            return of(LogicalType.BYTES, in -> lengthAndBytes(in, prefix));
        }
        CharsetText text = CharsetText.of(charset == null ? column.charsetName() : charset);
        return of(LogicalType.TEXT, in -> text.of(lengthAndBytes(in, prefix)));
    }

    private static boolean isBinary(Column column, @Nullable String charset) {
        return charset == null
                ? MySqlColumns.typeOf(column) == LogicalType.BYTES
                : charset.equals(BINARY);
    }

    /** Number 0 is the empty text that stands for a value that was none of the labels. */
    private static CellReader choice(List<String> labels, int bytes) {
        return of(
                LogicalType.TEXT,
                in -> {
                    int number = (int) in.littleEndian(bytes);
                    return number == 0 ? "" : labels.get(number - 1);
                });
    }

    private static CellReader choices(List<String> labels, int bytes) {
        return of(
                LogicalType.TEXT,
                in -> {
                    long members = in.littleEndian(bytes);
                    StringBuilder joined = new StringBuilder();
                    for (int i = 0; i < labels.size(); i++) {
                        if ((members >> i & 1) == 1) {
                            joined.append(joined.isEmpty() ? "" : ",").append(labels.get(i));
                        }
                    }
                    return joined.toString();
                });
    }

    private static byte[] lengthAndBytes(BinlogBytes in, int prefix) {
        return in.take(Math.toIntExact(in.littleEndian(prefix)));
    }
}
