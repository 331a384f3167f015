package io.sluice.connectors.mysql;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.JdbcStatement;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
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
        rows.add(reader.row(line));
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
        try (Statement statement = connection.createStatement()) {
            long taken = execute(statement, content());
            ServerWarnings.refuseAny(statement);
            if (taken != rows.size()) {
                throw new ConnectorException(
                        ErrorClass.ROW,
                        "%s failed: the target took %d of %d rows"
                                .formatted(step(), taken, rows.size()));
            }
            copied += taken;
        } catch (UnfitValueException e) {
            throw new ConnectorException(ErrorClass.ROW, step() + " failed: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw MySqlErrors.failure(step(), e);
        }
    }

    /** Only while this runs does the driver send anything, and then this stream. */
    private long execute(Statement statement, byte[] content) throws SQLException {
        var allowed =
                connection
                        .unwrap(JdbcConnection.class)
                        .getPropertySet()
                        .<Boolean>getProperty(PropertyKey.allowLoadLocalInfile);
        JdbcStatement loading = statement.unwrap(JdbcStatement.class);
        loading.setLocalInfileInputStream(new ByteArrayInputStream(content));
        allowed.setValue(true);
        try {
            return statement.executeLargeUpdate(sql());
        } finally {
            allowed.setValue(false);
            loading.setLocalInfileInputStream(null);
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

    private byte[] content() {
        StringBuilder content = new StringBuilder((int) Math.min(gathered + 16, 1 << 26));
        for (Row row : rows) {
            for (int i = 0; i < forms.size(); i++) {
                if (i > 0) {
                    content.append('\t');
                }
                Object value = row.get(i);
                if (value == null) {
                    content.append("\\N");
                } else {
                    appendEscaped(content, forms.get(i).text(value));
                }
            }
            content.append('\n');
        }
        return content.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void appendEscaped(StringBuilder content, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> content.append("\\\\");
                case '\t' -> content.append("\\t");
                case '\n' -> content.append("\\n");
                case '\r' -> content.append("\\r");
                case '\0' -> content.append("\\0");
                default -> content.append(c);
            }
        }
    }

    private String step() {
        return place + ": copying into " + schema.table();
    }
}
