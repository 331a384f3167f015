package io.sluice.conflict;

import java.util.Objects;
import java.util.Optional;

/**
 * What came of a change: carried out by writing {@code after} and, where there was a conflict,
 * recording it with the decision, both in one transaction.
 *
 * @param conflict empty where the change was made in knowledge of what stood
 * @param after the row and its version, or its tombstone, as they are to be stored; what stood,
 *     where the change was parked
 */
public record Settlement(Optional<Conflict> conflict, Decision decision, Standing after) {

    public Settlement {
        Objects.requireNonNull(conflict);
        Objects.requireNonNull(decision);
        Objects.requireNonNull(after);
    }

    static Settlement parked(Conflict conflict, String reason) {
        return new Settlement(
                Optional.of(conflict), new Decision.Park(reason), conflict.standing());
    }
}
