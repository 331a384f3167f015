package io.sluice.connectors.debezium;

import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.sluice.change.Alteration;
import io.sluice.change.Alteration.State;
import io.sluice.change.Alteration.Step;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a statement has made of a table's columns. Pure.
 *
 * <p>The parser's model does not tell every default: one that is an expression it takes for none.
 * So a statement that has the word makes all its new columns ones that may be filled, and so does a
 * catalog that has a default now, or forbids null.
 */
final class AlteredColumns {

    /** Rows that stand get a value of the statement's: a default, or one that is computed. */
    private static final Pattern FILLS =
            Pattern.compile(
                    "\\bDEFAULT\\b(?!\\s+(?:NULL|CHARACTER|CHARSET|COLLATE)\\b)|\\bAS\\s*\\(",
                    Pattern.CASE_INSENSITIVE);

    private final String sql;
    private final RenamedColumns renamed;
    private final @Nullable TableDefinition catalog;
    private final List<Step> steps = new ArrayList<>();

    private AlteredColumns(String sql, RenamedColumns renamed, @Nullable TableDefinition catalog) {
        this.sql = sql;
        this.renamed = renamed;
        this.catalog = catalog;
    }

    /**
     * @param catalog the table as it is now; null if there is none of that name any more
     * @return empty if each column is what it was
     */
    static Optional<Alteration> between(
            TableId table,
            Table before,
            Table after,
            String sql,
            RenamedColumns renamed,
            @Nullable TableDefinition catalog) {
        AlteredColumns altered = new AlteredColumns(sql, renamed, catalog);
        altered.compare(before, after);
        return altered.steps.isEmpty()
                ? Optional.empty()
                : Optional.of(new Alteration(table, altered.steps));
    }

    private void compare(Table before, Table after) {
        Map<String, Column> now = new LinkedHashMap<>();
        after.columns().forEach(column -> now.put(column.name(), column));
        Map<String, Column> gone = new LinkedHashMap<>();
        for (Column column : before.columns()) {
            Column same = now.remove(column.name());
            if (same == null) {
                gone.put(column.name().toLowerCase(Locale.ROOT), column);
            } else {
                step(state(before, column, false), state(after, same, false));
            }
        }
        for (Column column : now.values()) {
            Column old = gone.remove(oldName(column));
            step(
                    old == null ? null : state(before, old, false),
                    state(after, column, old == null && isFilled(column)));
        }
        gone.values().forEach(column -> step(state(before, column, false), null));
    }

    private void step(@Nullable State before, @Nullable State after) {
        boolean computed = after != null && BinlogTables.generated(catalog).contains(after.name());
        if (!computed && !Objects.equals(before, after)) {
            steps.add(new Step(before, after));
        }
    }

    private String oldName(Column column) {
        String name = column.name().toLowerCase(Locale.ROOT);
        return renamed.names().entrySet().stream()
                .filter(entry -> entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(name); // in another letter case
    }

    private boolean isFilled(Column added) {
        return !added.isOptional()
                || added.defaultValueExpression().isPresent()
                || FILLS.matcher(sql).find()
                || catalog != null
                        && catalog.columns().stream()
                                .filter(column -> column.name().equals(added.name()))
                                .anyMatch(
                                        column ->
                                                column.notNull()
                                                        || column.defaultExpression() != null);
    }

    /** A column of the primary key is never null, whatever its statement says. */
    private static State state(Table table, Column column, boolean filled) {
        return new State(
                column.name(),
                MySqlColumns.nativeType(column),
                MySqlColumns.charset(column),
                !column.isOptional() || table.primaryKeyColumnNames().contains(column.name()),
                filled);
    }
}
