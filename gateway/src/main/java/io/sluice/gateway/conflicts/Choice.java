package io.sluice.gateway.conflicts;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a person chooses for a conflict. */
public enum Choice {
    /** The row becomes what the change that came would have made of it. */
    APPLY_INCOMING,
    /** The row becomes what the change found. */
    KEEP,
    /** Nothing is written: the row was looked after otherwise. */
    DISMISS;

    /** As it is said and noted. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public static Optional<Choice> of(String text) {
        return Arrays.stream(values()).filter(choice -> choice.text().equals(text)).findFirst();
    }
}
