package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a site had of every origin at some moment: all changes up to a time, and none after it. It
 * is what tells a change that was made in knowledge of another from one that was not.
 */
public record Seen(Map<Origin, HybridTimestamp> upTo) {

    public static final Seen NOTHING = new Seen(Map.of());

    public Seen {
        upTo = Map.copyOf(upTo);
    }

    public boolean covers(Version version) {
        HybridTimestamp time = upTo.get(version.origin());
        return time != null && version.at().compareTo(time) <= 0;
    }

    /** This, and what is of {@code version}'s origin up to its time. */
    public Seen with(Version version) {
        if (covers(version)) {
            return this;
        }
        Map<Origin, HybridTimestamp> more = new HashMap<>(upTo);
        more.put(version.origin(), version.at());
        return new Seen(more);
    }

    @Override
    public String toString() {
        Map<String, HybridTimestamp> sorted = new TreeMap<>();
        upTo.forEach((origin, time) -> sorted.put(origin.name(), time));
        return sorted.toString();
    }
}
