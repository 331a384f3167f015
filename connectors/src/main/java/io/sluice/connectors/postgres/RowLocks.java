package io.sluice.connectors.postgres;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.BitSet;
import java.util.List;

/** Locks rows by their keys, and says which of them stand. */
final class RowLocks {

    private static final int MOST_ROWS = 10_000;

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
        BitSet standing = new BitSet(keys.size());
        String sql = RowStatements.lock(writer.target(schema), schema);
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
}
