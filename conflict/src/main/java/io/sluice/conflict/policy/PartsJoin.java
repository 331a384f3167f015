package io.sluice.conflict.policy;

import io.sluice.conflict.Conflict;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Version;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The parts of a value as they stand, joined with those that a change touched. */
final class PartsJoin {

    private final Version incoming;
    private final boolean stands;
    private final Map<String, String> parts;
    private final Map<String, Version> marks;

    PartsJoin(Conflict conflict, Map<String, String> here) {
        this.incoming = conflict.incoming().version();
        this.stands = conflict.standing().row().isPresent();
        this.parts = new TreeMap<>(here);
        this.marks = new HashMap<>(conflict.marks());
        Optional<RowVersion> version = conflict.standing().version();
        version.ifPresent(v -> here.keySet().forEach(part -> marks.putIfAbsent(part, v.born())));
    }

    void add(Map<String, String> before, Map<String, String> after) {
        Set<String> touched = new TreeSet<>(after.keySet());
        touched.addAll(before.keySet());
        for (String part : touched) {
            boolean changed = !Objects.equals(before.get(part), after.get(part));
            Version known = marks.get(part);
            boolean later = known == null || incoming.compareTo(known) >= 0;
            if (changed && later) {
                marks.put(part, incoming);
                put(part, after);
            } else if (!changed && !stands) {
                put(part, after);
            }
        }
    }

    private void put(String part, Map<String, String> from) {
        String value = from.get(part);
        if (value == null) {
            parts.remove(part);
        } else {
            parts.put(part, value);
        }
    }

    Map<String, String> parts() {
        return parts;
    }

    Map<String, Version> marks() {
        return marks;
    }
}
