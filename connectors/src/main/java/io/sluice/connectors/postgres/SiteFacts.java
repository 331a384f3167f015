package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.connectors.debezium.SiteCapture;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SiteReading;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What is asked of a database because it is one of several sites. */
final class SiteFacts {

    private static final String SITE = "sluice site";

    /** A server has origins for all its databases; of subscriptions it is known for which. */
    private static final String OTHER_ORIGINS =
            """
            SELECT roname FROM pg_replication_origin
            WHERE roname NOT LIKE 'sluice\\_%' AND NOT EXISTS (
              SELECT FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
              WHERE roname ~ ('^pg_' || s.oid || '(_|$)') AND d.datname <> current_database())
            ORDER BY 1""";

    private SiteFacts() {}

    static SiteCapture capture(PostgresConnections connections, SiteReading reading) {
        String database =
                connections.with(SITE, "asking for the database's name", SessionMark::database);
        Set<String> origins =
                reading.appliers().stream()
                        .map(name -> LogNames.origin(database, name))
                        .collect(Collectors.toSet());
        return new SiteCapture(
                reading.appliers(),
                origins,
                accepted(reading, database),
                Set.of(),
                name -> probe(connections, name));
    }

    /** A pipeline of another replication is known by its name and by its origin's. */
    private static Set<String> accepted(SiteReading reading, String database) {
        Set<String> accepted = new HashSet<>(reading.acceptOrigins());
        reading.acceptOrigins().forEach(name -> accepted.add(LogNames.origin(database, name)));
        return accepted;
    }

    /** Without an origin of its own: each would need a place among the server's few. */
    private static Lsn probe(PostgresConnections connections, String name) {
        return connections.with(
                SITE,
                "writing the loop probe",
                connection -> {
                    connection.setAutoCommit(false);
                    SessionMark.byMessage(connection, name).begin();
                    connection.commit();
                    connection.setAutoCommit(true);
                    try (Statement statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SELECT pg_current_wal_insert_lsn()::text")) {
                        row.next();
                        return Lsn.parse(row.getString(1));
                    }
                });
    }

    /** Other replication into this database whose changes are left out. */
    static List<Finding> otherOrigins(PostgresConnections connections, SiteReading reading) {
        return connections.with(
                SITE,
                "asking for replication origins",
                connection -> {
                    Set<String> known = accepted(reading, SessionMark.database(connection));
                    List<Finding> findings = new ArrayList<>();
                    for (String origin : origins(connection)) {
                        if (!known.contains(origin)) {
                            findings.add(
                                    Finding.warns(
                                            "replication origin " + origin,
                                            "What other replication brings here by this origin is not"
                                                    + " passed on to the other sites.",
                                            "Name %s in acceptOrigins if it is to be."
                                                    .formatted(origin)));
                        }
                    }
                    return findings;
                });
    }

    private static List<String> origins(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(OTHER_ORIGINS)) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    /** Whether the gateway's writes can be told from others by everybody. */
    static List<Finding> rights(PostgresConnections connections) {
        boolean may = connections.with(SITE, "asking for privileges", SessionMark::mayUseOrigins);
        if (may) {
            return List.of();
        }
        return List.of(
                Finding.warns(
                        "replication origins",
                        "The role may not use replication origins: each transaction is marked by a"
                                + " message, which costs a round trip, and other replication that"
                                + " reads this database takes the gateway's writes for its own.",
                        "As a superuser, in this database: GRANT EXECUTE ON FUNCTION %s TO %s;"
                                .formatted(
                                        SessionMark.FUNCTIONS,
                                        Sql.identifier(connections.address().username()))));
    }
}
