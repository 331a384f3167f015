package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.EventType;
import io.sluice.change.Row;
import io.sluice.change.RowChange;

/** The changes of rows in one event of the log. Used by one thread. */
final class RowsEvent {

    private final EventType type;
    private final BinlogBytes in;
    private final BinlogTable table;
    private final boolean whole;

    private RowsEvent(EventType type, BinlogBytes in, BinlogTable table, boolean whole) {
        this.type = type;
        this.in = in;
        this.table = table;
        this.whole = whole;
    }

    /**
     * @param in stands behind the table's number, and after this at the first row
     */
    static RowsEvent of(EventType type, BinlogBytes in, BinlogTable table) {
        in.skip(2); // flags
        if (hasExtraInformation(type)) {
            in.skip((int) in.littleEndian(2) - 2);
        }
        int width = in.packed();
        boolean whole = width == table.width() && isAll(in.bits(width));
        if (EventType.isUpdate(type)) {
            whole &= isAll(in.bits(width));
        }
        return new RowsEvent(type, in, table, whole);
    }

    /** Whether the event has all columns of its rows. */
    boolean isWhole() {
        return whole;
    }

    RowChange next() {
        Row row = table.row(in);
        if (EventType.isWrite(type)) {
            return new RowChange.Insert(table.schema(), row);
        }
        if (EventType.isDelete(type)) {
            return new RowChange.Delete(table.schema(), row);
        }
        return new RowChange.Update(table.schema(), row, table.row(in));
    }

    private static boolean hasExtraInformation(EventType type) {
        return switch (type) {
            case EXT_WRITE_ROWS, EXT_UPDATE_ROWS, EXT_DELETE_ROWS -> true;
            default -> false;
        };
    }

    private static boolean isAll(boolean[] bits) {
        for (boolean bit : bits) {
            if (!bit) {
                return false;
            }
        }
        return true;
    }
}
