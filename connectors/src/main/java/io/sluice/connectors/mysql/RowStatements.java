package io.sluice.connectors.mysql;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements that change rows of one table, with the values in them as constants. Each part is
 * appended to a statement, or to a list of statements, that grows to a bound.
 *
 * <p>An update is one statement for each row, many to a packet. One statement for many rows would
 * have to carry the values through a derived table, which gives them the common type of their
 * column and not their own, or be an {@code INSERT … ON DUPLICATE KEY UPDATE}, which may hit a row
 * by another unique key and brings a missing row into being. The latter is taken where neither can
 * be: the table has no other key, and the rows were just counted and locked.
 */
final class RowStatements {

    private final TableSchema schema;
    private final List<ColumnForm> forms;
    private final List<ColumnForm> key;
    private final String table;
    private final boolean keyedAlone;
    private final boolean knownWhole;

    /**
     * Columns that the server would set itself in every update that does not name them, although
     * they have the source's values.
     */
    private final Set<String> selfSet = new TreeSet<>();

    RowStatements(TargetTable target, TableSchema schema) {
        this.schema = schema;
        forms = target.forms(schema);
        key = schema.key().stream().map(forms::get).toList();
        table = Sql.table(target.id());
        forms.stream()
                .map(ColumnForm::name)
                .filter(target.selfSet()::contains)
                .forEach(selfSet::add);
        knownWhole =
                !target.triggers()
                        && schema.columns().stream()
                                .map(Column::name)
                                .collect(Collectors.toSet())
                                .equals(target.written());
        keyedAlone =
                !target.soleKey().isEmpty()
                        && target.soleKey().equals(Set.copyOf(schema.keyNames()));
    }

    /**
     * The rows as they will be, where all of them can be written over those that stand: each keeps
     * its key and is whole. Empty where one cannot.
     */
    List<Row> wholeRows(List<Row> before, List<Row> after) {
        List<Row> whole = new ArrayList<>();
        for (int i = 0; keyedAlone && i < before.size(); i++) {
            Row now = after.get(i).over(before.get(i));
            if (!now.isWhole() || !now.key(schema.key()).equals(before.get(i).key(schema.key()))) {
                return List.of();
            }
            whole.add(now);
        }
        return whole;
    }

    /**
     * The beginning of a query that counts and locks rows; {@link #key} and a parenthesis follow.
     */
    String lock() {
        return "SELECT count(*) FROM " + table + " WHERE " + keyNames() + " IN (";
    }

    /**
     * The beginning of a query of rows; {@link #key} and a parenthesis follow.
     *
     * @param by which index is used; nothing for any
     */
    String found(String expressions, String by) {
        return "SELECT " + expressions + " FROM " + table + by + " WHERE " + keyNames() + " IN (";
    }

    /** The end of an insert that writes over the rows of the same keys. */
    String over(List<Integer> written) {
        return written.stream()
                .map(position -> Sql.identifier(forms.get(position).name()))
                .map(name -> name + " = VALUES(" + name + ")")
                .collect(Collectors.joining(", ", " ON DUPLICATE KEY UPDATE ", leftAlone(written)));
    }

    /** What keeps the server from setting columns that keep their values. */
    private String leftAlone(List<Integer> written) {
        Set<String> names = new TreeSet<>(selfSet);
        written.forEach(position -> names.remove(forms.get(position).name()));
        return names.stream()
                .map(Sql::identifier)
                .map(name -> ", " + name + " = " + name)
                .collect(Collectors.joining());
    }

    List<ColumnForm> forms() {
        return forms;
    }

    /** The beginning of an insert; {@link #values} follow, separated by commas. */
    String insert() {
        return "INSERT INTO "
                + table
                + " ("
                + Sql.identifiers(forms.stream().map(ColumnForm::name).toList())
                + ") VALUES ";
    }

    void values(StringBuilder sql, Row row) {
        sql.append('(');
        for (int i = 0; i < forms.size(); i++) {
            comma(sql, i);
            forms.get(i).literal(sql, sent(row, i));
        }
        sql.append(')');
    }

    /** The beginning of a delete by key; {@link #key} of the rows follow, and a parenthesis. */
    String delete() {
        return "DELETE FROM " + table + " WHERE " + keyNames() + " IN (";
    }

    private String keyNames() {
        String names = Sql.identifiers(key.stream().map(ColumnForm::name).toList());
        return key.size() == 1 ? names : "(" + names + ")";
    }

    void key(StringBuilder sql, Row row) {
        if (key.size() > 1) {
            sql.append('(');
        }
        for (int i = 0; i < key.size(); i++) {
            comma(sql, i);
            key.get(i).literal(sql, sent(row, schema.key().get(i)));
        }
        if (key.size() > 1) {
            sql.append(')');
        }
    }

    /** An update of the one row that {@code before} identifies. */
    void update(StringBuilder sql, List<Integer> written, Row before, Row after) {
        sql.append("UPDATE ").append(table).append(" SET ");
        for (int i = 0; i < written.size(); i++) {
            comma(sql, i);
            ColumnForm form = forms.get(written.get(i));
            sql.append(Sql.identifier(form.name())).append(" = ");
            form.literal(sql, sent(after, written.get(i)));
        }
        sql.append(leftAlone(written));
        oneRow(sql, before);
    }

    /** A condition that holds for rows that are equal to this one in all columns. */
    void isExactly(StringBuilder sql, Row row) {
        for (int i = 0; i < forms.size(); i++) {
            sql.append(i == 0 ? "" : " AND ");
            forms.get(i).isExactly(sql, sent(row, i));
        }
    }

    RowDigest digest() {
        return new RowDigest(forms);
    }

    /** The table's name, as statements have it. */
    String table() {
        return table;
    }

    /**
     * The rows as they will be, where each can be deleted and written anew instead of changed:
     * nothing stands in it that is not known here, and no trigger would see the difference. Empty
     * where not.
     */
    List<Row> rewritten(List<Row> before, List<Row> after) {
        List<Row> whole = new ArrayList<>();
        for (int i = 0; knownWhole && i < before.size(); i++) {
            whole.add(after.get(i).over(before.get(i)));
        }
        return whole;
    }

    /** Which columns an update writes that has none to write: it still has to find its row. */
    List<Integer> writtenOrFound(List<Integer> written) {
        if (!written.isEmpty()) {
            return written;
        }
        return schema.hasKey() ? schema.key() : List.of(0);
    }

    /** What comes after a table's name to mean the one row that {@code before} identifies. */
    void oneRow(StringBuilder sql, Row before) {
        sql.append(" WHERE ");
        if (schema.hasKey()) {
            for (int i = 0; i < key.size(); i++) {
                sql.append(i == 0 ? "" : " AND ").append(Sql.identifier(key.get(i).name()));
                sql.append(" = ");
                key.get(i).literal(sql, sent(before, schema.key().get(i)));
            }
        } else {
            isExactly(sql, before);
            sql.append(" LIMIT 1");
        }
    }

    private @Nullable Object sent(Row row, int position) {
        if (!row.isSent(position)) {
            throw new IllegalArgumentException(
                    "%s: a value of %s that is to be written was not sent"
                            .formatted(schema.table(), forms.get(position).name()));
        }
        return row.get(position);
    }

    private static void comma(StringBuilder sql, int i) {
        if (i > 0) {
            sql.append(", ");
        }
    }
}
