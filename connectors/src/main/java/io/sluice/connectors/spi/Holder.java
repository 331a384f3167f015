package io.sluice.connectors.spi;

import java.util.Objects;
import java.util.UUID;

/**
 * Who holds a pipeline: one run of one gateway.
 *
 * @param id of this run alone; process numbers come again, above all in containers
 * @param name for the operator of a gateway that is fenced off
 */
public record Holder(UUID id, String name) {

    public Holder {
        Objects.requireNonNull(id);
        Objects.requireNonNull(name);
    }

    /** A run that begins now. */
    public static Holder named(String name) {
        return new Holder(UUID.randomUUID(), name);
    }
}
