package io.sluice.gateway.snapshot;

import io.sluice.change.Row;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowLimit;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Parking;
import io.sluice.gateway.apply.UniqueKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Writes a part's rows by inserts: in place of those of earlier moments that stand under the same
 * unique keys, where a row may have moved from a part that is done to one that was not; and around
 * those that the target refuses, where they are parked. Takes {@code CopyFormat.TEXT}.
 */
final class RoomMaking implements TargetSession.CopyWriter {

    private static final int ROWS = 5_000;
    private static final long BYTES = 4 << 20;

    /** At a low rate: a target may end a session whose transaction does nothing for minutes. */
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final TargetSession session;
    private final CopyPart.Table table;
    private final SourcePosition position;
    private final Parking parking;
    private final CopyLineReader reader;
    private final List<Row> rows = new ArrayList<>();
    private long flushed = System.nanoTime();
    private long bytes;
    private long written;
    private long parked;

    /**
     * @param position of the rows
     * @param parking where refused rows are put aside
     */
    RoomMaking(
            TargetSession session, CopyPart.Table table, SourcePosition position, Parking parking) {
        this.session = session;
        this.table = table;
        this.position = position;
        this.parking = parking;
        reader = new CopyLineReader(table.target());
    }

    @Override
    public void write(byte[] line) {
        rows.add(reader.row(line));
        RowLimit.require(
                table.target().table(),
                () -> table.target().keyText(rows.getLast()),
                line.length,
                RowLimit.lineBytes());
        bytes += line.length;
        if (rows.size() >= ROWS
                || bytes >= BYTES
                || System.nanoTime() - flushed >= LONGEST_WAIT_NANOS) {
            flush();
        }
    }

    @Override
    public long finish() {
        flush();
        return written;
    }

    /** How many rows were put aside. */
    long parked() {
        return parked;
    }

    @Override
    public void close() {
        rows.clear();
    }

    private void flush() {
        if (!rows.isEmpty()) {
            if (parking.takes(table.target())) {
                insertOrPark(List.copyOf(rows));
            } else {
                insert(rows);
            }
            rows.clear();
            bytes = 0;
            flushed = System.nanoTime();
        }
    }

    private void insert(List<Row> some) {
        if (table.isBegun()) {
            UniqueKeys.makeRoom(session, table.keys(), some);
        }
        written += session.execute(new InsertRows(table.target(), some));
    }

    /** Divides what is refused, down to the row that the refusal is about. */
    private void insertOrPark(List<Row> some) {
        session.savepoint();
        try {
            insert(some);
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
            session.rollbackToSavepoint();
            if (some.size() == 1) {
                parking.parkCopied(session, table.target(), some.getFirst(), position, e);
                parked++;
                return;
            }
            int middle = some.size() / 2;
            insertOrPark(some.subList(0, middle));
            insertOrPark(some.subList(middle, some.size()));
        }
    }
}
