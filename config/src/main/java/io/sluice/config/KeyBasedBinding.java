package io.sluice.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Binds what only the mode {@code key-based} has. */
final class KeyBasedBinding {

    private static final List<String> KEYS = List.of("cursor", "interval", "overlap", "deletes");

    private final Fields fields;
    private final Optional<Mode> mode;

    KeyBasedBinding(Fields fields, Optional<Mode> mode) {
        this.fields = fields;
        this.mode = mode;
        for (String key : KEYS) {
            if (mode.isPresent()
                    && mode.get() != Mode.KEY_BASED
                    && fields.entries().containsKey(key)) {
                fields.problem(key, "is only for key-based");
            }
        }
    }

    Map<Glob, String> cursor() {
        boolean required = mode.isPresent() && mode.get() == Mode.KEY_BASED;
        Optional<Node> node = required ? fields.required("cursor") : fields.optional("cursor");
        return fields.columnByTable("cursor", node);
    }

    Duration interval() {
        return fields.duration("interval", ReplicationConfig.DEFAULT_INTERVAL);
    }

    Duration overlap() {
        return fields.duration("overlap", ReplicationConfig.DEFAULT_OVERLAP);
    }

    Deletes deletes() {
        Optional<Node> node = fields.optional("deletes");
        if (node.isPresent() && node.get() instanceof Node.TextNode) {
            return fields.value("deletes", Deletes.DEFAULT, KeyBasedBinding::ignored);
        }
        return fields.settings(
                "deletes",
                Deletes.DEFAULT,
                sweep ->
                        new Deletes(
                                Optional.of(
                                        sweep.duration(
                                                "sweep", Deletes.DEFAULT.sweep().orElseThrow()))));
    }

    private static Deletes ignored(String text) {
        if (!text.equals("ignore")) {
            throw new IllegalArgumentException("must be `ignore`, or `{sweep: 1h}`");
        }
        return Deletes.IGNORED;
    }
}
