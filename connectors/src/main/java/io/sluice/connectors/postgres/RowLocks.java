package io.sluice.connectors.postgres;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.CopyLineReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Locks rows by their keys, says which of them stand, and reads them. */
final class RowLocks {

    private static final int MOST_ROWS = 10_000;

    /** Of which the keys are in the statement's own text. */
    private static final int MOST_IN_TEXT = 1_000;

    private final Connection connection;
    private final RowWriter writer;

    /**
     * @param writer of the same connection
     */
    RowLocks(Connection connection, RowWriter writer) {
        this.connection = connection;
        this.writer = writer;
    }

    BitSet lock(TableSchema schema, List<Row> keys) throws SQLException {
        return places(schema, keys, "ORDER BY u.place FOR UPDATE OF t");
    }

    /**
     * Which of the rows are found.
     *
     * @param rest of the query, as {@link RowStatements#places} takes it
     */
    BitSet places(TableSchema schema, List<Row> keys, String rest) throws SQLException {
        BitSet standing = new BitSet(keys.size());
        String sql = RowStatements.places(writer.target(schema), schema, rest);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int from = 0; from < keys.size(); from += MOST_ROWS) {
                List<Row> sent = keys.subList(from, Math.min(keys.size(), from + MOST_ROWS));
                int parameter = 1;
                for (int position : schema.key()) {
                    writer.bind(statement, parameter++, schema, position, sent);
                }
                ResultSet found = statement.executeQuery();
                while (found.next()) {
                    standing.set(from + found.getInt(1) - 1);
                }
            }
        }
        return standing;
    }

    /** What statements have to know of the table. */
    TargetTable target(TableSchema schema) throws SQLException {
        return writer.target(schema);
    }

    /** The rows that stand, by their keys' places. */
    Map<Integer, Row> find(TableSchema schema, List<Row> keys) throws SQLException {
        Map<Integer, Row> found = new HashMap<>();
        CopyLineReader reader = new CopyLineReader(schema);
        TargetTable target = writer.target(schema);
        for (int from = 0; from < keys.size(); from += MOST_IN_TEXT) {
            List<Row> sent = keys.subList(from, Math.min(keys.size(), from + MOST_IN_TEXT));
            for (byte[] line : lines(RowStatements.found(target, schema, sent, from))) {
                int tab = 0;
                while (line[tab] != '\t') {
                    tab++;
                }
                String place = new String(line, 0, tab, StandardCharsets.US_ASCII);
                byte[] rest = Arrays.copyOfRange(line, tab + 1, line.length);
                found.put(Integer.valueOf(place), reader.row(rest));
            }
        }
        return found;
    }

    /** What {@code COPY} gives. */
    List<byte[]> lines(String sql) throws SQLException {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        List<byte[]> lines = new ArrayList<>();
        byte[] line = copy.readFromCopy();
        while (line != null) {
            lines.add(line);
            line = copy.readFromCopy();
        }
        return lines;
    }
}
