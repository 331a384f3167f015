package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether tables can be read whole. Nothing is asked of the log, nor of what tells rows apart. */
final class ReadingCheck {

    private static final String PRIVILEGES =
            """
            SELECT n.nspname::text, c.relname::text,
              has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
              row_security_active(c.oid)
            FROM unnest(?::text[], ?::text[]) AS named(schema, name)
            JOIN pg_namespace n ON n.nspname = named.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = named.name
            ORDER BY 1, 2
            """;

    private final PostgresConnections connections;

    ReadingCheck(PostgresConnections connections) {
        this.connections = connections;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        List<Finding> findings = new ArrayList<>();
        String role = Sql.identifier(connections.address().username());
        connections.run(
                "sluice check",
                "checking the source",
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(PRIVILEGES)) {
                        PostgresCatalog.bindNames(
                                statement, 1, tables.stream().map(TableDefinition::table).toList());
                        ResultSet rows = statement.executeQuery();
                        while (rows.next()) {
                            about(new TableId(rows.getString(1), rows.getString(2)), role, rows)
                                    .ifPresent(finding -> findings.add(finding));
                        }
                    }
                });
        return findings;
    }

    private static Optional<Finding> about(TableId table, String role, ResultSet row)
            throws SQLException {
        if (!row.getBoolean(3)) {
            return Optional.of(
                    Finding.blocks(
                            table.toString(),
                            "The role may not read the table.",
                            "GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s TO %s;"
                                    .formatted(
                                            Sql.identifier(table.schema()),
                                            role,
                                            Sql.table(table),
                                            role)));
        }
        return row.getBoolean(4)
                ? Optional.of(
                        Finding.blocks(
                                table.toString(),
                                "A row security policy would hide rows from the copy.",
                                "ALTER ROLE %s BYPASSRLS;".formatted(role)))
                : Optional.empty();
    }
}
