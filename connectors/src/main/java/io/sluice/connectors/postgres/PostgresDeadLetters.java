package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.DeadLetters;
import java.sql.PreparedStatement;
import java.util.Collection;
import java.util.List;

/** A pipeline's dead letters, over connections of their own. Thread-safe. */
final class PostgresDeadLetters implements DeadLetters {

    private final PostgresConnections connections;
    private final String pipeline;

    PostgresDeadLetters(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<DeadLetter> all() {
        return connections.with(
                LogNames.session(pipeline),
                "reading the parked rows of " + pipeline,
                connection -> DeadLetterStore.read(connection, pipeline, true));
    }

    @Override
    public int retry(Collection<Long> ids) {
        return each("UPDATE sluice.dead_letter SET retry = true", ids);
    }

    @Override
    public int discard(Collection<Long> ids) {
        return each("DELETE FROM sluice.dead_letter", ids);
    }

    private int each(String verb, Collection<Long> ids) {
        return connections.inTransaction(
                LogNames.session(pipeline),
                "writing to the parked rows of " + pipeline,
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(verb + " WHERE pipeline = ? AND id = ?")) {
                        int found = 0;
                        for (long id : ids) {
                            statement.setString(1, pipeline);
                            statement.setLong(2, id);
                            found += statement.executeUpdate();
                        }
                        return found;
                    }
                });
    }
}
