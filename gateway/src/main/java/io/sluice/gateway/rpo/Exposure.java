package io.sluice.gateway.rpo;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What would be lost now, and how that is known.
 *
 * @param age of the oldest source commit that is not durable on the target; zero when there is none
 *     and no heartbeat is overdue; null when nothing is known yet
 */
public record Exposure(Basis basis, @Nullable Duration age, Behind behind) {

    public static final Exposure UNKNOWN = new Exposure(Basis.UNKNOWN, null, Behind.NOTHING);

    /** Where all that came after a moment would be lost. */
    public static Exposure since(Instant moment, Instant now) {
        Duration age = Duration.between(moment, now);
        return new Exposure(Basis.MEASURED, age.isNegative() ? Duration.ZERO : age, Behind.NOTHING);
    }

    /** How the age is known. */
    public enum Basis {
        /** From the commit time of a transaction that is on its way. */
        MEASURED,
        /**
         * Nothing is on its way, and heartbeats come through: the time by which the next one is
         * overdue, which is zero until then.
         */
        IDLE,
        /** Nothing comes through: the time since the last proof, growing with the clock. */
        BLIND,
        /** There was no proof yet. */
        UNKNOWN
    }

    public Exposure {
        Objects.requireNonNull(basis);
        Objects.requireNonNull(behind);
        if ((basis == Basis.UNKNOWN) != (age == null)) {
            throw new IllegalArgumentException("an age is known unless the basis is UNKNOWN");
        }
    }
}
