package io.sluice.connectors.mysql;

import io.sluice.change.Alteration.State;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;

/**
 * Columns as the statements of a log have them. Immutable.
 *
 * <p>A server in strict mode refuses most of what would change values. It rounds decimals and
 * fractions of seconds without a word, though, and a session without strict mode cuts everything.
 */
final class MySqlAlteredStates implements AlteredStates {

    @Override
    public ColumnDefinition definition(State state) {
        return new ColumnDefinition(
                state.name(),
                MySqlDataTypes.of(state.type()),
                state.type(),
                state.notNull(),
                null,
                null,
                Identity.NONE,
                null);
    }

    /** A type of another kind has other values, even where it holds what stands for the same. */
    @Override
    public boolean keepsValues(State before, State after) {
        boolean sameKind =
                MySqlDataTypes.of(before.type())
                        .getClass()
                        .equals(MySqlDataTypes.of(after.type()).getClass());
        return sameKind
                && TypeFit.typeFits(before.type(), after.type())
                && TypeFit.charactersFit(before.charset(), after.charset())
                && (before.notNull() || !after.notNull());
    }
}
