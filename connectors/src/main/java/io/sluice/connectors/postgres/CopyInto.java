package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** A {@code COPY … FROM STDIN} under way. Rows are gathered, so that a packet holds many. */
final class CopyInto implements CopyWriter {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final String place;
    private final TableId table;
    private final CopyIn copy;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;

    CopyInto(
            String place,
            Connection connection,
            TableId table,
            List<String> columns,
            CopyFormat format) {
        this.place = place;
        this.table = table;
        String names = columns.isEmpty() ? "" : " (" + Sql.identifiers(columns) + ")";
        try {
            copy =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    "COPY "
                                            + Sql.table(table)
                                            + names
                                            + " FROM STDIN"
                                            + Sql.copyOptions(format));
        } catch (SQLException e) {
            throw PostgresErrors.failure(step(), e);
        }
    }

    @Override
    public void write(byte[] message) {
        try {
            if (message.length > BUFFER_BYTES - filled) {
                flush();
            }
            if (message.length > BUFFER_BYTES) {
                copy.writeToCopy(message, 0, message.length);
            } else {
                System.arraycopy(message, 0, buffer, filled, message.length);
                filled += message.length;
            }
        } catch (SQLException e) {
            throw PostgresErrors.failure(step(), e);
        }
    }

    @Override
    public long finish() {
        try {
            flush();
            return copy.endCopy();
        } catch (SQLException e) {
            throw PostgresErrors.failure(step(), e);
        }
    }

    @Override
    public void close() {
        if (copy.isActive()) {
            try {
                copy.cancelCopy();
            } catch (SQLException e) {
                // The copy is void with its transaction.
            }
        }
    }

    private void flush() throws SQLException {
        if (filled > 0) {
            copy.writeToCopy(buffer, 0, filled);
            filled = 0;
        }
    }

    private String step() {
        return place + ": copying into " + table;
    }
}
