package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.SchemaHistory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A pipeline's rows of {@code sluice.schema_history}. Thread-safe. */
final class MySqlSchemaHistory implements SchemaHistory {

    private final MySqlConnections connections;
    private final String pipeline;

    MySqlSchemaHistory(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<String> records() {
        return connections.with(
                SessionNames.session(pipeline),
                "reading the schema history of " + pipeline,
                connection -> {
                    String query =
                            "SELECT record FROM sluice.schema_history WHERE pipeline = ?"
                                    + " ORDER BY number";
                    try (PreparedStatement statement = connection.prepareStatement(query)) {
                        statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                        ResultSet rows = statement.executeQuery();
                        List<String> records = new ArrayList<>();
                        while (rows.next()) {
                            records.add(rows.getString(1));
                        }
                        return records;
                    }
                });
    }

    @Override
    public void add(String record) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "adding to the schema history of " + pipeline,
                connection -> {
                    add(connection, record);
                    return true;
                });
    }

    @Override
    public void replace(List<String> records) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "writing the schema history of " + pipeline,
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "DELETE FROM sluice.schema_history WHERE pipeline = ?")) {
                        statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                        statement.executeUpdate();
                    }
                    for (String record : records) {
                        add(connection, record);
                    }
                    return true;
                });
    }

    private void add(Connection connection, String record) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT INTO sluice.schema_history (pipeline, record) VALUES (?, ?)")) {
            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
            statement.setString(2, record);
            statement.executeUpdate();
        }
    }
}
