package io.sluice.conflict;

import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * What the policies of a table are called, as the configuration names them, without settings: for
 * the record of what they decided.
 *
 * @param table of rows, or of all columns
 * @param kinds of single kinds of conflict, before {@code table}
 */
record PolicyNames(String table, Map<ConflictKind, String> kinds) {

    /** What is done about rows that stand in the way by another key, where nothing is said. */
    private static final String OF_ANOTHER_KEY = "park";

    PolicyNames {
        kinds = Map.copyOf(kinds);
    }

    static PolicyNames of(TableChoice choice) {
        Map<ConflictKind, String> kinds = new HashMap<>();
        choice.kinds().forEach((kind, spec) -> kinds.put(kind, spec.name()));
        String rows = choice.policy().name();
        if (choice.columns().isEmpty()) {
            return new PolicyNames(rows, kinds);
        }
        StringJoiner columns = new StringJoiner("; ", "columns(", "; else: " + rows + ")");
        choice.columns()
                .forEach(
                        (names, spec) ->
                                columns.add(String.join(", ", names) + ": " + spec.name()));
        return new PolicyNames(columns.toString(), kinds);
    }

    /** The one that decides on a change that was made without knowledge of what stands. */
    String of(ConflictKind kind) {
        return kinds.getOrDefault(kind, kind.isOfAnotherKey() ? OF_ANOTHER_KEY : table);
    }
}
