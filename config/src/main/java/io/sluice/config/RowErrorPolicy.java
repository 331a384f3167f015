package io.sluice.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What becomes of a row that the target refuses. */
public enum RowErrorPolicy {
    /** The pipeline stops, and nothing of the row's transaction is applied. */
    STOP,
    /** The row is put aside, and all others go on. */
    PARK;

    /** The policy as the file spells it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static RowErrorPolicy of(String text) {
        List<String> names = Arrays.stream(values()).map(RowErrorPolicy::toString).toList();
        int index = names.indexOf(text);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "must be `stop` or `park`, found "
                            + Fields.shown(text)
                            + Nearest.hint(text, names));
        }
        return values()[index];
    }
}
