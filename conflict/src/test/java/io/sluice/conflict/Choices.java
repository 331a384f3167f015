package io.sluice.conflict;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Everything that is left to chance in a simulated run: from a seed, or each way in turn. */
interface Choices {

    /** A number from 0 to below {@code bound}. */
    int below(int bound);

    static Choices seeded(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random::nextInt;
    }

    /** What {@link #everyWay} chose in one run. */
    static Choices replayed(List<Integer> digits) {
        List<Integer> rest = new ArrayList<>(digits);
        return bound -> rest.isEmpty() ? 0 : rest.removeFirst();
    }

    /**
     * Runs once for each way of choosing.
     *
     * @return how many there were
     * @throws IllegalStateException where there are more than {@code most}
     */
    static int everyWay(int most, Consumer<Recorded> run) {
        List<Integer> digits = new ArrayList<>();
        int runs = 0;
        while (true) {
            Recorded recorded = new Recorded(digits);
            run.accept(recorded);
            if (++runs > most) {
                throw new IllegalStateException("more than " + most + " ways");
            }
            digits = recorded.following();
            if (digits.isEmpty()) {
                return runs;
            }
        }
    }

    /** Follows given choices, then takes the first of each. */
    final class Recorded implements Choices {

        private final List<Integer> digits;
        private final List<Integer> bounds = new ArrayList<>();

        private Recorded(List<Integer> digits) {
            this.digits = new ArrayList<>(digits);
        }

        @Override
        public int below(int bound) {
            if (bounds.size() == digits.size()) {
                digits.add(0);
            }
            bounds.add(bound);
            return digits.get(bounds.size() - 1);
        }

        List<Integer> digits() {
            return List.copyOf(digits);
        }

        private List<Integer> following() {
            List<Integer> next = new ArrayList<>(digits);
            while (!next.isEmpty() && next.getLast() + 1 == bounds.get(next.size() - 1)) {
                next.removeLast();
            }
            if (!next.isEmpty()) {
                next.set(next.size() - 1, next.getLast() + 1);
            }
            return next;
        }
    }
}
