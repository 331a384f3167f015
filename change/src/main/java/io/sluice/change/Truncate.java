package io.sluice.change;

import java.util.List;

/**
 * Tables emptied by one statement. They stand together because a table that others refer to can
 * only be emptied along with them.
 */
public record Truncate(List<TableSchema> tables) implements Change {

    public Truncate {
        tables = List.copyOf(tables);
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("a truncate names at least one table");
        }
    }

    @Override
    public long sizeInBytes() {
        return 64;
    }
}
