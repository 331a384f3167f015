package io.sluice.conflict;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which combinations of policies leave the sites different, found before anything runs.
 *
 * <p>Each policy orders the writes of a row, and the greatest stays. Two orders for one row, one
 * for this kind of conflict and one for that, can go round in a circle: then what arrives last
 * stays, and that differs from site to site. So one kind of conflict may have another policy only
 * if that keeps the change aside, or stops.
 */
public final class Convergence {

    private Convergence() {}

    /** Why these sites may end different under these policies; empty where they cannot. */
    public static List<String> problems(TablePolicy policy, TableChoice choice, Set<String> sites) {
        List<String> problems = new ArrayList<>();
        Guarantee guarantee = policy.guarantee();
        switch (guarantee.outcome()) {
            case CONVERGES, WAITS_FOR_A_PERSON -> {}
            case CONVERGES_OF_TWO -> {
                if (sites.size() > 2) {
                    problems.add("only two sites can stay equal: " + guarantee.because());
                }
            }
            case MAY_DIVERGE -> problems.add(guarantee.because());
        }
        policy.kinds()
                .forEach(
                        (kind, special) -> {
                            if (!waits(special)
                                    && !choice.policy().equals(choice.kinds().get(kind))) {
                                problems.add(
                                        "`%s` has another policy than other conflicts: three writes could each give way to the next in a circle; only park and stop can be for one kind"
                                                .formatted(kind));
                            }
                        });
        for (MergePolicy each : policy.policies()) {
            if (!each.sites().isEmpty() && !each.sites().equals(sites)) {
                problems.add(
                        "names the databases "
                                + String.join(", ", new TreeSet<>(each.sites()))
                                + ", and must name "
                                + String.join(", ", new TreeSet<>(sites)));
            }
        }
        return problems.stream().distinct().toList();
    }

    private static boolean waits(MergePolicy policy) {
        return policy.guarantee().outcome() == Guarantee.Outcome.WAITS_FOR_A_PERSON;
    }
}
