package io.sluice.gateway.keybased;

import io.sluice.change.TableId;
import io.sluice.gateway.apply.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** What the polls tell of themselves, and are told. Called by the pipeline's thread. */
public interface PollEvents {

    /** Whether it is time to stop. */
    boolean isStopping();

    /** Waits; returns early, with true, when it is time to stop. */
    boolean await(Duration atMost);

    /** Whether tables came to the source, went or were altered since the attempt began. */
    boolean isAltered();

    /** A table is being filled for the first time, or no table is any more. */
    void filling(boolean any);

    /** The source's clock, between a question and its answer by the gateway's. */
    void clock(Instant asked, Instant answered, Instant theirs);

    /** Rows of a table became durable on the target; none where only the cursor moved. */
    void applied(TableId table, Map<Operation, Long> changes);

    /** A poll of all tables came through: what was committed at this moment is on the target. */
    void polled(Instant sourceMoment);

    /** How the sweeps are getting on. */
    void swept(SweepCounts counts);
}
