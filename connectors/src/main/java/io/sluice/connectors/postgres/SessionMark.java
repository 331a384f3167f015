package io.sluice.connectors.postgres;

import io.sluice.connectors.debezium.SiteCapture;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a session says in the log of its own database that its transactions were applied. One of a
 * pipeline's sessions does so by the pipeline's replication origin, which the log shows before the
 * first row, and which other replication can tell from the database's own writes too. An origin is
 * one session's at a time: the others, and all where the role may not use origins, begin each
 * transaction with a message to the log instead.
 */
final class SessionMark {

    private static final Logger LOG = LoggerFactory.getLogger(SessionMark.class);

    /** What is needed beside a message, each to be granted by a superuser. */
    static final String FUNCTIONS =
            """
            pg_replication_origin_oid(text), pg_replication_origin_create(text),\
             pg_replication_origin_session_setup(text),\
             pg_replication_origin_xact_setup(pg_lsn, timestamptz)""";

    private static final String MAY =
            """
            SELECT bool_and(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc
            WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY ('{
              pg_replication_origin_oid, pg_replication_origin_create,
              pg_replication_origin_session_setup, pg_replication_origin_xact_setup}')""";

    private static final String EXISTS =
            "SELECT EXISTS (SELECT FROM pg_replication_origin WHERE roname = ?)";

    /** The function looks for the name, and for one made at the same time there is the index. */
    private static final Set<String> ALREADY_THERE = Set.of("42710", "23505");

    private static final String IN_USE = "55006";

    /** All places are taken, or the server is set to have none. */
    private static final Set<String> NO_ROOM = Set.of("53400", "55000");

    /** How often, a tenth of a second apart, an earlier session is waited for that has ended. */
    private static final int PATIENCE = 50;

    private final Connection connection;
    private final String pipeline;
    private final boolean hasOrigin;

    private SessionMark(Connection connection, String pipeline, boolean hasOrigin) {
        this.connection = connection;
        this.pipeline = pipeline;
        this.hasOrigin = hasOrigin;
    }

    /** By messages alone. */
    static SessionMark byMessage(Connection connection, String pipeline) {
        return new SessionMark(connection, pipeline, false);
    }

    /**
     * By the pipeline's origin where it can be had. The claim has ended earlier sessions, which let
     * go of it a moment later.
     *
     * @param connection outside of a transaction
     */
    static SessionMark byOrigin(Connection connection, String pipeline) throws SQLException {
        if (!mayUseOrigins(connection)) {
            return byMessage(connection, pipeline);
        }
        String origin = LogNames.origin(database(connection), pipeline);
        makeSure(connection, origin);
        for (int attempt = 0; ; attempt++) {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT pg_replication_origin_session_setup(?)")) {
                statement.setString(1, origin);
                statement.execute();
                return new SessionMark(connection, pipeline, true);
            } catch (SQLException e) {
                boolean held = IN_USE.equals(e.getSQLState());
                if (!held && !NO_ROOM.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                if (!held || attempt == PATIENCE) {
                    LOG.warn(
                            "{}: the replication origin {} is not to be had, so each transaction is"
                                    + " marked by a message: {}",
                            pipeline,
                            origin,
                            PostgresErrors.reason(e));
                    return byMessage(connection, pipeline);
                }
                run(connection, "SELECT pg_sleep(0.1)");
            }
        }
    }

    /** As the server calls it, whatever the URL says. */
    static String database(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_database()::text")) {
            row.next();
            return row.getString(1);
        }
    }

    static boolean mayUseOrigins(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(MAY)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static void makeSure(Connection connection, String origin) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(EXISTS)) {
            statement.setString(1, origin);
            ResultSet row = statement.executeQuery();
            row.next();
            if (row.getBoolean(1)) {
                return;
            }
        }
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_replication_origin_create(?)")) {
            statement.setString(1, origin);
            statement.execute();
        } catch (SQLException e) {
            if (!ALREADY_THERE.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        }
    }

    String pipeline() {
        return pipeline;
    }

    boolean hasOrigin() {
        return hasOrigin;
    }

    /** Before anything else of a transaction. */
    void begin() throws SQLException {
        if (!hasOrigin) {
            emit(connection, SiteCapture.APPLIED, pipeline);
        }
    }

    /** Writes a message that belongs to the transaction. */
    static void emit(Connection connection, String prefix, String content) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            statement.setString(1, prefix);
            statement.setString(2, content);
            statement.execute();
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
