package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.sites.ValueForm.NoPlaceException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a site of another engine wrote to the forms in which this site's own log and tables
 * tell the same values. So who decides on a row compares like with like: a policy that asks which
 * of two values is the greater, or who looks for a row by its key. Nothing is rounded, cut or
 * guessed; a value that has no place in its column stops the pipeline, with its table, key and
 * column. Used by one thread.
 *
 * <p>Whether two changes are in conflict is not found by comparing values, but told by when and
 * where they were made. So a form that differed would give no false conflict, but could let two
 * sites take different values for the greater.
 */
public final class OwnForms {

    /**
     * A table of two sites.
     *
     * @param there as the other site has it, in this site's names
     * @param here as it stands here
     */
    public record Pair(TableDefinition there, TableDefinition here) {}

    private Supplier<List<Pair>> pairs = List::of;
    private boolean sameEngine = true;
    private @Nullable Map<TableId, Pair> known;

    /** By the very schema that changes come with, which is the same one until it changes. */
    private final Map<TableSchema, Plan> plans = new IdentityHashMap<>();

    private final Map<TableSchema, Plan> byOwn = new IdentityHashMap<>();

    /**
     * A table's columns in both forms.
     *
     * @param there as changes come with
     * @param here the same in this site's forms
     */
    private record Plan(
            TableSchema there, TableSchema here, List<ValueForm> forms, List<ValueForm> standing) {

        boolean isSame() {
            return there == here;
        }
    }

    /** Forgets what is known: both sites' values look the same until told otherwise. */
    public void ofOneEngine() {
        forget();
        sameEngine = true;
    }

    /**
     * The other site is of another engine.
     *
     * @param asked all tables, asked for when they are needed, and again when one has got columns
     */
    public void ofTwoEngines(Supplier<List<Pair>> asked) {
        forget();
        sameEngine = false;
        pairs = asked;
    }

    private void forget() {
        known = null;
        plans.clear();
        byOwn.clear();
    }

    /**
     * @param piece in this site's names
     * @throws RowRefusedException for a value that its column here has no place for
     */
    TransactionPiece of(TransactionPiece piece) {
        if (sameEngine || piece.changes().isEmpty()) {
            return piece;
        }
        List<Change> changes = new ArrayList<>(piece.changes().size());
        for (Change change : piece.changes()) {
            changes.add(change instanceof RowChange row ? of(row, piece.commitTime()) : change);
        }
        return new TransactionPiece(
                piece.first(), piece.commitTime(), piece.alteration(), changes, piece.end());
    }

    private RowChange of(RowChange change, Instant at) {
        Plan plan = plan(change.table());
        if (plan.isSame()) {
            return change;
        }
        return switch (change) {
            case RowChange.Insert insert ->
                    new RowChange.Insert(plan.here(), after(plan, insert.after(), at));
            case RowChange.Update update ->
                    new RowChange.Update(
                            plan.here(),
                            before(plan, update.before(), at),
                            after(plan, update.after(), at));
            case RowChange.Delete delete ->
                    new RowChange.Delete(plan.here(), before(plan, delete.before(), at));
        };
    }

    /** What is to be written has to fit in every value. */
    private static Row after(Plan plan, Row row, @Nullable Instant at) {
        return converted(plan, row, at, false);
    }

    /** What is gone need not; of a key's values it has to be known which they are. */
    private static Row before(Plan plan, Row row, Instant at) {
        return converted(plan, row, at, true);
    }

