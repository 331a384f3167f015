package io.sluice.gateway.system;

import java.util.ArrayList;
import java.util.List;

/**
 * A column of some type and values of it, as SQL writes them.
 *
 * @param portable values that the other engine holds too
 * @param own values that only the source's engine holds
 */
record TypedColumn(String type, List<String> portable, List<String> own) {

    static TypedColumn of(String type, String... portable) {
        return new TypedColumn(type, List.of(portable), List.of());
    }

    /** Further values that only the source's engine holds. */
    TypedColumn alone(String... more) {
        return new TypedColumn(type, portable, List.of(more));
    }

    List<String> values(boolean withOwn) {
        List<String> values = new ArrayList<>(portable);
        if (withOwn) {
            values.addAll(own);
        }
        return values;
    }
}
