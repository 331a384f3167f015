package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads tables from {@code information_schema}.
 *
 * <p>A unique index counts as a key where it is over whole columns, none of them an expression. A
 * row is known by the primary key, or else by the first unique key whose columns are never null;
 * keys over computed columns do not count, since changes do not carry these.
 */
final class MySqlCatalog {

    private static final String OF_USERS =
            "NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema', 'sluice')";

    private static final String TABLES =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.CREATE_OPTIONS LIKE '%%partitioned%%',
              coalesce(t.TABLE_ROWS, -1), coalesce(t.DATA_LENGTH, -1)
            FROM information_schema.TABLES t
            WHERE t.TABLE_TYPE = 'BASE TABLE' AND %s
            """;

    private static final String COLUMNS =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.COLUMN_NAME, t.COLUMN_TYPE, t.IS_NULLABLE,
              t.COLUMN_DEFAULT, t.EXTRA, t.COLLATION_NAME, t.GENERATION_EXPRESSION, t.SRS_ID
            FROM information_schema.COLUMNS t
            WHERE %s
            ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME, t.ORDINAL_POSITION
            """;

    private static final String KEYS =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.INDEX_NAME, t.COLUMN_NAME,
              t.COLUMN_NAME IS NOT NULL AND t.SUB_PART IS NULL
            FROM information_schema.STATISTICS t
            WHERE t.NON_UNIQUE = 0 AND %s
            ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME, t.INDEX_NAME, t.SEQ_IN_INDEX
            """;

    private MySqlCatalog() {}

    /** Every table of users, in name order. */
    static List<TableDefinition> tables(Connection connection) throws SQLException {
        return read(connection, "t.TABLE_SCHEMA " + OF_USERS);
    }

    /** Those of the named tables that exist, in name order. */
    static List<TableDefinition> tables(Connection connection, Collection<TableId> names)
            throws SQLException {
        return names.isEmpty()
                ? List.of()
                : read(connection, "(t.TABLE_SCHEMA, t.TABLE_NAME) IN " + Sql.pairs(names));
    }

    private static List<TableDefinition> read(Connection connection, String condition)
            throws SQLException {
        Map<TableId, Draft> drafts = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery(TABLES.formatted(condition))) {
                while (rows.next()) {
                    Draft draft = new Draft(rows);
                    drafts.put(draft.table, draft);
                }
            }
            try (ResultSet rows = statement.executeQuery(COLUMNS.formatted(condition))) {
                while (rows.next()) {
                    Draft draft = drafts.get(table(rows));
                    if (draft != null) {
                        draft.columns.add(column(rows));
                    }
                }
            }
            try (ResultSet rows = statement.executeQuery(KEYS.formatted(condition))) {
                while (rows.next()) {
                    Draft draft = drafts.get(table(rows));
                    if (draft != null) {
                        draft.addKeyPart(rows);
                    }
                }
            }
        }
        return drafts.values().stream()
                .map(Draft::definition)
                .sorted((a, b) -> a.table().compareTo(b.table()))
                .toList();
    }

    private static TableId table(ResultSet row) throws SQLException {
        return new TableId(row.getString(1), row.getString(2));
    }

    private static ColumnDefinition column(ResultSet row) throws SQLException {
        String columnType = row.getString(4);
        String extra = row.getString(7).toUpperCase(Locale.ROOT);
        String srs = row.getString(10);
        DataType type = MySqlDataTypes.of(columnType);
        String expression = row.getString(9);
        boolean numbered = extra.contains("AUTO_INCREMENT");
        boolean generated =
                extra.contains("VIRTUAL GENERATED") || extra.contains("STORED GENERATED");
        return new ColumnDefinition(
                row.getString(3),
                type,
                srs == null ? columnType : columnType + " SRID " + srs,
                row.getString(5).equals("NO"),
                generated || numbered ? null : defaultOf(type, row.getString(6), extra),
                generated
                        ? "(%s) %s"
                                .formatted(
                                        MySqlDataTypes.unescaped(expression),
                                        extra.contains("STORED") ? "STORED" : "VIRTUAL")
                        : null,
                numbered ? Identity.BY_DEFAULT : Identity.NONE,
                row.getString(8));
    }

    /** The catalog holds a constant without its quotes, and says so only by what it says else. */
    private static @Nullable String defaultOf(DataType type, @Nullable String text, String extra) {
        if (text == null) {
            return null;
        }
        if (extra.contains("DEFAULT_GENERATED")) {
            return text.toUpperCase(Locale.ROOT).startsWith("CURRENT_TIMESTAMP")
                    ? text
                    : "(" + MySqlDataTypes.unescaped(text) + ")";
        }
        return switch (type) {
            case DataType.Bits bits -> text;
            // The server prints bytes as 0x….
            case DataType.Binary binary when text.startsWith("0x") -> text;
            default -> Sql.literal(text);
        };
    }

    /** A table while its parts are being read. */
    private static final class Draft {

        final TableId table;
        final boolean partitioned;
        final long estimatedRows;
        final long estimatedBytes;
        final List<ColumnDefinition> columns = new ArrayList<>();
        final Map<String, List<String>> keys = new LinkedHashMap<>();
        final List<String> unfit = new ArrayList<>();

        Draft(ResultSet row) throws SQLException {
            table = table(row);
            partitioned = row.getBoolean(3);
            estimatedRows = row.getLong(4);
            estimatedBytes = row.getLong(5);
        }

        void addKeyPart(ResultSet row) throws SQLException {
            String index = row.getString(3);
            if (row.getBoolean(5)) {
                keys.computeIfAbsent(index, any -> new ArrayList<>()).add(row.getString(4));
            } else {
                unfit.add(index);
            }
        }

        TableDefinition definition() {
            unfit.forEach(keys::remove);
            List<String> primary = keys.getOrDefault("PRIMARY", List.of());
            List<List<String>> unique =
                    keys.entrySet().stream()
                            .filter(entry -> !entry.getKey().equals("PRIMARY"))
                            .map(Map.Entry::getValue)
                            .distinct()
                            .toList();
            return new TableDefinition(
                    table,
                    Engine.MYSQL,
                    columns,
                    primary,
                    unique,
                    replicaKey(primary, unique),
                    RowIdentity.FULL,
                    partitioned,
                    estimatedRows,
                    estimatedBytes);
        }

        private List<String> replicaKey(List<String> primary, List<List<String>> unique) {
            if (!primary.isEmpty() && isCarried(primary)) {
                return primary;
            }
            return unique.stream().filter(this::isCarried).findFirst().orElse(List.of());
        }

        private boolean isCarried(List<String> key) {
            return columns.stream()
                            .filter(column -> key.contains(column.name()))
                            .filter(column -> column.notNull() && column.isReplicated())
                            .count()
                    == key.size();
        }
    }
}
