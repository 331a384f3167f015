package io.sluice.conflict.policy;

import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.Guarantee.Need;
import io.sluice.conflict.MergePolicy;
import java.util.Map;
import java.util.Set;

/** Each site decides by a policy of its own, as where one keeps what it has and the other takes. */
record BySite(Map<String, MergePolicy> policies) implements MergePolicy {

    BySite {
        policies = Map.copyOf(policies);
    }

    @Override
    public Decision decide(Conflict conflict) {
        MergePolicy policy = policies.get(conflict.site().name());
        return policy == null
                ? new Decision.Stop("no policy is for " + conflict.site())
                : policy.decide(conflict);
    }

    @Override
    public boolean asksSince() {
        return policies.values().stream().anyMatch(MergePolicy::asksSince);
    }

    @Override
    public boolean decidesColumns() {
        return policies.values().stream().allMatch(MergePolicy::decidesColumns);
    }

    @Override
    public Set<String> sites() {
        return policies.keySet();
    }

    @Override
    public Guarantee guarantee() {
        Set<MergePolicy> different = Set.copyOf(policies.values());
        if (different.equals(Set.of(Always.KEEP_LOCAL, Always.APPLY_REMOTE))) {
            return Guarantee.ofTwo(
                    "two that keep, or two that apply, never agree",
                    Need.SEEN,
                    Need.TOMBSTONES,
                    Need.WHOLE_ROWS);
        }
        if (Set.of(Always.PARK, Always.STOP).containsAll(different)) {
            return Guarantee.waits(Need.SEEN);
        }
        return different.size() == 1
                ? different.iterator().next().guarantee()
                : Guarantee.none("the sites decide the same conflict by different policies");
    }
}
