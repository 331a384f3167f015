package io.sluice.connectors.spi;

import io.sluice.change.Alteration;

/** What a source knows of the columns that its log tells alterations of. Thread-safe. */
public interface AlteredStates {

    /** The column as it was then, with neither a default nor a collation of its own. */
    ColumnDefinition definition(Alteration.State state);

    /** Whether such an alteration leaves every value of the column as it was. */
    boolean keepsValues(Alteration.State before, Alteration.State after);
}
