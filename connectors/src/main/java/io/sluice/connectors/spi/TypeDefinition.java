package io.sluice.connectors.spi;

import java.util.Objects;

/**
 * A type that users made and that tables need: an enum, a domain, a composite.
 *
 * @param schema as the database's catalog names it, not quoted
 * @param name as the database's catalog names it, not quoted
 * @param definition the statement that creates it, in the database's own SQL
 */
public record TypeDefinition(String schema, String name, String definition) {

    public TypeDefinition {
        Objects.requireNonNull(schema);
        Objects.requireNonNull(name);
        Objects.requireNonNull(definition);
    }
}
