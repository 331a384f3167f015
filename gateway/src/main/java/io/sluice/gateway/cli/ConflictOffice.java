package io.sluice.gateway.cli;

import io.sluice.config.ConflictConfig.KeepConfig;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.conflicts.ConflictKeeper;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.Work;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** The records of all databases that others write to as well, over connections of their own. */
final class ConflictOffice implements AutoCloseable {

    private final Map<String, TargetDatabase> databases = new LinkedHashMap<>();
    private final List<ConflictKeeper> keepers = new ArrayList<>();
    private final ConflictDesk desk;

    /**
     * @param journal takes, by pipeline, what was resolved
     */
    ConflictOffice(Wiring wiring, InstantSource clock, BiConsumer<String, String> journal) {
        Map<String, List<PipelineSettings>> sites =
                wiring.pipelines().stream()
                        .filter(pipeline -> pipeline.work() instanceof Work.BetweenSites)
                        .collect(
                                Collectors.groupingBy(
                                        PipelineSettings::target,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        Map<String, ConflictStore> stores = new LinkedHashMap<>();
        sites.forEach(
                (site, pipelines) -> {
                    TargetDatabase database = wiring.target(pipelines.getFirst());
                    databases.put(site, database);
                    stores.put(
                            site,
                            database.conflicts(
                                    pipelines.stream().map(PipelineSettings::name).toList()));
                    for (PipelineSettings pipeline : pipelines) {
                        KeepConfig keep = wiring.keep(pipeline);
                        keepers.add(
                                new ConflictKeeper(
                                        pipeline.name(),
                                        database.conflicts(List.of(pipeline.name())),
                                        keep.age(),
                                        keep.count(),
                                        clock));
                    }
                });
        desk = new ConflictDesk(stores, journal);
    }

    ConflictDesk desk() {
        return desk;
    }

    /**
     * Makes the gateway's own tables where they are missing, or older. A site that is away is told
     * of once it is asked for something.
     */
    void prepare() {
        for (TargetDatabase database : databases.values()) {
            try {
                database.prepare();
            } catch (ConnectorException e) {
                if (e.errorClass() != ErrorClass.RETRY) {
                    throw e;
                }
            }
        }
    }

    /** Begins to forget what is old. */
    void start() {
        keepers.forEach(ConflictKeeper::start);
    }

    @Override
    public void close() throws InterruptedException {
        databases.values().forEach(TargetDatabase::close);
        for (ConflictKeeper keeper : keepers) {
            keeper.close();
        }
    }
}
