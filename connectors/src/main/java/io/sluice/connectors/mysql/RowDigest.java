package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * A number that is the same for rows that are equal, computed alike by the server and here: whole
 * numbers and checksums of texts, each moved by its place and all laid over each other. Columns of
 * which the two may not make the same are left out, and a null counts as nothing.
 */
final class RowDigest {

    private static final int PLACES = 31;

    private final List<ColumnForm> forms;
    private final List<Integer> positions = new ArrayList<>();

    RowDigest(List<ColumnForm> forms) {
        this.forms = forms;
        for (int i = 0; i < forms.size(); i++) {
            if (forms.get(i).digested() != null) {
                positions.add(i);
            }
        }
    }

    /** As the server computes it. */
    String expression() {
        StringJoiner parts = new StringJoiner(" ^ ", "((", ") & " + Long.MAX_VALUE + ")");
        parts.setEmptyValue("0");
        for (int i = 0; i < positions.size(); i++) {
            String number = forms.get(positions.get(i)).digested();
            // With a zero that has a sign, the server would go by decimals or worse.
            parts.add("COALESCE(%s << %d, CAST(0 AS UNSIGNED))".formatted(number, i % PLACES));
        }
        return parts.toString();
    }

    long of(Row row) {
        long digest = 0;
        for (int i = 0; i < positions.size(); i++) {
            Object value = row.get(positions.get(i));
            if (value != null) {
                digest ^= forms.get(positions.get(i)).digest(value) << i % PLACES;
            }
        }
        return digest & Long.MAX_VALUE;
    }
}
