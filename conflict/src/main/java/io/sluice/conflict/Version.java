package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import java.util.Comparator;
import java.util.Objects;

/**
 * Which write a value is of: when and where it was made. Versions are ordered by time, ties by the
 * origin's name, so that every site puts the same two in the same order.
 */
public record Version(HybridTimestamp at, Origin origin) implements Comparable<Version> {

    /** Earlier than every write: what stands in for one where there was none. */
    public static final Version NONE = new Version(HybridTimestamp.ZERO, new Origin("-"));

    private static final Comparator<Version> ORDER =
            Comparator.comparing(Version::at).thenComparing(version -> version.origin().name());

    public Version {
        Objects.requireNonNull(at);
        Objects.requireNonNull(origin);
    }

    public Version max(Version other) {
        return compareTo(other) >= 0 ? this : other;
    }

    @Override
    public int compareTo(Version other) {
        return ORDER.compare(this, other);
    }

    /** {@code time@origin}. */
    @Override
    public String toString() {
        return at + "@" + origin;
    }
}
