package io.sluice.gateway.pipeline;

import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import java.util.List;

/** What one attempt of a pipeline does once its tables are checked and it is claimed. */
interface Attempt {

    /**
     * Returns when there is nothing more to do, or the pipeline was told to stop.
     *
     * @param claim the checkpoint as it stands
     * @param tables of the source
     * @param wanted the same in the target's names
     */
    void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted)
            throws InterruptedException;
}