    private static Row converted(Plan plan, Row row, @Nullable Instant at, boolean gone) {
        @Nullable Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = row.get(i);
            if (value == null || value == Row.NOT_SENT) {
                values[i] = value;
                continue;
            }
            try {
                values[i] = plan.forms().get(i).of(value);
            } catch (NoPlaceException e) {
                if (!gone || plan.here().key().contains(i)) {
                    throw refused(plan, row, i, at, e);
                }
                values[i] = Row.NOT_SENT;
            }
        }
        return Row.of(values);
    }

    /**
     * @param at when its transaction was committed; null for a row that was looked up
     */
    private static RowRefusedException refused(
            Plan plan, Row row, int column, @Nullable Instant at, NoPlaceException why) {
        TableSchema table = plan.here();
        return new RowRefusedException(
                table.table(),
                plan.there().keyText(row),
                "%s: a value for the column %s %s%s"
                        .formatted(
                                table.table(),
                                table.columns().get(column).name(),
                                why.getMessage(),
                                at == null
                                        ? ""
                                        : ". It is in a transaction committed %s, of which nothing is applied"
                                                .formatted(at)),
                why);
    }

    /**
     * A row as it stands here, in the form that the same values have when they come.
     *
     * @param table as the changes have it that this gave
     */
    Row standing(TableSchema table, Row row) {
        Plan plan = byOwn.get(table);
        if (plan == null || plan.standing().stream().allMatch(form -> form == ValueForm.SAME)) {
            return row;
        }
        @Nullable Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            Object value = row.get(i);
            values[i] =
                    value == null || value == Row.NOT_SENT
                            ? value
                            : plan.standing().get(i).of(value);
        }
        return Row.of(values);
    }

    /**
     * Looks a row up at the other site.
     *
     * @param table as the changes have it that this gave, under any of its keys
     * @param find takes the table in the other site's forms
     */
    public Found found(TableSchema table, Row key, BiFunction<TableSchema, Row, Found> find) {
        Plan plan =
                plans.values().stream()
                        .filter(each -> each.here().table().equals(table.table()))
                        .filter(each -> each.here().columns().equals(table.columns()))
                        .findFirst()
                        .orElse(null);
        if (plan == null || plan.isSame()) {
            return find.apply(table, key);
        }
        TableSchema there = new TableSchema(table.table(), plan.there().columns(), table.key());
        Found found = find.apply(there, key);
        Row row = found.row();
        return row == null ? found : new Found(after(plan, row, null), found.asOf());
    }

    private Plan plan(TableSchema table) {
        Plan plan = plans.get(table);
        if (plan == null) {
            plan = made(table);
            plans.put(table, plan);
            byOwn.put(plan.here(), plan);
        }
        return plan;
    }

    private Plan made(TableSchema table) {
        Pair pair = pair(table);
        if (pair == null) {
            return new Plan(table, table, List.of(), List.of()); // it was dropped since
        }
        Map<String, ColumnDefinition> here = byName(pair.here());
        Map<String, ColumnDefinition> there = byName(pair.there());
        List<Column> columns = new ArrayList<>();
        List<ValueForm> forms = new ArrayList<>();
        List<ValueForm> standing = new ArrayList<>();
        for (int i = 0; i < table.columns().size(); i++) {
            Column column = table.columns().get(i);
            ColumnDefinition own = here.get(column.name());
            ColumnDefinition other = there.get(column.name());
            boolean inKey = table.key().contains(i);
            ValueForm form =
                    own == null
                            ? ValueForm.SAME // who writes it will say so
                            : ValueForms.of(pair.here().engine(), own, column.type(), inKey);
            forms.add(form);
            columns.add(
                    own == null || form == ValueForm.SAME
                            ? column
                            : new Column(column.name(), own.type()));
            standing.add(
                    own == null || other == null
                            ? ValueForm.SAME
                            : ValueForms.ofStanding(own, other));
        }
        boolean same =
                forms.stream().allMatch(form -> form == ValueForm.SAME)
                        && standing.stream().allMatch(form -> form == ValueForm.SAME);
        return new Plan(
                table,
                same ? table : new TableSchema(table.table(), columns, table.key()),
                forms,
                standing);
    }

    /** Looked at anew where the table has columns by now that it had not. */
    private @Nullable Pair pair(TableSchema table) {
        Map<TableId, Pair> all = known;
        Pair pair = all == null ? null : all.get(table.table());
        if (pair == null || !hasAll(pair.here(), table) || !hasAll(pair.there(), table)) {
            all =
                    pairs.get().stream()
                            .collect(
                                    Collectors.toMap(
                                            each -> each.here().table(), Function.identity()));
            known = all;
            pair = all.get(table.table());
        }
        return pair;
    }

    private static boolean hasAll(TableDefinition table, TableSchema schema) {
        Map<String, ColumnDefinition> columns = byName(table);
        return schema.columns().stream().allMatch(column -> columns.containsKey(column.name()));
    }

    private static Map<String, ColumnDefinition> byName(TableDefinition table) {
        Map<String, ColumnDefinition> columns = new HashMap<>();
        table.columns().forEach(column -> columns.put(column.name(), column));
        return columns;
    }
}
