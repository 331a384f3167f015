package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows to the target, many to a packet. Used by one thread.
 *
 * <p>What was read of the target's tables stays known until a statement does not fit any more.
 */
final class RowWriter {

    /** Bounds on what one packet carries; a single larger row still goes, alone. */
    private static final int MOST_ROWS = 2_000;

    /** Fewer changes are not worth the round trip that counts their rows. */
    private static final int FEWEST_TOGETHER = 8;

    private static final int MOST_TOGETHER = 500;

    private static final int MOST_CHARACTERS = 1 << 20;

    /** A character takes up to three bytes. */
    private static final int PACKET_SHARE = 4;

    private final String place;
    private final Connection connection;
    private final Statement statement;
    private final int mostCharacters;
    private final KeylessRows keyless;
    private final Map<TableSchema, RowStatements> known = new HashMap<>();

    /**
     * @param timeoutSeconds after which a packet is cancelled; 0 for none
     */
    RowWriter(String place, Connection connection, int timeoutSeconds) throws SQLException {
        this.place = place;
        this.connection = connection;
        statement = connection.createStatement();
        statement.setQueryTimeout(timeoutSeconds);
        try (ResultSet row = statement.executeQuery("SELECT @@max_allowed_packet")) {
            row.next();
            mostCharacters = (int) Math.min(MOST_CHARACTERS, row.getLong(1) / PACKET_SHARE);
        }
        keyless = new KeylessRows(statement, mostCharacters);
    }

    long insert(InsertRows insert) {
        return guarded(
                "inserting into",
                insert.table(),
                insert.rows(),
                rows -> {
                    if (insert.table().columns().isEmpty()) {
                        return insertDefaults(insert.table(), rows.size());
                    }
                    return insert(statements(insert.table()), rows);
                });
    }

    long update(UpdateRows update) {
        return guarded(
                "updating",
                update.table(),
                update.before(),
                rows -> {
                    RowStatements statements = statements(update.table());
                    List<Integer> written = statements.writtenOrFound(update.written());
                    List<Row> after = update.written().isEmpty() ? rows : update.after();
                    if (rows.size() < FEWEST_TOGETHER) {
                        return updateEach(statements, written, rows, after);
                    }
                    return update.table().hasKey()
                            ? updateTogether(statements, written, rows, after)
                            : rewrite(statements, written, rows, after);
                });
    }

    private long updateEach(
            RowStatements statements, List<Integer> written, List<Row> before, List<Row> after)
            throws SQLException {
        Packet packet = new Packet("", ";", "");
        for (int i = 0; i < before.size(); i++) {
            Row was = before.get(i);
            Row now = after.get(i);
            packet.add(sql -> statements.update(sql, written, was, now));
        }
        return packet.finish();
    }

    /** Writes whole rows over those that stand, some hundreds by one statement. */
    private long updateTogether(
            RowStatements statements, List<Integer> written, List<Row> before, List<Row> after)
            throws SQLException {
        long touched = 0;
        for (int from = 0; from < before.size(); from += MOST_TOGETHER) {
            int to = Math.min(before.size(), from + MOST_TOGETHER);
            List<Row> was = before.subList(from, to);
            List<Row> whole = statements.wholeRows(was, after.subList(from, to));
            if (whole.isEmpty() || lock(statements, was) != was.size()) {
                touched += updateEach(statements, written, was, after.subList(from, to));
                continue;
            }
            Packet packet = new Packet(statements.insert(), ", ", statements.over(written));
            for (Row row : whole) {
                packet.add(sql -> statements.values(sql, row));
            }
            // The server counts such a row as two, or as one where nothing changed.
            packet.finish();
            touched += was.size();
        }
        return touched;
    }

    /** Deletes rows that have no key and writes them anew, which takes two scans for hundreds. */
    private long rewrite(
            RowStatements statements, List<Integer> written, List<Row> before, List<Row> after)
            throws SQLException {
        List<Row> whole = statements.rewritten(before, after);
        if (whole.isEmpty()) {
            return updateEach(statements, written, before, after);
        }
        long deleted = keyless.delete(statements, before);
        insert(statements, whole);
        return deleted;
    }

    private long insert(RowStatements statements, List<Row> rows) throws SQLException {
        Packet packet = new Packet(statements.insert(), ", ", "");
        for (Row row : rows) {
            packet.add(sql -> statements.values(sql, row));
        }
        return packet.finish();
    }

    private long lock(RowStatements statements, List<Row> rows) throws SQLException {
        StringBuilder sql = new StringBuilder(statements.lock());
        for (int i = 0; i < rows.size(); i++) {
            sql.append(i == 0 ? "" : ", ");
            statements.key(sql, rows.get(i));
        }
        try (ResultSet row = statement.executeQuery(sql.append(") FOR UPDATE").toString())) {
            row.next();
            return row.getLong(1);
        }
    }

