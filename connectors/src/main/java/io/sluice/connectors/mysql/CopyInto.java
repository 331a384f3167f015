package io.sluice.connectors.mysql;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.JdbcStatement;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowLimit;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy under way: rows are gathered up to some megabytes and loaded by {@code LOAD DATA LOCAL}
 * from memory, or, where the server does not allow that, by inserts.
 *
 * <p>With {@code LOCAL} the server makes warnings of errors and skips rows that exist; any warning,
 * and any row that is missing, fails the copy.
 */
final class CopyInto implements CopyWriter {

    private static final int CHUNK_BYTES = 4 << 20;

    private final String place;
    private final Connection connection;
    private final TableSchema schema;
    private final RowWriter writer;
    private final CopyLineReader reader;
    private final List<ColumnForm> forms;
    private final List<Row> rows = new ArrayList<>();
    private final boolean loads;
    private long gathered;
    private long copied;

    static CopyInto of(String place, Connection connection, TableSchema schema, RowWriter writer)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT @@local_infile")) {
            row.next();
            return new CopyInto(place, connection, schema, writer, row.getBoolean(1));
        }
    }

    /**
     * @param loads whether the server lets rows be loaded
     */
    CopyInto(
            String place,
            Connection connection,
            TableSchema schema,
            RowWriter writer,
            boolean loads) {
        this.place = place;
        this.connection = connection;
        this.schema = schema;
        this.writer = writer;
        this.loads = loads && !schema.columns().isEmpty();
        reader = new CopyLineReader(schema);
        try {
            forms = writer.forms(schema);
        } catch (SQLException e) {
            throw MySqlErrors.failure(step(), e);
        }
    }

    @Override
    public void write(byte[] line) {
        if (line.length >= CHUNK_BYTES) {
            flush(); // a large row goes alone, so that it alone is refused
        }
        rows.add(reader.row(line));
        RowLimit.require(
                schema.table(),
                () -> schema.keyText(rows.getLast()),
                line.length,
                RowLimit.lineBytes());
        gathered += line.length;
        if (gathered >= CHUNK_BYTES) {
            flush();
        }
    }

    @Override
    public long finish() {
        flush();
        return copied;
    }

    /** What was sent goes with the transaction. */
    @Override
    public void close() {
        rows.clear();
    }

    private void flush() {
        if (rows.isEmpty()) {
            return;
        }
        if (loads) {
            load();
        } else {
            copied += writer.insert(new InsertRows(schema, rows));
        }
        rows.clear();
        gathered = 0;
    }

    private void load() {
        CopyContent content = new CopyContent(forms, rows);
        try (Statement statement = connection.createStatement()) {
            long taken = execute(statement, content);
            CopyContent.UnfitRow unfit = content.unfit();
            if (unfit != null) {
                String reason = step() + " failed: " + unfit.reason().getMessage();
                throw refused(unfit.row(), reason, unfit.reason());
            }
            ServerWarnings.refuseAny(statement);
            if (taken != rows.size()) {
                throw new ConnectorException(
                        ErrorClass.ROW,
                        "%s failed: the target took %d of %d rows"
                                .formatted(step(), taken, rows.size()));
            }
            copied += taken;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private ConnectorException failure(SQLException e) {
        if (MySqlErrors.classify(e) != ErrorClass.ROW) {
            return MySqlErrors.failure(step(), e);
        }
        int number = rows.size() == 1 ? 1 : MySqlErrors.rowNumber(e);
        return number < 1 || number > rows.size()
                ? MySqlErrors.failure(step(), e)
                : refused(
                        rows.get(number - 1),
                        step() + " failed: " + MySqlErrors.reason(e),
                        MySqlErrors.cause(e));
    }

    private RowRefusedException refused(Row row, String reason, Throwable cause) {
        return new RowRefusedException(schema.table(), schema.keyText(row), reason, cause);
    }

    /** Only while this runs does the driver send anything, and then this stream. */
    private long execute(Statement statement, InputStream content) throws SQLException {
        var allowed =
                connection
                        .unwrap(JdbcConnection.class)
                        .getPropertySet()
                        .<Boolean>getProperty(PropertyKey.allowLoadLocalInfile);
        JdbcStatement loading = statement.unwrap(JdbcStatement.class);
        loading.setLocalInfileInputStream(content);
        allowed.setValue(true);
        try {
            return statement.executeLargeUpdate(sql());
        } finally {
            allowed.setValue(false);
            if (!statement.isClosed()) { // as it is when the connection broke
                loading.setLocalInfileInputStream(null);
            }
        }
    }

    private String sql() {
        List<String> targets = new ArrayList<>();
        List<String> settings = new ArrayList<>();
        for (ColumnForm form : forms) {
            String variable = "@v" + targets.size();
            String made = form.loaded(variable);
            targets.add(made == null ? Sql.identifier(form.name()) : variable);
            if (made != null) {
                settings.add(Sql.identifier(form.name()) + " = " + made);
            }
        }
        return "LOAD DATA LOCAL INFILE 'rows' INTO TABLE "
                + Sql.table(schema.table())
                + " CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ENCLOSED BY ''"
                + " ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' STARTING BY '' ("
                + String.join(", ", targets)
                + ")"
                + (settings.isEmpty() ? "" : " SET " + String.join(", ", settings));
    }

    private String step() {
        return place + ": copying into " + schema.table();
    }
}
