package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a database can be written to, and whether the tables that stand there fit. */
final class TargetCheck {

    private static final int OLDEST_VERSION = 14;

    private static final Pattern QUALIFIED =
            Pattern.compile("(\"(?:[^\"]|\"\")+\"|[a-z0-9_]+)\\.([a-z0-9_]+).*", Pattern.DOTALL);

    /** Types that extensions bring, which is where a type of that name on the source is from. */
    private static final Map<String, String> EXTENSIONS =
            Map.ofEntries(
                    Map.entry("citext", "citext"),
                    Map.entry("hstore", "hstore"),
                    Map.entry("ltree", "ltree"),
                    Map.entry("lquery", "ltree"),
                    Map.entry("ltxtquery", "ltree"),
                    Map.entry("cube", "cube"),
                    Map.entry("seg", "seg"),
                    Map.entry("isbn", "isn"),
                    Map.entry("isbn13", "isn"),
                    Map.entry("ean13", "isn"),
                    Map.entry("query_int", "intarray"),
                    Map.entry("vector", "vector"),
                    Map.entry("halfvec", "vector"),
                    Map.entry("sparsevec", "vector"),
                    Map.entry("geometry", "postgis"),
                    Map.entry("geography", "postgis"),
                    Map.entry("raster", "postgis_raster"));

    private static final String FACTS =
            """
            SELECT current_setting('server_encoding'),
              pg_is_in_recovery(),
              has_database_privilege(current_database(), 'CREATE'),
              to_regnamespace('sluice') IS NOT NULL,
              current_user::text, current_database()::text
            """;

    private static final String STANDING =
            """
            SELECT n.nspname::text, c.relname::text, c.relkind::text,
              array_to_string(array(
                SELECT p FROM unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p
                WHERE NOT has_table_privilege(c.oid, p)), ', '),
              row_security_active(c.oid),
              EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND t.tgenabled IN ('O', 'A')),
              EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND t.tgenabled IN ('R', 'A')),
              EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
                AND NOT f.condeferrable),
              EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
                AND (f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd'))),
              has_schema_privilege(n.oid, 'USAGE')
            FROM unnest(?::text[], ?::text[]) AS named(schema, name)
            JOIN pg_namespace n ON n.nspname = named.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.name
            ORDER BY 1, 2
            """;

    private static final String SCHEMAS =
            """
            SELECT nspname::text, has_schema_privilege(oid, 'CREATE') FROM pg_namespace
            """;

    private final PostgresConnections connections;
    private final Set<TableId> acrossSites;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param acrossSites the tables that are of another engine's site
     */
    TargetCheck(PostgresConnections connections, Set<TableId> acrossSites) {
        this.connections = connections;
        this.acrossSites = acrossSites;
    }

    List<Finding> findings(List<TableDefinition> wanted) {
        connections.run(
                "sluice check",
                "checking the target",
                connection -> {
                    check(connection, wanted);
                });
        return List.copyOf(findings);
    }

