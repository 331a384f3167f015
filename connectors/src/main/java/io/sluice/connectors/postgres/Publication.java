package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a pipeline's slot sends: all changes of exactly the tables that it was made with.
 *
 * @param name not quoted
 */
record Publication(String name) {

    /** How often those who write are looked for before it goes all the same, for some seconds. */
    private static final int PATIENCE = 100;

    private static final String OPTIONS =
            "(publish = 'insert, update, delete, truncate', publish_via_partition_root = true)";

    /**
     * Makes it, or makes one of the same name as it has to be; changes the connection's
     * transaction. One that stands is altered and not replaced: a server looks publications up by
     * numbers that it read a moment before, and whoever writes to a published table at the moment
     * of a drop may fail with "cache lookup failed for publication".
     */
    void create(Connection connection, Collection<TableDefinition> tables) throws SQLException {
        Set<TableId> wanted =
                tables.stream()
                        .map(TableDefinition::table)
                        .collect(Collectors.toCollection(TreeSet::new));
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // Publishing waits for schema changes that run; better to come back than to hang in
            // line.
            statement.execute("SET LOCAL lock_timeout = '30s'");
            if (hasList(connection)) {
                alter(connection, wanted);
            } else {
                drop(connection);
                statement.execute(
                        "CREATE PUBLICATION %s%s WITH %s"
                                .formatted(
                                        Sql.identifier(name),
                                        wanted.isEmpty() ? "" : " FOR TABLE ONLY " + list(wanted),
                                        OPTIONS));
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private void alter(Connection connection, Set<TableId> wanted) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String alter = "ALTER PUBLICATION " + Sql.identifier(name);
            if (wanted.isEmpty()) {
                remove(connection, tables(connection));
            } else {
                statement.execute(alter + " SET TABLE ONLY " + list(wanted));
            }
            statement.execute(alter + " SET " + OPTIONS);
        }
    }

    private static String list(Set<TableId> tables) {
        return tables.stream().map(Sql::table).collect(Collectors.joining(", ONLY "));
    }

    /** One that somebody made for all tables has no list that could be altered. */
    private boolean hasList(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT FROM pg_publication WHERE pubname = ? AND NOT puballtables")) {
            statement.setString(1, name);
            return statement.executeQuery().next();
        }
    }

    /**
     * Takes its tables out, lets those go on who write to them at that moment and may know it
     * still, and drops it. For a connection that commits each statement.
     */
    void drop(Connection connection) throws SQLException {
        if (exists(connection)) {
            List<String> relations = relations(connection);
            remove(connection, tables(connection));
            awaitWriters(connection, relations);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP PUBLICATION IF EXISTS " + Sql.identifier(name));
        }
    }

    /** Numbers of its tables and of all their partitions. */
    private List<String> relations(Connection connection) throws SQLException {
        String query =
                """
                SELECT prrelid FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid
                WHERE pubname = ?
                UNION SELECT tree.relid FROM pg_publication_rel r
                JOIN pg_publication p ON p.oid = prpubid, pg_partition_tree(prrelid) AS tree
                WHERE pubname = ?
                """;
        return texts(connection, query, name, name);
    }

    private static void awaitWriters(Connection connection, List<String> relations)
            throws SQLException {
        String query =
                """
                SELECT DISTINCT virtualtransaction FROM pg_locks
                WHERE relation = ANY (CAST(? AS oid[])) AND pid <> pg_backend_pid()
                """;
        String tables = "{" + String.join(",", relations) + "}";
        Set<String> writers = new HashSet<>(texts(connection, query, tables));
        // Who only holds on to its transaction is not waited for without end.
        for (int i = 0; i < PATIENCE && !writers.isEmpty(); i++) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_sleep(0.02)");
            }
            writers.retainAll(texts(connection, query, tables));
        }
    }

    private static List<String> texts(Connection connection, String query, String... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            ResultSet rows = statement.executeQuery();
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT FROM pg_publication WHERE pubname = ?")) {
            statement.setString(1, name);
            return statement.executeQuery().next();
        }
    }

    /** Whether nothing is left out; row filters and column lists came with version 15. */
    boolean isAsMade(Connection connection) throws SQLException {
        String query =
                """
                SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AND pubviaroot
                  AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid
                    AND coalesce(to_jsonb(r) ->> 'prqual', to_jsonb(r) ->> 'prattrs') IS NOT NULL)
                FROM pg_publication p WHERE pubname = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            ResultSet row = statement.executeQuery();
            return row.next() && row.getBoolean(1);
        }
    }

    Set<TableId> tables(Connection connection) throws SQLException {
        String query =
                """
                SELECT n.nspname::text, c.relname::text
                FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
                JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE p.pubname = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            ResultSet rows = statement.executeQuery();
            Set<TableId> tables = new TreeSet<>();
            while (rows.next()) {
                tables.add(new TableId(rows.getString(1), rows.getString(2)));
            }
            return tables;
        }
    }

    void remove(Connection connection, Set<TableId> tables) throws SQLException {
        if (tables.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "ALTER PUBLICATION %s DROP TABLE ONLY %s"
                            .formatted(Sql.identifier(name), list(tables)));
        }
    }
}