    long delete(DeleteRows delete) {
        return guarded(
                "deleting from",
                delete.table(),
                delete.before(),
                rows -> {
                    RowStatements statements = statements(delete.table());
                    if (!delete.table().hasKey()) {
                        return keyless.delete(statements, rows);
                    }
                    Packet packet = new Packet(statements.delete(), ", ", ")");
                    for (Row row : rows) {
                        packet.add(sql -> statements.key(sql, row));
                    }
                    return packet.finish();
                });
    }

    /**
     * Removes all rows within the transaction, which {@code TRUNCATE} would commit. That takes as
     * long as there are rows, so that a time-out would find it no faster another time.
     */
    void empty(TableId table) {
        try (Statement patient = connection.createStatement()) {
            int wait = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, 0);
            try {
                patient.executeLargeUpdate("DELETE FROM " + Sql.table(table));
            } finally {
                connection.setNetworkTimeout(Runnable::run, wait);
            }
        } catch (SQLException e) {
            throw MySqlErrors.failure(place + ": emptying " + table, e);
        }
    }

    /** How the table's values are written. */
    List<ColumnForm> forms(TableSchema schema) throws SQLException {
        return statements(schema).forms();
    }

    private RowStatements statements(TableSchema schema) throws SQLException {
        RowStatements statements = known.get(schema);
        if (statements == null) {
            statements = new RowStatements(TargetTable.read(connection, schema.table()), schema);
            known.put(schema, statements);
        }
        return statements;
    }

    private long insertDefaults(TableSchema schema, int count) throws SQLException {
        Packet packet =
                new Packet("INSERT INTO " + Sql.table(schema.table()) + " VALUES ", ", ", "");
        for (int i = 0; i < count; i++) {
            packet.add(sql -> sql.append("()"));
        }
        return packet.finish();
    }

    private interface Part {
        void append(StringBuilder sql);
    }

    /** A statement, or several of them, that is sent whenever it is large enough. */
    private final class Packet {

        private final String opening;
        private final String separator;
        private final String closing;
        private final StringBuilder sql = new StringBuilder();
        private int rows;
        private long touched;

        Packet(String opening, String separator, String closing) {
            this.opening = opening;
            this.separator = separator;
            this.closing = closing;
        }

        void add(Part part) throws SQLException {
            int before = sql.length();
            sql.append(rows == 0 ? opening : separator);
            part.append(sql);
            rows++;
            if (rows > 1 && sql.length() > mostCharacters) {
                String last = sql.substring(before + separator.length());
                sql.setLength(before);
                send();
                sql.append(opening).append(last);
                rows = 1;
            }
            if (rows >= MOST_ROWS || sql.length() >= mostCharacters) {
                send();
            }
        }

        long finish() throws SQLException {
            if (rows > 0) {
                send();
            }
            return touched;
        }

        private void send() throws SQLException {
            sql.append(closing);
            String whole = sql.toString();
            sql.setLength(0);
            rows = 0;
            statement.execute(whole);
            long count = statement.getLargeUpdateCount();
            while (count >= 0) {
                touched += count;
                statement.getMoreResults();
                count = statement.getLargeUpdateCount();
            }
            ServerWarnings.refuseChangedValues(statement);
        }
    }

    private interface Work {
        long on(List<Row> rows) throws SQLException;
    }

    private long guarded(String verb, TableSchema schema, List<Row> rows, Work work) {
        String step = "%s: %s %s".formatted(place, verb, schema.table());
        try {
            return rows.isEmpty() ? 0 : work.on(rows);
        } catch (UnfitValueException e) {
            throw refused(schema, rows, step + " failed: " + e.getMessage(), e, false);
        } catch (SQLException e) {
            ErrorClass errorClass = MySqlErrors.classify(e);
            if (errorClass == ErrorClass.FATAL) {
                // The table may have changed; what is tried next looks anew.
                known.clear();
            }
            if (errorClass == ErrorClass.ROW) {
                throw refused(
                        schema,
                        rows,
                        step + " failed: " + MySqlErrors.reason(e),
                        MySqlErrors.cause(e),
                        MySqlErrors.isOfUniqueKey(e));
            }
            throw MySqlErrors.failure(step, e);
        }
    }

    private static ConnectorException refused(
            TableSchema schema,
            List<Row> rows,
            String reason,
            @Nullable Throwable cause,
            boolean ofUniqueKey) {
        return rows.size() == 1
                ? new RowRefusedException(
                        schema.table(), schema.keyText(rows.getFirst()), reason, cause, ofUniqueKey)
                : new ConnectorException(ErrorClass.ROW, reason, cause);
    }
}
