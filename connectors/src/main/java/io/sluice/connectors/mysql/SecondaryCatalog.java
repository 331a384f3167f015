package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Action;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SecondaryObject.Part;
import io.sluice.connectors.spi.SecondaryObject.Reference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads what tables have beside their columns and primary keys: indexes and foreign keys. An
 * index's definition is the server's own text of it, which has its every property.
 */
final class SecondaryCatalog {

    private static final String INDEXES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE, COLUMN_NAME,
              coalesce(SUB_PART, 0), COLLATION
            FROM information_schema.STATISTICS
            WHERE INDEX_NAME <> 'PRIMARY' AND (TABLE_SCHEMA, TABLE_NAME) IN %s
            ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
            """;

    private static final String FOREIGN_KEYS =
            """
            SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME,
              k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME,
              r.UPDATE_RULE, r.DELETE_RULE
            FROM information_schema.KEY_COLUMN_USAGE k
            JOIN information_schema.REFERENTIAL_CONSTRAINTS r
              ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
                AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
            WHERE k.REFERENCED_TABLE_NAME IS NOT NULL AND (k.TABLE_SCHEMA, k.TABLE_NAME) IN %s
            ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION
            """;

    private SecondaryCatalog() {}

    static List<SecondaryObject> read(Connection connection, Collection<TableId> tables)
            throws SQLException {
        if (tables.isEmpty()) {
            return List.of();
        }
        List<SecondaryObject> found = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            for (Index index : indexes(statement, tables).values()) {
                found.add(index.object());
            }
            for (ForeignKey key : foreignKeys(statement, tables).values()) {
                found.add(key.object());
            }
        }
        return found;
    }

    private record Named(TableId table, String name) {}

    private static Map<Named, Index> indexes(Statement statement, Collection<TableId> tables)
            throws SQLException {
        Map<Named, Index> indexes = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery(INDEXES.formatted(Sql.pairs(tables)))) {
            while (row.next()) {
                Named named = named(row);
                Index index = indexes.get(named);
                if (index == null) {
                    index = new Index(named, !row.getBoolean(4), row.getString(5));
                    indexes.put(named, index);
                }
                index.add(row);
            }
        }
        Map<TableId, Map<String, String>> definitions = new LinkedHashMap<>();
        for (Index index : indexes.values()) {
            TableId table = index.named.table();
            if (!definitions.containsKey(table)) {
                definitions.put(table, TableElements.keys(createTable(statement, table)));
            }
            Map<String, String> keys = definitions.getOrDefault(table, Map.of());
            index.definition = keys.getOrDefault(index.named.name(), "");
        }
        return indexes;
    }

    private static String createTable(Statement statement, TableId table) throws SQLException {
        try (ResultSet row = statement.executeQuery("SHOW CREATE TABLE " + Sql.table(table))) {
            row.next();
            return row.getString(2);
        }
    }

    private static Map<Named, ForeignKey> foreignKeys(
            Statement statement, Collection<TableId> tables) throws SQLException {
        Map<Named, ForeignKey> keys = new LinkedHashMap<>();
        try (ResultSet row = statement.executeQuery(FOREIGN_KEYS.formatted(Sql.pairs(tables)))) {
            while (row.next()) {
                Named named = named(row);
                ForeignKey key = keys.get(named);
                if (key == null) {
                    key = new ForeignKey(named, row);
                    keys.put(named, key);
                }
                key.columns.add(row.getString(4));
                key.referenced.add(row.getString(7));
            }
        }
        return keys;
    }

    private static Named named(ResultSet row) throws SQLException {
        return new Named(new TableId(row.getString(1), row.getString(2)), row.getString(3));
    }

    /** An index while its parts are being read. */
    private static final class Index {

        final Named named;
        final boolean unique;
        final List<Part> parts = new ArrayList<>();
        boolean plain;
        String definition = "";

        Index(Named named, boolean unique, String type) {
            this.named = named;
            this.unique = unique;
            plain = type.equals("BTREE");
        }

        void add(ResultSet row) throws SQLException {
            String column = row.getString(6);
            if (column == null) {
                plain = false;
            } else {
                parts.add(new Part(column, row.getInt(7), "D".equals(row.getString(8))));
            }
        }

        SecondaryObject object() {
            Set<String> uses = new LinkedHashSet<>(TableElements.mentioned(definition));
            parts.forEach(part -> uses.add(part.column()));
            return new SecondaryObject(
                    unique ? Kind.UNIQUE_INDEX : Kind.INDEX,
                    named.table(),
                    named.name(),
                    Engine.MYSQL,
                    parts,
                    plain,
                    uses,
                    definition,
                    null);
        }
    }

    /** A foreign key while its columns are being read. */
    private static final class ForeignKey {

        final Named named;
        final TableId other;
        final Action onUpdate;
        final Action onDelete;
        final List<String> columns = new ArrayList<>();
        final List<String> referenced = new ArrayList<>();

        ForeignKey(Named named, ResultSet row) throws SQLException {
            this.named = named;
            other = new TableId(row.getString(5), row.getString(6));
            onUpdate = Action.valueOf(row.getString(8).replace(' ', '_'));
            onDelete = Action.valueOf(row.getString(9).replace(' ', '_'));
        }

        SecondaryObject object() {
            return new SecondaryObject(
                    Kind.FOREIGN_KEY,
                    named.table(),
                    named.name(),
                    Engine.MYSQL,
                    columns.stream().map(column -> new Part(column, 0, false)).toList(),
                    true,
                    Set.copyOf(columns),
                    "",
                    new Reference(other, referenced, onUpdate, onDelete));
        }
    }
}
