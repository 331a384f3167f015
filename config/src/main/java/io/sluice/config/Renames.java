package io.sluice.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What schemas and tables of the source are called in the target, where that differs. A table's own
 * entry goes before its schema's.
 */
public record Renames(Map<String, String> schemas, Map<TableName, TableName> tables) {

    public static final Renames NONE = new Renames(Map.of(), Map.of());

    public Renames {
        schemas = Collections.unmodifiableMap(new LinkedHashMap<>(schemas));
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    /** The name in the target of a table of the source. */
    public TableName rename(TableName table) {
        TableName own = tables.get(table);
        return own != null
                ? own
                : new TableName(
                        schemas.getOrDefault(table.schema(), table.schema()), table.table());
    }
}
