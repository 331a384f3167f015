package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Whether a database can be captured from: settings, privileges, and how tables name their rows.
 */
final class SourceCheck {

    private static final int OLDEST_VERSION = 14;

    private static final String FACTS =
            """
            SELECT current_setting('wal_level'),
              current_setting('server_encoding'),
              pg_is_in_recovery(),
              current_setting('max_replication_slots')::int,
              (SELECT count(*)::int FROM pg_replication_slots),
              current_setting('max_wal_senders')::int,
              (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'walsender'),
              current_setting('max_slot_wal_keep_size'),
              r.rolreplication OR r.rolsuper OR EXISTS (
                SELECT FROM pg_roles m WHERE m.rolname = 'rds_replication'
                  AND pg_has_role(current_user, m.oid, 'member')),
              r.rolsuper,
              has_database_privilege(current_database(), 'CREATE'),
              current_user::text, current_database()::text
            FROM pg_roles r WHERE r.rolname = current_user
            """;

    private static final String PRIVILEGES =
            """
            SELECT n.nspname::text, c.relname::text,
              has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
              pg_has_role(current_user, c.relowner, 'usage'),
              row_security_active(c.oid)
            FROM unnest(?::text[], ?::text[]) AS named(schema, name)
            JOIN pg_namespace n ON n.nspname = named.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.name
            ORDER BY 1, 2
            """;

    private final PostgresConnections connections;
    private final List<Finding> findings = new ArrayList<>();

    SourceCheck(PostgresConnections connections) {
        this.connections = connections;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        connections.run(
                "sluice check",
                "checking the source",
                connection -> {
                    if (isNewEnough(connection)) {
                        server(connection);
                        privileges(connection, tables);
                    }
                });
        tables.forEach(this::table);
        ambiguous(tables);
        return List.copyOf(findings);
    }

    /** The statements that let the log say which row was changed. */
    static String remedy(TableDefinition table) {
        String setting =
                table.primaryKey().isEmpty() ? "REPLICA IDENTITY FULL" : "REPLICA IDENTITY DEFAULT";
        String statement = "ALTER TABLE %s %s;".formatted(Sql.table(table.table()), setting);
        return table.partitioned()
                ? statement + " and the same for each of its partitions"
                : statement;
    }

