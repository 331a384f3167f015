package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server says of its binary log. Needs {@code REPLICATION CLIENT}. */
final class BinaryLog {

    private static final int NO_SUCH_EVENT = 1220;

    /** Those of a file's head: its format, its encryption, what was before it. */
    private static final int FIRST_EVENTS = 4;

    private static final Pattern NEXT_GTID =
            Pattern.compile("^SET @@SESSION\\.GTID_NEXT= ?'([0-9a-f-]{36}:[^']+)'");

    private BinaryLog() {}

    /**
     * @param end everything that the log holds is covered; with GTIDs, everything that is committed
     * @param shown the only databases that are logged; empty for all
     * @param hidden databases that are not logged
     */
    record Status(BinlogPosition end, List<String> shown, List<String> hidden) {}

    /**
     * @param place to begin messages with
     * @throws ConnectorException FATAL if the server writes no log
     */
    static Status status(String place, Connection connection) throws SQLException {
        boolean gtids = usesGtids(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(statusQuery(connection))) {
            if (!row.next()) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        place + ": the server writes no binary log: start it with log_bin");
            }
            GtidSet set = gtids ? GtidSet.parse(row.getString(5)) : null;
            return new Status(
                    new BinlogPosition(row.getString(1), row.getLong(2), set),
                    names(row.getString(3)),
                    names(row.getString(4)));
        }
    }

    static BinlogPosition end(String place, Connection connection) throws SQLException {
        return status(place, connection).end();
    }

    /** The statement's name has changed: the newest servers know one, the oldest the other. */
    private static String statusQuery(Connection connection) throws SQLException {
        int major = connection.getMetaData().getDatabaseMajorVersion();
        int minor = connection.getMetaData().getDatabaseMinorVersion();
        return major > 8 || (major == 8 && minor >= 2)
                ? "SHOW BINARY LOG STATUS"
                : "SHOW MASTER STATUS";
    }

    /** Whether every transaction has a GTID; in the modes on the way there, some have none. */
    static boolean usesGtids(Connection connection) throws SQLException {
        return "ON".equals(value(connection, "@@GLOBAL.gtid_mode"));
    }

    /** What was committed here, or on a server that this one was copied from, and is gone. */
    static GtidSet purged(Connection connection) throws SQLException {
        return GtidSet.parse(value(connection, "@@GLOBAL.gtid_purged"));
    }

    /** Whether transactions are under way that may be in the log already and not yet committed. */
    static boolean hasUnderWay(Connection connection) throws SQLException {
        return !value(connection, "@@GLOBAL.gtid_owned").isEmpty();
    }

    /** Those transactions. A commit that waits for a replica may be one of them for seconds. */
    static GtidSet underWay(Connection connection) throws SQLException {
        // Each number is followed by the threads that own it.
        return GtidSet.parse(value(connection, "@@GLOBAL.gtid_owned").replaceAll("#[0-9]+", ""));
    }

    /** Whether transactions become visible in the order in which they stand in the log. */
    static boolean ordersCommits(Connection connection) throws SQLException {
        return "1".equals(value(connection, "@@GLOBAL.binlog_order_commits"));
    }

    static String serverUuid(Connection connection) throws SQLException {
        return value(connection, "@@GLOBAL.server_uuid");
    }

    /**
     * @param size in bytes, of what is written; an encrypted file's is larger by its own header
     */
    record LogFile(String name, long size) {}

    /** The files that the server still has, in their order. */
    static List<LogFile> files(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
            List<LogFile> files = new ArrayList<>();
            while (rows.next()) {
                files.add(new LogFile(rows.getString(1), rows.getLong(2)));
            }
            return files;
        }
    }

    /** What was in the log before this file of it, as the file itself says. */
    static Optional<GtidSet> before(Connection connection, LogFile file) throws SQLException {
        String query =
                "SHOW BINLOG EVENTS IN %s LIMIT %d"
                        .formatted(Sql.literal(file.name()), FIRST_EVENTS);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                if (rows.getString("Event_type").equals("Previous_gtids")) {
                    return Optional.of(GtidSet.parse(rows.getString("Info")));
                }
            }
            return Optional.empty();
        }
    }

    /**
     * Whether an event begins at the offset. Where not, the file is another one of that name: the
     * server's log was begun anew.
     */
    static boolean isBoundary(Connection connection, String file, long offset) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(eventAt(file, offset))) {
            return true; // of no rows at the very end
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_SUCH_EVENT) {
                return false;
            }
            throw e;
        }
    }

    /** The GTID of the transaction that begins at the offset; empty where none does. */
    static Optional<GtidSet> gtidAt(Connection connection, String file, long offset)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(eventAt(file, offset))) {
            if (!rows.next()) {
                return Optional.empty();
            }
            Matcher assigned = NEXT_GTID.matcher(rows.getString("Info"));
            return assigned.find()
                    ? Optional.of(GtidSet.parse(assigned.group(1)))
                    : Optional.empty();
        }
    }

    private static String eventAt(String file, long offset) {
        return "SHOW BINLOG EVENTS IN %s FROM %d LIMIT 1".formatted(Sql.literal(file), offset);
    }

    private static List<String> names(String joined) {
        return joined == null || joined.isEmpty() ? List.of() : Arrays.asList(joined.split(","));
    }

    private static String value(Connection connection, String expression) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT " + expression)) {
            row.next();
            return row.getString(1);
        }
    }
}
