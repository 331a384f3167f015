package io.sluice.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How a replication works. */
public enum Mode {
    /** Whole tables, once or on a schedule. */
    FULL("full"),
    /** Whole tables of one moment, switched in together, once or on a schedule. */
    SNAPSHOT("snapshot"),
    /** Rows whose cursor has passed the last one, read again and again, without the log. */
    KEY_BASED("key-based"),
    /** Changes from the log alone, from now on; nothing is copied first. */
    LOG_BASED("log-based"),
    /** A consistent copy, then every source transaction, whole and in order. */
    TRANSACTIONAL("transactional"),
    /** Changes of two databases, each way, decided on where both changed a row. */
    BIDIRECTIONAL("bidirectional"),
    /** Changes of three and more databases, each to all others, decided on likewise. */
    MERGE("merge");

    private final String text;

    Mode(String text) {
        this.text = text;
    }

    /** The mode as the file spells it, or nothing where there is no such mode. */
    public static Optional<Mode> of(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text.equals(text)).findFirst();
    }

    /** The name of every mode, in the order of this enum. */
    public static List<String> names() {
        return Arrays.stream(values()).map(mode -> mode.text).toList();
    }

    /** Whether its sites all write, and stand under {@code between}, not {@code source}. */
    public boolean hasManySites() {
        return this == BIDIRECTIONAL || this == MERGE;
    }

    /** Whether each change is taken from the source's log. */
    public boolean readsLog() {
        return this == TRANSACTIONAL || this == LOG_BASED || hasManySites();
    }

    /** Whether it brings whole tables, each time anew. */
    public boolean loadsTables() {
        return this == FULL || this == SNAPSHOT;
    }

    /** The mode as the file spells it. */
    @Override
    public String toString() {
        return text;
    }
}