    private void check(Connection connection, List<TableDefinition> wanted) throws SQLException {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < OLDEST_VERSION) {
            blocks(
                    "server version",
                    "The server is PostgreSQL %d; applying needs %d or newer."
                            .formatted(version, OLDEST_VERSION),
                    "Upgrade the server.");
            return;
        }
        boolean mayCreateSchemas = server(connection);
        List<TableId> names = wanted.stream().map(TableDefinition::table).toList();
        boolean replica = mayAssumeReplicaRole(connection);
        explainRole(replica, Sql.identifier(connections.address().username()));
        Set<TableId> standing = standing(connection, names, replica);
        missing(connection, wanted, standing, mayCreateSchemas);
        compare(connection, wanted, standing);
        findings.addAll(new MoneyLocale(connection).findings(wanted));
    }

    private boolean server(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS)) {
            row.next();
            if (!row.getString(1).equals("UTF8")) {
                blocks(
                        "encoding",
                        "The database is encoded in %s and may not hold every text."
                                .formatted(row.getString(1)),
                        "Use a database with ENCODING 'UTF8'.");
            }
            if (row.getBoolean(2)) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "%s is a standby at the moment and takes no writes: point the URL at the"
                                        .formatted(connections.name())
                                + " primary.");
            }
            boolean mayCreate = row.getBoolean(3);
            String role = Sql.identifier(row.getString(5));
            if (row.getBoolean(4)) {
                findings.addAll(SluiceSchema.findings(connection, role));
            } else if (!mayCreate) {
                blocks(
                        "schema sluice",
                        "The role may not create the gateway's own schema, which is missing.",
                        "GRANT CREATE ON DATABASE %s TO %s; or CREATE SCHEMA sluice AUTHORIZATION %s;"
                                .formatted(Sql.identifier(row.getString(6)), role, role));
            }
            return mayCreate;
        }
    }

    private static boolean mayAssumeReplicaRole(Connection connection) throws SQLException {
        boolean may = ReplicaRole.assume(connection);
        if (may) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("RESET session_replication_role");
            }
        }
        return may;
    }

    private void explainRole(boolean replica, String role) {
        if (replica) {
            findings.add(
                    Finding.notes(
                            "session_replication_role",
                            "Foreign keys and ordinary triggers are off while changes are applied;"
                                    + " the source has checked and fired them."));
        } else {
            warns(
                    "session_replication_role",
                    "The role may not turn foreign keys and triggers off: deferrable constraints are"
                            + " checked at commit, others with each statement, and triggers fire.",
                    "GRANT SET ON PARAMETER session_replication_role TO %s; (PostgreSQL 15 and newer)"
                            .formatted(role));
        }
    }

    private Set<TableId> standing(Connection connection, Collection<TableId> names, boolean replica)
            throws SQLException {
        Set<TableId> standing = new TreeSet<>();
        try (PreparedStatement statement = connection.prepareStatement(STANDING)) {
            PostgresCatalog.bindNames(statement, 1, names);
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                standing.add(table);
                if (!rows.getString(3).matches("[rp]")) {
                    blocks(
                            table.toString(),
                            "What stands there under this name is not a table.",
                            "Rename it, or exclude the table.");
                    continue;
                }
                privileges(table, rows.getString(4), rows.getBoolean(5), rows.getBoolean(10));
                triggers(table, rows, replica);
            }
        }
        return standing;
    }

    private void privileges(
            TableId table, String lacking, boolean rowSecurity, boolean schemaUsable) {
        String role = Sql.identifier(connections.address().username());
        if (lacking.isEmpty() && !schemaUsable) {
            blocks(
                    table.toString(),
                    "The role may not use the table's schema.",
                    "GRANT USAGE ON SCHEMA %s TO %s;"
                            .formatted(Sql.identifier(table.schema()), role));
        }
        if (!lacking.isEmpty()) {
            blocks(
                    table.toString(),
                    "The role lacks %s on the table.".formatted(lacking),
                    "GRANT USAGE ON SCHEMA %s TO %s; GRANT %s ON %s TO %s;"
                            .formatted(
                                    Sql.identifier(table.schema()),
                                    role,
                                    lacking,
                                    Sql.table(table),
                                    role));
        }
        if (rowSecurity) {
            blocks(
                    table.toString(),
                    "A row security policy would hide rows from updates and deletes.",
                    "ALTER ROLE %s BYPASSRLS;".formatted(role));
        }
    }

    private void triggers(TableId table, ResultSet row, boolean replica) throws SQLException {
        boolean ordinary = row.getBoolean(6);
        boolean always = row.getBoolean(7);
        if (replica ? always : ordinary) {
            warns(
                    table.toString(),
                    replica
                            ? "The table has triggers that are enabled always or for replicas: they fire"
                                    + " for every change that is applied."
                            : "The table's triggers fire for every change that is applied, as they did on"
                                    + " the source.",
                    "ALTER TABLE %s DISABLE TRIGGER USER; unless that is meant."
                            .formatted(Sql.table(table)));
        }
        if (!replica && row.getBoolean(9)) {
            blocks(
                    table.toString(),
                    "The table has foreign keys that change or delete its rows along with those they"
                            + " refer to. The log brings these changes too, and would not find the rows.",
                    "Let the role set session_replication_role, or make them ON DELETE NO ACTION.");
        }
        if (!replica && row.getBoolean(8)) {
            warns(
                    table.toString(),
                    "The table has foreign keys that are checked with each statement: changes are kept"
                            + " in the source's order for them, which is slower.",
                    "Make the foreign keys DEFERRABLE, or let the role set session_replication_role.");
        }
    }

    private void missing(
            Connection connection,
            List<TableDefinition> wanted,
            Set<TableId> standing,
            boolean mayCreateSchemas)
            throws SQLException {
        Map<String, Boolean> schemas = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SCHEMAS)) {
            while (rows.next()) {
                schemas.put(rows.getString(1), rows.getBoolean(2));
            }
        }
        Set<String> refused = new TreeSet<>();
        for (TableDefinition table : wanted) {
            String schema = table.table().schema();
            if (standing.contains(table.table())) {
                continue;
            }
            if (!schemas.getOrDefault(schema, mayCreateSchemas) && refused.add(schema)) {
                blocks(
                        schema,
                        "The role may not create the missing tables of this schema, %s for one."
                                .formatted(table.table()),
                        (schemas.containsKey(schema)
                                        ? "GRANT CREATE ON SCHEMA %s TO %s;"
                                        : "CREATE SCHEMA %s AUTHORIZATION %s;")
                                .formatted(
                                        Sql.identifier(schema),
                                        Sql.identifier(connections.address().username())));
            }
            for (ColumnDefinition column : table.columns()) {
                extension(connection, table.table(), column);
            }
        }
    }

    private void extension(Connection connection, TableId table, ColumnDefinition column)
            throws SQLException {
        Matcher type = QUALIFIED.matcher(column.nativeType());
        String extension = type.matches() ? EXTENSIONS.get(type.group(2)) : null;
        if (extension == null) {
            return;
        }
        String name = type.group(1) + "." + type.group(2);
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT to_regtype(?) IS NULL")) {
            statement.setString(1, name);
            ResultSet row = statement.executeQuery();
            row.next();
            if (row.getBoolean(1)) {
                blocks(
                        table + "." + column.name(),
                        "The type %s is missing on the target; the extension %s brings it."
                                .formatted(name, extension),
                        "CREATE EXTENSION %s SCHEMA %s;".formatted(extension, type.group(1)));
            }
        }
    }

    private void compare(Connection connection, List<TableDefinition> wanted, Set<TableId> standing)
            throws SQLException {
        Map<TableId, TableDefinition> there = new HashMap<>();
        for (TableDefinition table : PostgresCatalog.tables(connection, standing)) {
            there.put(table.table(), table);
        }
        for (TableDefinition table : wanted) {
            TableDefinition other = there.get(table.table());
            if (other != null) {
                boolean across = acrossSites.contains(table.table());
                findings.addAll(TableComparison.compare(table, other, across));
            }
        }
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }

    private void warns(String subject, String problem, String remedy) {
        findings.add(Finding.warns(subject, problem, remedy));
    }
}
