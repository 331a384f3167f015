package io.sluice.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column as a comparison reads it.
 *
 * @param expression gives the value's text in the SQL of its database
 */
record ComparedColumn(String name, boolean inKey, ValueForm form, String expression) {

    static TableColumns names(List<ComparedColumn> columns) {
        return new TableColumns(
                columns.stream().map(ComparedColumn::name).toList(),
                columns.stream().filter(ComparedColumn::inKey).map(ComparedColumn::name).toList());
    }

    /** The columns in forms that both sides share; both have the same columns in the same order. */
    static List<ComparedColumn> shaped(List<ComparedColumn> columns, List<ComparedColumn> others) {
        List<ComparedColumn> shaped = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            ComparedColumn column = columns.get(i);
            ValueForm form = ValueForm.common(column.form, others.get(i).form);
            shaped.add(new ComparedColumn(column.name, column.inKey, form, column.expression));
        }
        return shaped;
    }

    @Nullable String canonical(@Nullable String text) {
        return text == null ? null : form.canonical(text);
    }
}
