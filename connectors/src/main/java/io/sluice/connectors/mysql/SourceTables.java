package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.debezium.CharsetText;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether tables can be followed. Used once, by one thread.
 *
 * <p>Cascades of foreign keys: up to MySQL 9.5 the storage engine carries them out by itself, and
 * the child rows that it changes or deletes are not in the log. From 9.6 on the server does, and
 * they are, unless {@code innodb_native_foreign_keys = ON}. Both were seen on real servers.
 */
final class SourceTables {

    private static final String CASCADES =
            "SELECT constraint_schema, table_name, constraint_name, delete_rule, update_rule FROM"
                    + " information_schema.referential_constraints WHERE delete_rule NOT IN ('NO"
                    + " ACTION', 'RESTRICT') OR update_rule NOT IN ('NO ACTION', 'RESTRICT') ORDER"
                    + " BY 1, 2, 3";

    private static final String ENGINES =
            "SELECT table_schema, table_name, engine FROM information_schema.tables WHERE"
                    + " table_type = 'BASE TABLE'";

    private final Connection connection;
    private final List<Finding> findings;

    SourceTables(Connection connection, List<Finding> findings) {
        this.connection = connection;
        this.findings = findings;
    }

    void check(List<TableDefinition> tables, boolean logsCascades) throws SQLException {
        Set<TableId> names =
                tables.stream().map(TableDefinition::table).collect(Collectors.toSet());
        engines(names);
        if (!logsCascades) {
            cascades(names);
        }
        tables.forEach(this::key);
        tables.forEach(this::charsets);
        ambiguous(tables);
        if (!tables.isEmpty()) {
            findings.add(
                    Finding.notes(
                            "XA",
                            "A distributed transaction (XA) that changes these tables stops the"
                                    + " pipeline, for the log holds it before it is committed."));
        }
    }

    private void engines(Set<TableId> names) throws SQLException {
        Map<TableId, String> engines = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(ENGINES)) {
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                String engine = rows.getString(3);
                if (names.contains(table) && !"InnoDB".equalsIgnoreCase(engine)) {
                    engines.put(table, String.valueOf(engine));
                }
            }
        }
        engines.forEach(
                (table, engine) ->
                        blocks(
                                table.toString(),
                                ("The table's engine is %s: it has no transactions, so that the"
                                                + " first copy cannot see it as of one moment and"
                                                + " changes cannot be rolled back.")
                                        .formatted(engine),
                                "ALTER TABLE %s ENGINE = InnoDB; or exclude the table."
                                        .formatted(Sql.table(table))));
    }

    private void cascades(Set<TableId> names) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(CASCADES)) {
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                if (names.contains(table)) {
                    cascade(table, rows.getString(3), rows.getString(4), rows.getString(5));
                }
            }
        }
    }

    private void cascade(TableId table, String key, String onDelete, String onUpdate) {
        blocks(
                table.toString(),
                ("Its foreign key %s is ON DELETE %s, ON UPDATE %s. This server does not log the"
                                + " rows that it changes here because of a change to the table referred to:"
                                + " on the target they would stay as they were.")
                        .formatted(key, onDelete, onUpdate),
                ("ALTER TABLE %s DROP FOREIGN KEY %s; and add it again with ON DELETE RESTRICT ON"
                                + " UPDATE RESTRICT, so that the application changes these rows itself; or"
                                + " exclude the table. From MySQL 9.6 on, with innodb_native_foreign_keys ="
                                + " OFF, the server logs them.")
                        .formatted(Sql.table(table), Sql.identifier(key)));
    }

    /** A JVM may have been built without the rarer character sets. */
    private void charsets(TableDefinition table) {
        for (ColumnDefinition column : table.columns()) {
            String charset = CopyLine.charset(column);
            if (column.dataType() instanceof DataType.Chars
                    && charset != null
                    && !CharsetText.isReadable(charset)) {
                blocks(
                        table.table() + "." + column.name(),
                        "Texts of the character set %s cannot be read from the log."
                                .formatted(charset),
                        "Convert the column to utf8mb4, or run Sluice in a JVM that has the module"
                                + " jdk.charsets.");
            }
        }
    }

    private void key(TableDefinition table) {
        if (table.replicaKey().isEmpty()) {
            findings.add(
                    Finding.warns(
                            table.table().toString(),
                            "The table has no key: each update and delete looks for its row on the"
                                    + " target by all columns, which reads the whole table.",
                            "Add a primary key."));
        }
    }

    /** Capture goes by names without regard to letter case, with database and table in one text. */
    private void ambiguous(List<TableDefinition> tables) {
        Map<String, TableId> seen = new HashMap<>();
        for (TableDefinition table : tables) {
            TableId name = table.table();
            TableId other = seen.put(name.toString().toLowerCase(Locale.ROOT), name);
            if (other != null) {
                blocks(
                        name.toString(),
                        "But for letter case, or the place of a dot, its name is that of %s: capture cannot tell them apart."
                                .formatted(other),
                        "Rename one of them, or exclude one.");
            }
        }
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }
}
