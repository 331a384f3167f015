package io.sluice.connectors.postgres;

import io.sluice.change.Column;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowLimit;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** A {@code COPY … FROM STDIN} under way. Rows are gathered, so that a packet holds many. */
final class CopyInto implements CopyWriter {

    private static final int BUFFER_BYTES = 64 * 1024;

    private static final Pattern LINE =
            Pattern.compile("(\\d+)(?:, column ([^:]+))?(?::.*)?", Pattern.DOTALL);

    private final String place;
    private final TableId table;
    private final CopyFormat format;
    private final CopiedKeys keys;
    private final List<String> columns;
    private final CopyIn copy;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;

    CopyInto(String place, Connection connection, TableSchema schema, CopyFormat format) {
        this.place = place;
        this.format = format;
        table = schema.table();
        keys = new CopiedKeys(schema);
        columns = schema.columns().stream().map(Column::name).toList();
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
        if (format == CopyFormat.TEXT) {
            inspect(message);
        }
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
            throw failure(e);
        }
    }

    @Override
    public long finish() {
        try {
            flush();
            return copy.endCopy();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /** Not of the binary format, whose refusals are told by the row's number. */
    private void inspect(byte[] line) {
        keys.sent(line);
        RowLimit.require(table, () -> keys.of(keys.lines()), line.length, RowLimit.lineBytes());
        refuseZero(line);
    }

    /** The server would tell the line, and not the column. */
    private void refuseZero(byte[] line) {
        int column = 0;
        for (byte b : line) {
            if (b == '\t') {
                column++;
            } else if (b == 0) {
                throw new RowRefusedException(
                        table,
                        keys.of(keys.lines()),
                        "%s, column %s failed: a text holds the character U+0000, which PostgreSQL does not have"
                                .formatted(step(), columns.get(column)),
                        null);
            }
        }
    }

    /** The server tells a line's number and column, and the value behind them. */
    private ConnectorException failure(SQLException e) {
        // Of a document, the place in it is told before.
        String where = "\n" + where(e);
        String beginning = "\nCOPY " + table.name() + ", line ";
        int start = where.indexOf(beginning);
        Matcher line = LINE.matcher(start < 0 ? "" : where.substring(start + beginning.length()));
        if (PostgresErrors.classify(e) != ErrorClass.ROW || !line.matches()) {
            return PostgresErrors.failure(step(), e);
        }
        String column = line.group(2) == null ? "" : ", column " + line.group(2);
        return new RowRefusedException(
                table,
                keys.of(Long.parseLong(line.group(1))),
                step() + column + " failed: " + PostgresErrors.reason(e),
                PostgresErrors.cause(e));
    }

    private static String where(SQLException e) {
        ServerErrorMessage said =
                e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        return said == null || said.getWhere() == null ? "" : said.getWhere();
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
