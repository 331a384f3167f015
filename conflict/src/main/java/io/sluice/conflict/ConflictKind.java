package io.sluice.conflict;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What an incoming change ran into, in the names of PostgreSQL 18. */
public enum ConflictKind {
    /** A row with the inserted one's key, or another unique key of it, is there. */
    INSERT_EXISTS,
    /** The changed row's new values are those of another row in a unique key. */
    UPDATE_EXISTS,
    /** The row was changed elsewhere meanwhile. */
    UPDATE_ORIGIN_DIFFERS,
    /** There is no such row, and no trace of one. */
    UPDATE_MISSING,
    /** The row was deleted meanwhile. */
    UPDATE_DELETED,
    /** The row to be deleted was changed elsewhere meanwhile. */
    DELETE_ORIGIN_DIFFERS,
    /** The row to be deleted is not there. */
    DELETE_MISSING,
    /** Several rows stand where the incoming one should, each by another unique key. */
    MULTIPLE_UNIQUE_CONFLICTS;

    /** The kind by PostgreSQL's name for it. */
    public static Optional<ConflictKind> of(String text) {
        return Arrays.stream(values()).filter(kind -> kind.toString().equals(text)).findFirst();
    }

    /**
     * Whether the row stands in the way by another key than the one that identifies it. Which row
     * is to give way cannot be told from their versions, so no policy but park and stop is asked.
     */
    public boolean isOfAnotherKey() {
        return this == UPDATE_EXISTS || this == MULTIPLE_UNIQUE_CONFLICTS;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
