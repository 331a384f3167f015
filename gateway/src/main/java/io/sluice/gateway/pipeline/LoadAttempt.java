package io.sluice.gateway.pipeline;

import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import java.util.List;

/** Loads whole tables, each time that they are due. */
final class LoadAttempt implements Attempt {

    private final Pipeline pipeline;
    private final Work.LoadTables work;

    LoadAttempt(Pipeline pipeline, Work.LoadTables work) {
        this.pipeline = pipeline;
        this.work = work;
    }

    @Override
    public void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted)
            throws InterruptedException {
        throw new UnsupportedOperationException(pipeline.name() + work);
    }
}