    private boolean isNewEnough(Connection connection) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST_VERSION) {
            findings.add(
                    Finding.blocks(
                            "server version",
                            "The server is PostgreSQL %d; capture needs %d or newer."
                                    .formatted(version, OLDEST_VERSION),
                            "Upgrade the server."));
        }
        return version >= OLDEST_VERSION;
    }

    private void server(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS)) {
            row.next();
            if (!row.getString(1).equals("logical")) {
                blocks(
                        "wal_level",
                        "The server's log does not hold what a logical reader needs.",
                        "ALTER SYSTEM SET wal_level = 'logical'; and restart the server.");
            }
            if (!row.getString(2).equals("UTF8")) {
                blocks(
                        "encoding",
                        "The database is encoded in %s; only UTF8 can be captured."
                                .formatted(row.getString(2)),
                        "Move the data to a database with ENCODING 'UTF8'.");
            }
            if (row.getBoolean(3)) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s is a standby at the moment; its log is read from the primary: point the"
                                        .formatted(connections.name())
                                + " URL at that.");
            }
            room("max_replication_slots", row.getInt(4), row.getInt(5));
            room("max_wal_senders", row.getInt(6), row.getInt(7));
            if (row.getString(8).equals("-1")) {
                warns(
                        "max_slot_wal_keep_size",
                        "A pipeline that stays stopped keeps log on the source until its disk is"
                                + " full.",
                        "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; SELECT pg_reload_conf();"
                                + " with a size that the disk can spare.");
            }
            String role = Sql.identifier(row.getString(12));
            if (!row.getBoolean(9)) {
                blocks(
                        "REPLICATION",
                        "The role %s may not read the log.".formatted(role),
                        "ALTER ROLE %s REPLICATION;".formatted(role));
            }
            if (!row.getBoolean(11)) {
                blocks(
                        "CREATE",
                        "The role %s may not create a publication.".formatted(role),
                        "GRANT CREATE ON DATABASE %s TO %s;"
                                .formatted(Sql.identifier(row.getString(13)), role));
            }
        }
    }

    private void room(String setting, int limit, int used) {
        if (used >= limit) {
            warns(
                    setting,
                    "All %d are in use; a new pipeline finds none.".formatted(limit),
                    "ALTER SYSTEM SET %s = %d; and restart the server."
                            .formatted(setting, limit + 10));
        }
    }

    private void privileges(Connection connection, List<TableDefinition> tables)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PRIVILEGES)) {
            PostgresCatalog.bindNames(
                    statement, 1, tables.stream().map(TableDefinition::table).toList());
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                String role = Sql.identifier(connections.address().username());
                if (!rows.getBoolean(3)) {
                    blocks(
                            table.toString(),
                            "The role may not read the table.",
                            "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s;"
                                    .formatted(
                                            Sql.identifier(table.schema()),
                                            role,
                                            Sql.table(table),
                                            role));
                }
                if (!rows.getBoolean(4)) {
                    blocks(
                            table.toString(),
                            "Only its owner may publish the table.",
                            "ALTER TABLE %s OWNER TO a role that %s is a member of;"
                                    .formatted(Sql.table(table), role));
                }
                if (rows.getBoolean(5)) {
                    blocks(
                            table.toString(),
                            "A row security policy would hide rows from the copy.",
                            "ALTER ROLE %s BYPASSRLS;".formatted(role));
                }
            }
        }
    }

    /** Capture joins schema and table with a dot, so dots of their own can make two into one. */
    private void ambiguous(List<TableDefinition> tables) {
        Map<String, TableId> seen = new HashMap<>();
        for (TableDefinition table : tables) {
            TableId other = seen.put(table.table().toString(), table.table());
            if (other != null) {
                blocks(
                        table.table().toString(),
                        "Two tables have this name, of schemas that a dot divides at another place:"
                                + " capture cannot tell them apart.",
                        "Rename one of them, or exclude one with a pattern in double quotes.");
            }
        }
    }

    private void table(TableDefinition table) {
        String name = table.table().toString();
        if (isMisread(table.table().schema()) || isMisread(table.table().name())) {
            blocks(
                    name,
                    "A name that begins or ends with a double quote is read as another one by"
                            + " capture.",
                    "Rename the table or its schema, or exclude the table.");
        }
        if (table.partitioned()) {
            warns(
                    name,
                    "TRUNCATE, ATTACH and DETACH of single partitions are not in the log: the target"
                            + " keeps, or lacks, those rows.",
                    "Use DELETE, or TRUNCATE of the whole table; else copy again.");
        }
        if (table.rowIdentity() == RowIdentity.NOTHING) {
            blocks(
                    name,
                    "The log would not say which row an update or delete changed, so PostgreSQL"
                            + " refuses updates and deletes of the table once it is published: the"
                            + " source's own application would fail.",
                    remedy(table));
        } else if (table.replicaKey().isEmpty()) {
            warns(
                    name,
                    "The table has no key: each update and delete looks for its row on the target by"
                            + " all columns, which reads the whole table.",
                    "Add a primary key.");
        }
        Set<String> names = new HashSet<>();
        for (ColumnDefinition column : table.columns()) {
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                blocks(
                        name,
                        "Two columns are called %s in different letter case; capture cannot tell them apart."
                                .formatted(column.name()),
                        "Rename one of them, or exclude the table.");
            }
        }
    }

    /** Debezium takes such a name for one that is quoted already. */
    private static boolean isMisread(String name) {
        return name.startsWith("\"") || name.endsWith("\"");
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }

    private void warns(String subject, String problem, String remedy) {
        findings.add(Finding.warns(subject, problem, remedy));
    }
}
