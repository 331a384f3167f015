package io.sluice.connectors.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * How a session says in the log of its own server that a transaction was applied: it changes a row
 * of {@code sluice.site_mark} before anything else, so that whoever reads the log knows the
 * transaction from its first event on.
 */
final class SessionMark {

    private static final String MAKE =
            "INSERT IGNORE INTO sluice.site_mark (pipeline, session, transactions) VALUES (?, ?, 0)";

    private static final String TOUCH =
            "UPDATE sluice.site_mark SET transactions = transactions + 1"
                    + " WHERE pipeline = ? AND session = ?";

    private static final String REMOVE =
            "DELETE FROM sluice.site_mark WHERE pipeline = ? AND session = ?";

    /** The number of the row that is touched to have a transaction in the log, and nothing else. */
    static final int PASSING = -1;

    private static final String PASS =
            "INSERT INTO sluice.site_mark (pipeline, session, transactions) VALUES (?, ?, 1)"
                    + " ON DUPLICATE KEY UPDATE transactions = transactions + 1";

    private final Connection connection;
    private final byte[] pipeline;
    private final int session;

    SessionMark(Connection connection, String pipeline, int session) {
        this.connection = connection;
        this.pipeline = pipeline.getBytes(StandardCharsets.UTF_8);
        this.session = session;
    }

    /** Makes the row where it is missing. */
    void make() throws SQLException {
        run(MAKE);
    }

    /** Before anything else of a transaction. */
    void begin() throws SQLException {
        if (run(TOUCH) == 0) {
            make(); // somebody has removed it; its coming into being is a mark as well
        }
    }

    /** Outside of any transaction: commits one that is nothing but its mark. */
    static void pass(Connection connection, String pipeline) throws SQLException {
        new SessionMark(connection, pipeline, PASSING).run(PASS);
    }

    void remove() throws SQLException {
        run(REMOVE);
    }

    private int run(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, pipeline);
            statement.setInt(2, session);
            return statement.executeUpdate();
        }
    }
}
