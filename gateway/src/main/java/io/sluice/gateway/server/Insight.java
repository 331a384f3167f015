package io.sluice.gateway.server;

import io.sluice.config.SluiceConfig;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.ObjectiveKeeper;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.pipeline.TableStatus;
import io.sluice.gateway.rpo.Outlook;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the HTTP side shows and whom it passes orders to.
 *
 * @param version of the program
 * @param tables by pipeline
 * @param outlooks by pipeline
 * @param objectives by pipeline
 * @param conflicts between sites
 */
public record Insight(
        String version,
        SluiceConfig config,
        Supplier<List<PipelineStatus>> pipelines,
        Function<String, List<TableStatus>> tables,
        GatewayMetrics metrics,
        Journal journal,
        History history,
        Function<String, Outlook> outlooks,
        Function<String, ObjectiveKeeper> objectives,
        Operator operator,
        ConflictDesk conflicts,
        InstantSource clock) {}
