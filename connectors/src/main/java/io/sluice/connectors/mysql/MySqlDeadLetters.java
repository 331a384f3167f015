package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.util.Collection;
import java.util.List;

/** A pipeline's dead letters, over connections of their own. Thread-safe. */
final class MySqlDeadLetters implements DeadLetters {

    private final MySqlConnections connections;
    private final String pipeline;

    MySqlDeadLetters(MySqlConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
    }

    @Override
    public List<DeadLetter> all() {
        return connections.with(
                SessionNames.session(pipeline),
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
                SessionNames.session(pipeline),
                "writing to the parked rows of " + pipeline,
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(verb + " WHERE pipeline = ? AND id = ?")) {
                        int found = 0;
                        for (long id : ids) {
                            statement.setBytes(1, pipeline.getBytes(StandardCharsets.UTF_8));
                            statement.setLong(2, id);
                            found += statement.executeUpdate();
                        }
                        return found;
                    }
                });
    }
}
