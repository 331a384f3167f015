package io.sluice.connectors.debezium;

import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A statement that gives columns names that other columns of the table have until then, as one that
 * swaps two columns does. Debezium's parser renames one column after the other and so loses one;
 * here all of them first get names that nobody has. Pure but for {@link #finish}.
 */
final class RenamedColumns {

    private static final String NAME = "(`(?:[^`]|``)+`|[\\w$\\x{80}-\\x{10FFFF}]+)";
    private static final Pattern ALTERED =
            Pattern.compile(
                    "\\bALTER\\s+TABLE\\s+(?:" + NAME + "\\s*\\.\\s*)?" + NAME,
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern NEW_NAME =
            Pattern.compile(
                    "\\b(RENAME\\s+COLUMN\\s+"
                            + NAME
                            + "\\s+TO\\s+|CHANGE\\s+(?:COLUMN\\s+)?"
                            + NAME
                            + "\\s+|AFTER\\s+)"
                            + NAME,
                    Pattern.CASE_INSENSITIVE);

    private final TableId table;
    private final String sql;
    private final Map<String, String> finalNames;

    private RenamedColumns(TableId table, String sql, Map<String, String> finalNames) {
        this.table = table;
        this.sql = sql;
        this.finalNames = finalNames;
    }

    /**
     * @param database in which the statement was executed
     * @param tables as they are before the statement
     */
    static RenamedColumns of(String sql, String database, Tables tables) {
        Matcher altered = ALTERED.matcher(sql);
        TableId none = new TableId(database, null, "");
        if (!altered.find()) {
            return new RenamedColumns(none, sql, Map.of());
        }
        String schema = altered.group(1) == null ? database : unquoted(altered.group(1));
        TableId id = new TableId(schema, null, unquoted(altered.group(2)));
        Table before = tables.forTable(id);
        Map<String, String> passing = before == null ? Map.of() : passing(sql, before);
        if (passing.isEmpty()) {
            return new RenamedColumns(id, sql, Map.of());
        }
        String rewritten =
                NEW_NAME.matcher(sql)
                        .replaceAll(
                                found -> {
                                    String name = key(found.group(4));
                                    return Matcher.quoteReplacement(
                                            found.group(1)
                                                    + passing.getOrDefault(name, found.group(4)));
                                });
        Map<String, String> finalNames = new LinkedHashMap<>();
        NEW_NAME.matcher(sql)
                .results()
                .filter(RenamedColumns::renames)
                .forEach(
                        found ->
                                finalNames.put(
                                        passing.get(key(found.group(4))),
                                        unquoted(found.group(4))));
        return new RenamedColumns(id, rewritten, finalNames);
    }

    /** By new name, in lower case, a name on the way; empty where no new name is in the way. */
    private static Map<String, String> passing(String sql, Table before) {
        Set<String> taken =
                before.columns().stream()
                        .map(Column::name)
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet());
        Map<String, String> passing = new LinkedHashMap<>();
        boolean inTheWay = false;
        for (MatchResult found : NEW_NAME.matcher(sql).results().toList()) {
            if (renames(found)) {
                String name = key(found.group(4));
                passing.put(name, "sluice_renamed_" + passing.size());
                inTheWay |= taken.contains(name);
            }
        }
        return inTheWay ? passing : Map.of();
    }

    private static boolean renames(MatchResult found) {
        String old = found.group(2) == null ? found.group(3) : found.group(2);
        return old != null && !key(old).equals(key(found.group(4)));
    }

    private static String key(String quoted) {
        return unquoted(quoted).toLowerCase(Locale.ROOT);
    }

    private static String unquoted(String name) {
        return name.startsWith("`")
                ? name.substring(1, name.length() - 1).replace("``", "`")
                : name;
    }

    /** What the parser is to be given. */
    String sql() {
        return sql;
    }

    /** Gives the columns their names, after the parser has seen the statement. */
    void finish(Tables tables) {
        Table altered = finalNames.isEmpty() ? null : tables.forTable(table);
        if (altered == null) {
            return;
        }
        List<Column> columns = new ArrayList<>();
        for (Column column : altered.columns()) {
            columns.add(column.edit().name(finalName(column.name())).create());
        }
        tables.overwriteTable(
                table,
                columns,
                altered.primaryKeyColumnNames().stream().map(this::finalName).toList(),
                altered.defaultCharsetName(),
                altered.attributes());
    }

    private String finalName(String passing) {
        return finalNames.getOrDefault(passing, passing);
    }
}
