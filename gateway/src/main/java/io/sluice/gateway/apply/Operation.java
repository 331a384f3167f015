package io.sluice.gateway.apply;

import io.sluice.change.Change;
import io.sluice.change.RowChange;
import io.sluice.change.Truncate;

/** What a change does, as metrics and reports count it. */
public enum Operation {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE;

    static Operation of(Change change) {
        return switch (change) {
            case RowChange.Insert i -> INSERT;
            case RowChange.Update u -> UPDATE;
            case RowChange.Delete d -> DELETE;
            case Truncate t -> TRUNCATE;
        };
    }
}
