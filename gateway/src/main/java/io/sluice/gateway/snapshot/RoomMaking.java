package io.sluice.gateway.snapshot;

import io.sluice.change.Row;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.UniqueKeys;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a part's rows in place of those of earlier moments that stand under the same unique keys:
 * a row may have moved from a part that is done to one that was not. Takes {@code CopyFormat.TEXT}.
 */
final class RoomMaking implements TargetSession.CopyWriter {

    private static final int ROWS = 5_000;
    private static final long BYTES = 4 << 20;

    private final TargetSession session;
    private final CopyPart.Table table;
    private final CopyLineReader reader;
    private final List<Row> rows = new ArrayList<>();
    private long bytes;
    private long written;

    RoomMaking(TargetSession session, CopyPart.Table table) {
        this.session = session;
        this.table = table;
        reader = new CopyLineReader(table.target());
    }

    @Override
    public void write(byte[] line) {
        rows.add(reader.row(line));
        bytes += line.length;
        if (rows.size() >= ROWS || bytes >= BYTES) {
            flush();
        }
    }

    @Override
    public long finish() {
        flush();
        return written;
    }

    @Override
    public void close() {
        rows.clear();
    }

    private void flush() {
        if (!rows.isEmpty()) {
            UniqueKeys.makeRoom(session, table.keys(), rows);
            written += session.execute(new InsertRows(table.target(), rows));
            rows.clear();
            bytes = 0;
        }
    }
}
