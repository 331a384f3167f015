package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the texts and bytes of a table's keys can be at most: an index of InnoDB holds 3072
 * bytes of a row, and characters take four bytes each. Pure.
 */
final class KeyLengths {

    private static final int KEY_BYTES = 3072;
    private static final int CHARACTER_BYTES = 4;

    /** A bound from above on what a number, a date or an enum takes; a decimal takes the most. */
    private static final int FIXED_BYTES = 32;

    private static final int UUID_BYTES = 36;

    private final Map<String, Integer> bytes = new HashMap<>();

    KeyLengths(TableDefinition table) {
        List<List<String>> keys = new ArrayList<>(table.uniqueKeys());
        keys.add(table.primaryKey());
        Map<String, String> types = new HashMap<>();
        for (ColumnDefinition column : table.columns()) {
            types.put(column.name(), MySqlForms.nativeType(column.dataType()));
        }
        for (List<String> key : keys) {
            add(key, types);
        }
    }

    private void add(List<String> key, Map<String, String> types) {
        int room = KEY_BYTES;
        List<String> sized = new ArrayList<>();
        for (String column : key) {
            String type = types.getOrDefault(column, "");
            if (type.startsWith("varchar") || type.startsWith("long")) {
                sized.add(column);
            } else {
                room -= type.startsWith("char") ? UUID_BYTES : FIXED_BYTES;
            }
        }
        for (String column : sized) {
            bytes.merge(column, Math.max(CHARACTER_BYTES, room / sized.size()), Math::min);
        }
    }

    boolean isInKey(String column) {
        return bytes.containsKey(column);
    }

    int bytes(String column) {
        return bytes.getOrDefault(column, KEY_BYTES);
    }

    int characters(String column) {
        return bytes(column) / CHARACTER_BYTES;
    }
}
