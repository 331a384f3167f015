package io.sluice.conflict;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a policy promises.
 *
 * @param needs what must be so for that
 * @param because how sites come to differ where they may; else empty
 */
public record Guarantee(Outcome outcome, Set<Need> needs, String because) {

    /** How the sites end once all changes have arrived everywhere. */
    public enum Outcome {
        /** Equal, any number of them. */
        CONVERGES,
        /** Equal but for the rows that are kept aside, or where it stopped. */
        WAITS_FOR_A_PERSON,
        /** Equal, two of them; with three, the order of arrival would show. */
        CONVERGES_OF_TWO,
        /** Nobody can say. */
        MAY_DIVERGE
    }

    /** What a policy takes for granted. */
    public enum Need {
        /** A deleted row's version is kept until every site has all changes made before. */
        TOMBSTONES("tombstones"),
        /** Changes carry all values, or those before: {@code REPLICA IDENTITY FULL}. */
        WHOLE_ROWS("changes with whole rows"),
        /** Each column or group of columns has a version, each element of a union has. */
        PART_VERSIONS("versions of columns"),
        /** Changes say what their site had seen of the others. */
        SEEN("what a change's site had seen"),
        /** The column never falls (max) or never rises (min), wherever it is written. */
        ONE_WAY_COLUMN("a column that goes one way only");

        private final String text;

        Need(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    public Guarantee {
        needs = Set.copyOf(needs);
    }

    public static Guarantee converges(Need... needs) {
        return new Guarantee(Outcome.CONVERGES, Set.of(needs), "");
    }

    public static Guarantee waits(Need... needs) {
        return new Guarantee(Outcome.WAITS_FOR_A_PERSON, Set.of(needs), "");
    }

    /** Of two sites only, with why not of more. */
    public static Guarantee ofTwo(String because, Need... needs) {
        return new Guarantee(Outcome.CONVERGES_OF_TWO, Set.of(needs), because);
    }

    public static Guarantee none(String because) {
        return new Guarantee(Outcome.MAY_DIVERGE, Set.of(), because);
    }

    /** The weaker outcome of the two, and what either needs. */
    public Guarantee and(Guarantee other) {
        Set<Need> both = EnumSet.noneOf(Need.class);
        both.addAll(needs);
        both.addAll(other.needs);
        Guarantee weaker = outcome.compareTo(other.outcome) >= 0 ? this : other;
        return new Guarantee(weaker.outcome, both, weaker.because);
    }
}
