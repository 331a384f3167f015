package io.sluice.connectors.debezium;

import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns to which a statement gives other names. Pure.
 *
 * @param table that it alters; null where it alters none
 * @param names by the old name the new one, both in lower case. Text that looks like a renaming may
 *     be among them
 * @param takesOver whether a name goes over to another column, as where two are swapped: nobody can
 *     tell by its columns whether another table has done the same. Debezium's parser renames one
 *     column after the other and would lose one
 */
record RenamedColumns(@Nullable TableId table, Map<String, String> names, boolean takesOver) {

    private static final String NAME = "(`(?:[^`]|``)+`|[\\w$\\x{80}-\\x{10FFFF}]+)";
    private static final Pattern ALTERED =
            Pattern.compile(
                    "\\bALTER\\s+TABLE\\s+(?:" + NAME + "\\s*\\.\\s*)?" + NAME,
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern NEW_NAME =
            Pattern.compile(
                    "\\b(?:RENAME\\s+COLUMN\\s+"
                            + NAME
                            + "\\s+TO|CHANGE\\s+(?:COLUMN\\s+)?"
                            + NAME
                            + ")\\s+"
                            + NAME,
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern EXCHANGED =
            Pattern.compile(
                    "\\bEXCHANGE\\s+PARTITION\\s+"
                            + NAME
                            + "\\s+WITH\\s+TABLE\\s+(?:"
                            + NAME
                            + "\\s*\\.\\s*)?"
                            + NAME,
                    Pattern.CASE_INSENSITIVE);

    /**
     * @param database in which the statement was executed
     * @param tables as they are before the statement
     */
    static RenamedColumns of(String sql, String database, Tables tables) {
        Matcher altered = ALTERED.matcher(sql);
        if (!altered.find()) {
            return new RenamedColumns(null, Map.of(), false);
        }
        TableId id = id(altered.group(1), altered.group(2), database);
        Table before = tables.forTable(id);
        Set<String> taken =
                before == null
                        ? Set.of()
                        : before.columns().stream()
                                .map(Column::name)
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .collect(Collectors.toSet());
        Map<String, String> names = new TreeMap<>();
        boolean takesOver = false;
        for (MatchResult found : NEW_NAME.matcher(sql).results().toList()) {
            String old = key(found.group(1) == null ? found.group(2) : found.group(1));
            String name = key(found.group(3));
            if (taken.contains(old) && !old.equals(name)) {
                names.put(old, name);
                takesOver |= taken.contains(name);
            }
        }
        return new RenamedColumns(id, names, takesOver);
    }

    /** The table whose rows a statement puts into a partition of another; null where none does. */
    static @Nullable TableId exchanged(String sql, String database) {
        Matcher found = EXCHANGED.matcher(sql);
        return found.find() ? id(found.group(2), found.group(3), database) : null;
    }

    private static TableId id(@Nullable String schema, String name, String database) {
        return new TableId(schema == null ? database : unquoted(schema), null, unquoted(name));
    }

    private static String key(String quoted) {
        return unquoted(quoted).toLowerCase(Locale.ROOT);
    }

    private static String unquoted(String name) {
        return name.startsWith("`")
                ? name.substring(1, name.length() - 1).replace("``", "`")
                : name;
    }
}
