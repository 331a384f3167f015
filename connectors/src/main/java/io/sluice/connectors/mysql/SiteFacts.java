package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.connectors.debezium.SiteCapture;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SiteReading;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** What is asked of a server because it is one of several sites. */
final class SiteFacts {

    private static final String SITE = "sluice site";
    private static final String OWN_DATABASE = "sluice";

    private static final String COMES =
            "INSERT INTO sluice.reading_point (pipeline, position, clock, seen) VALUES (?, '', '', '')";

    private static final String GOES = "DELETE FROM sluice.reading_point WHERE pipeline = ?";

    private static final Pattern SERVER =
            Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private SiteFacts() {}

    static SiteCapture capture(MySqlConnections connections, SiteReading reading) {
        return new SiteCapture(
                reading.appliers(),
                Set.of(),
                accepted(reading),
                connections.with(SITE, "asking who answers", SiteFacts::servers),
                name -> probe(connections, name));
    }

    /** A server's name is read in lower case, however it was written. */
    private static Set<String> accepted(SiteReading reading) {
        Set<String> names = new HashSet<>();
        for (String name : reading.acceptOrigins()) {
            names.add(SERVER.matcher(name).matches() ? name.toLowerCase(Locale.ROOT) : name);
        }
        return names;
    }

    /** By which names the log knows what was committed here, or by the server's group. */
    private static Set<String> servers(Connection connection) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid',"
                                        + " 'server_id', 'group_replication_group_name',"
                                        + " 'group_replication_view_change_uuid')")) {
            while (rows.next()) {
                names.add(rows.getString(2).toLowerCase(Locale.ROOT));
            }
        }
        names.remove("");
        return names;
    }

    private static BinlogPosition probe(MySqlConnections connections, String name) {
        return connections.with(
                SITE,
                "writing the loop probe",
                connection -> {
                    connection.setAutoCommit(false);
                    SessionMark mark = new SessionMark(connection, name, 0);
                    mark.make();
                    mark.remove();
                    connection.commit();
                    connection.setAutoCommit(true);
                    // Those under way may be in the log already, before the probe.
                    GtidSet underWay = BinaryLog.underWay(connection);
                    BinlogPosition end = BinaryLog.end(connections.name(), connection);
                    GtidSet executed = end.gtids();
                    return new BinlogPosition(
                            end.file(),
                            end.offset(),
                            executed == null ? null : executed.plus(underWay));
                });
    }

    /**
     * Commits something that is not marked as applied, of a table that is not replicated: a row
     * that comes and goes, for an update that changes nothing would not be in the log.
     */
    static void speak(MySqlConnections connections) {
        connections.inTransaction(
                SITE,
                "having the log go on",
                connection -> {
                    byte[] row = UUID.randomUUID().toString().getBytes(StandardCharsets.UTF_8);
                    for (String sql : List.of(COMES, GOES)) {
                        try (PreparedStatement statement = connection.prepareStatement(sql)) {
                            statement.setBytes(1, row);
                            statement.executeUpdate();
                        }
                    }
                    return true;
                });
    }

    /** Whether the server's log takes the gateway's own tables in, and is told of others. */
    static List<Finding> findings(MySqlConnections connections, SiteReading reading) {
        return connections.with(
                SITE,
                "checking the log",
                connection -> {
                    List<Finding> findings = new ArrayList<>();
                    BinaryLog.Status status = BinaryLog.status(connections.name(), connection);
                    if (status.hidden().contains(OWN_DATABASE)
                            || (!status.shown().isEmpty()
                                    && !status.shown().contains(OWN_DATABASE))) {
                        findings.add(
                                Finding.blocks(
                                        "binlog_do_db, binlog_ignore_db",
                                        "The server does not log changes of the database sluice, so"
                                                + " that what the gateway applies would go round.",
                                        "Take binlog_do_db and binlog_ignore_db out of my.cnf and"
                                                + " restart the server."));
                    }
                    if (reading.acceptOrigins().isEmpty()
                            && MySqlSourceCheck.isReplica(connection)) {
                        findings.add(
                                Finding.warns(
                                        "replica",
                                        "The server is a replica: what it is sent by its source is"
                                                + " not passed on to the other sites.",
                                        "Name the source's server_uuid in acceptOrigins if it is to"
                                                + " be."));
                    }
                    return findings;
                });
    }

    /**
     * After a failover the log has what was written at the earlier server too, which the new one
     * was sent by replication.
     *
     * @param earlier whose log was read
     * @param now whose log goes on
     * @throws ConnectorException FATAL if those changes would be left out
     */
    static void requireKnown(
            MySqlConnections connections, SiteReading reading, String earlier, String now) {
        String server = earlier.substring(earlier.indexOf(':') + 1);
        if (!earlier.equalsIgnoreCase(now)
                && !accepted(reading).contains(server.toLowerCase(Locale.ROOT))) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: another server answers at the address (%s; before it was %s). What was"
                                    + " written at the earlier one would be taken for another"
                                    + " replication's and left out: name %s in acceptOrigins")
                            .formatted(connections.name(), now, earlier, server));
        }
    }
}
