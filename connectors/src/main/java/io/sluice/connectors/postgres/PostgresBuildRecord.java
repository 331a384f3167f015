package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildRecord;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pipeline's rows of {@code sluice.build}. */
final class PostgresBuildRecord implements BuildRecord {

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
            UPDATE sluice.build SET state = ?, failure = ?, updated_at = now()
            WHERE pipeline = ? AND kind = ? AND table_schema = ? AND table_name = ? AND name = ?
            """;

    private final PostgresConnections connections;
    private final String pipeline;

    PostgresBuildRecord(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<Build.Planned> all() {
        return connections.with(
                LogNames.session(pipeline),
                "reading what is to be built",
                connection -> {
                    List<Build.Planned> all = new ArrayList<>();
                    try (PreparedStatement statement = connection.prepareStatement(ALL)) {
                        statement.setString(1, pipeline);
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
                LogNames.session(pipeline),
                "recording what is to be built",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(FORGET)) {
                        for (TableId table : tables) {
                            statement.setString(1, pipeline);
                            statement.setString(2, table.schema());
                            statement.setString(3, table.name());
                            statement.addBatch();
                        }
                        statement.executeBatch();
                    }
                    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
                        for (Build build : builds) {
                            TableId reference = build.reference();
                            name(statement, 1, build);
                            statement.setString(6, reference == null ? null : reference.schema());
                            statement.setString(7, reference == null ? null : reference.name());
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
                LogNames.session(pipeline),
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
        statement.setString(at, pipeline);
        statement.setString(at + 1, build.kind().name());
        statement.setString(at + 2, build.table().schema());
        statement.setString(at + 3, build.table().name());
        statement.setString(at + 4, build.name());
    }

    private static Build.Planned planned(ResultSet row) throws SQLException {
        Kind kind = Kind.valueOf(row.getString(1));
        String reference = row.getString(5);
        return new Build.Planned(
                new Build(
                        kind,
                        new TableId(row.getString(2), row.getString(3)),
                        row.getString(4),
                        reference == null ? null : new TableId(reference, row.getString(6)),
                        SecondaryDdl.isAlone(kind),
                        row.getString(7)),
                Build.State.valueOf(row.getString(8)),
                row.getString(9));
    }
}
