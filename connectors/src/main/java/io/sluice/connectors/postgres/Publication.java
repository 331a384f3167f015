package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a pipeline's slot sends: all changes of exactly the tables that it was made with.
 *
 * @param name not quoted
 */
record Publication(String name) {

    /**
     * Makes it, or makes one that stands what it is to be; changes the connection's transaction.
     */
    void create(Connection connection, Collection<TableDefinition> tables) throws SQLException {
        boolean stands = !tables.isEmpty() && isOfTables(connection);
        if (!stands) {
            drop(connection);
        }
        String forTables =
                tables.stream()
                        .map(table -> Sql.table(table.table()))
                        .collect(Collectors.joining(", ONLY ", "TABLE ONLY ", ""));
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // Publishing waits for schema changes that run; better to come back than to hang in
            // line.
            statement.execute("SET LOCAL lock_timeout = '30s'");
            if (stands) {
                alter(statement, "SET (" + options(connection) + ")");
                alter(statement, "SET " + forTables);
            } else {
                statement.execute(
                        "CREATE PUBLICATION %s%s WITH (%s)"
                                .formatted(
                                        Sql.identifier(name),
                                        tables.isEmpty() ? "" : " FOR " + forTables,
                                        options(connection)));
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static String options(Connection connection) throws SQLException {
        String options =
                "publish = 'insert, update, delete, truncate', publish_via_partition_root = true";
        return connection.getMetaData().getDatabaseMajorVersion() >= 18
                ? options + ", publish_generated_columns = none"
                : options;
    }

    /**
     * Empties it before it goes. A session that is about to update a table reads which publications
     * the table is in, and then each of them; where one has gone in between, the update fails.
     */
    void drop(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '30s'");
            Set<TableId> published = tables(connection);
            if (!published.isEmpty()) {
                remove(connection, published);
            }
            statement.execute("DROP PUBLICATION IF EXISTS " + Sql.identifier(name));
        }
    }

    private boolean isOfTables(Connection connection) throws SQLException {
        return found(
                connection, "SELECT FROM pg_publication WHERE pubname = ? AND NOT puballtables");
    }

    boolean exists(Connection connection) throws SQLException {
        return found(connection, "SELECT FROM pg_publication WHERE pubname = ?");
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
        try (Statement statement = connection.createStatement()) {
            alter(
                    statement,
                    tables.stream()
                            .map(Sql::table)
                            .collect(Collectors.joining(", ONLY ", "DROP TABLE ONLY ", "")));
        }
    }

    private void alter(Statement statement, String how) throws SQLException {
        statement.execute("ALTER PUBLICATION %s %s".formatted(Sql.identifier(name), how));
    }

    private boolean found(Connection connection, String query) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            return statement.executeQuery().next();
        }
    }
}
