package io.sluice.change;

import java.util.Objects;

/** A column as a change carries it: its name in the source's letter case, and what it holds. */
public record Column(String name, LogicalType type) {

    public Column {
        Objects.requireNonNull(name);
        Objects.requireNonNull(type);
    }
}
