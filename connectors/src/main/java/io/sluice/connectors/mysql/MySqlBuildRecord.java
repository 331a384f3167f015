package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildRecord;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipeline's rows of {@code sluice.build}. */
final class MySqlBuildRecord implements BuildRecord {

    private static final String ALL =
            """
            SELECT kind, table_schema, table_name, name, reference_schema, reference_name,
              statement, state, failure
            FROM sluice.build WHERE pipeline = ? ORDER BY table_schema, table_name, kind, name
            """;

    private static final String FORGET =
            "DELETE FROM sluice.build WHERE pipeline = ? AND table_schema = ? AND table_name = ?";

    private static final String ADD =
            """
            INSERT INTO sluice.build (pipeline, kind, table_schema, table_name, name,
              reference_schema, reference_name, statement, state)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'PENDING')
            """;

    private static final String NOTE =
            """
            UPDATE sluice.build SET state = ?, failure = ?
            WHERE pipeline = ? AND kind = ? AND table_schema = ? AND table_name = ? AND name = ?
            """;

    private final MySqlConnections connections;
    private final String pipeline;

    MySqlBuildRecord(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<Build.Planned> all() {
        return connections.with(
                SessionNames.session(pipeline),
                "reading what is to be built",
                connection -> {
                    List<Build.Planned> all = new ArrayList<>();
                    try (PreparedStatement statement = connection.prepareStatement(ALL)) {
                        statement.setBytes(1, bytes(pipeline));
                        ResultSet row = statement.executeQuery();
                        while (row.next()) {
                            all.add(planned(row));
                        }
                    }
                    return all;
                });
    }

    @Override
    public void plan(Collection<TableId> tables, List<Build> builds) {
        connections.inTransaction(
                SessionNames.session(pipeline),
                "recording what is to be built",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
                        for (TableId table : tables) {
                            statement.setBytes(1, bytes(pipeline));
                            statement.setBytes(2, bytes(table.schema()));
                            statement.setBytes(3, bytes(table.name()));
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
                        for (Build build : builds) {
                            TableId reference = build.reference();
                            name(statement, 1, build);
                            statement.setBytes(
                                    6, reference == null ? null : bytes(reference.schema()));
                            statement.setBytes(
                                    7, reference == null ? null : bytes(reference.name()));
                            statement.setString(8, build.statement());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    return true;
                });
    }

    @Override
    public void note(Build build, Build.State state, @Nullable String failure) {
        connections.run(
                SessionNames.session(pipeline),
                "recording what was built",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
                        statement.setString(1, state.name());
                        statement.setString(2, failure);
                        name(statement, 3, build);
                        statement.executeUpdate();
                    }
                });
    }

    private void name(PreparedStatement statement, int at, Build build) throws SQLException {
        statement.setBytes(at, bytes(pipeline));
        statement.setString(at + 1, build.kind().name());
        statement.setBytes(at + 2, bytes(build.table().schema()));
        statement.setBytes(at + 3, bytes(build.table().name()));
        statement.setBytes(at + 4, bytes(build.name()));
    }

    private static Build.Planned planned(ResultSet row) throws SQLException {
        byte[] reference = row.getBytes(5);
        return new Build.Planned(
                new Build(
                        Kind.valueOf(row.getString(1)),
                        new TableId(text(row.getBytes(2)), text(row.getBytes(3))),
                        text(row.getBytes(4)),
                        reference == null
                                ? null
                                : new TableId(text(reference), text(row.getBytes(6))),
                        true,
                        row.getString(7)),
                Build.State.valueOf(row.getString(8)),
                row.getString(9));
    }

    private static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
