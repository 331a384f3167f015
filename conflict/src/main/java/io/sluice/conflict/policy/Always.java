package io.sluice.conflict.policy;

import io.sluice.conflict.Conflict;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Guarantee;
import io.sluice.conflict.MergePolicy;

/** Decides every conflict alike. */
enum Always implements MergePolicy {
    APPLY_REMOTE {
        @Override
        public Decision decide(Conflict conflict) {
            return new Decision.Apply("what comes from elsewhere is applied");
        }

        @Override
        public Guarantee guarantee() {
            return Guarantee.none(
                    "with apply-remote everywhere, each site takes the other's value for its own");
        }
    },
    KEEP_LOCAL {
        @Override
        public Decision decide(Conflict conflict) {
            return new Decision.Keep("what stands here is kept");
        }

        @Override
        public Guarantee guarantee() {
            return Guarantee.none("with keep-local everywhere, each site stays with its own value");
        }
    },
    PARK {
        @Override
        public Decision decide(Conflict conflict) {
            return new Decision.Park("conflicts are for a person to decide");
        }

        @Override
        public Guarantee guarantee() {
            return Guarantee.waits(Guarantee.Need.SEEN);
        }
    },
    STOP {
        @Override
        public Decision decide(Conflict conflict) {
            return new Decision.Stop("conflicts stop the replication");
        }

        @Override
        public Guarantee guarantee() {
            return Guarantee.waits(Guarantee.Need.SEEN);
        }
    }
}
