package io.sluice.config;

import java.util.Optional;

/** Binds what only the modes have that load whole tables. */
final class LoadBinding {

    private final Fields fields;
    private final Optional<Mode> mode;

    LoadBinding(Fields fields, Optional<Mode> mode) {
        this.fields = fields;
        this.mode = mode;
    }

    Optional<Schedule> schedule() {
        requireMode("schedule", mode.isEmpty() || mode.get().loadsTables(), "full and snapshot");
        return fields.optionalValue("schedule", Schedule::parse);
    }

    LoadKind load() {
        requireMode("load", mode.isEmpty() || mode.get() == Mode.FULL, "full");
        return fields.value("load", LoadKind.REPLACE, LoadKind::parse);
    }

    int keep() {
        requireMode("keep", mode.isEmpty() || mode.get() == Mode.SNAPSHOT, "snapshot");
        return fields.value("keep", 0, LoadBinding::kept);
    }

    private void requireMode(String key, boolean fits, String modes) {
        if (!fits && fields.entries().containsKey(key)) {
            fields.problem(key, "is only for " + modes);
        }
    }

    private static int kept(String text) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > ReplicationConfig.MOST_KEPT) {
            throw new IllegalArgumentException(
                    "must be a whole number from 0 to " + ReplicationConfig.MOST_KEPT);
        }
        return Integer.parseInt(text);
    }
}
