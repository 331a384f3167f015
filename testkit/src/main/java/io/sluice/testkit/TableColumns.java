package io.sluice.testkit;

import java.util.List;

/**
 * The columns of a table that hold data.
 *
 * @param all by name
 * @param key those of the primary key, by name; empty where there is none
 */
record TableColumns(List<String> all, List<String> key) {
    TableColumns {
        all = List.copyOf(all);
        key = List.copyOf(key);
    }
}
