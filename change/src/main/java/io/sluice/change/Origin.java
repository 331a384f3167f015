package io.sluice.change;

import java.util.Objects;

/**
 * The database where a change was first written, by the name that the configuration gives it; or,
 * for changes that arrived there by other replication, by the name of that replication's origin.
 */
public record Origin(String name) {

    public Origin {
        Objects.requireNonNull(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
