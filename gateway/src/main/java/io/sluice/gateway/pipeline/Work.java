package io.sluice.gateway.pipeline;

import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.keybased.CursorCheck;
import io.sluice.gateway.keybased.KeyedDefinition;
import io.sluice.gateway.keybased.PollSettings;
import io.sluice.gateway.sites.OwnForms;
import io.sluice.gateway.sites.SiteSide;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pipeline is for, by its replication's mode. */
public sealed interface Work {

    /** How often it is looked whether what is waited for has come. */
    Duration LOOK = Duration.ofMillis(200);

    /** Whether it reads the source's log; else the tables alone. */
    boolean readsLog();

    /** Whether the source can be read in this way, each finding with its remedy. */
    default List<Finding> check(SourceDatabase source, List<TableDefinition> tables) {
        return readsLog() ? source.check(tables) : source.checkReading(tables);
    }

    /** The target's tables as they have to be for it. */
    default List<TableDefinition> written(List<TableDefinition> wanted) {
        return wanted;
    }

    /** Whether the source's clock and the end of its log are asked for beside the work. */
    default boolean isProbed() {
        return true;
    }

    /** How the source's values look at the target, where both are written. */
    default OwnForms forms() {
        return new OwnForms();
    }

    /** Waits, before an attempt, for what it needs of others. */
    default void await(Pipeline pipeline) {}

    /** What happens in an attempt, when the tables are known and the pipeline is claimed. */
    Attempt attempt(Pipeline pipeline);

    /** The source's changes, one after the other, for as long as the gateway runs. */
    record FollowLog() implements Work {

        @Override
        public boolean readsLog() {
            return true;
        }

        @Override
        public Attempt attempt(Pipeline pipeline) {
            return new FollowAttempt(pipeline);
        }
    }

    /** The changes of a site, at another site whose own users write as well. */
    record BetweenSites(SiteSide side) implements Work {

        private static final Logger LOG = LoggerFactory.getLogger(BetweenSites.class);

        @Override
        public boolean readsLog() {
            return true;
        }

        @Override
        public List<Finding> check(SourceDatabase source, List<TableDefinition> tables) {
            List<Finding> findings = new ArrayList<>(source.check(tables));
            findings.addAll(side.check(source, tables));
            return findings;
        }

        @Override
        public OwnForms forms() {
            return side.forms();
        }

        @Override
        public void await(Pipeline pipeline) {
            side.prepare().run();
            String told = "";
            for (Optional<String> awaited = side.awaited().get();
                    awaited.isPresent();
                    awaited = side.awaited().get()) {
                if (!awaited.get().equals(told)) {
                    told = awaited.get();
                    LOG.info("Waits until {}.", told);
                }
                if (pipeline.stopSignal().await(LOOK)) {
                    throw new CancellationException("told to stop");
                }
            }
        }

        @Override
        public Attempt attempt(Pipeline pipeline) {
            return new FollowAttempt(pipeline);
        }
    }

    /**
     * Whole tables.
     *
     * @param merges whether rows are compared and only what differs is written; else all are
     *     replaced
     * @param together whether all tables are switched in at once
     * @param keep how many former tables stay beside each
     * @param schedule the first time after a moment at which they are loaded again; null for once
     */
    record LoadTables(
            boolean merges, boolean together, int keep, @Nullable UnaryOperator<Instant> schedule)
            implements Work {

        @Override
        public boolean readsLog() {
            return false;
        }

        @Override
        public List<Finding> check(SourceDatabase source, List<TableDefinition> tables) {
            List<Finding> findings = new ArrayList<>(source.checkReading(tables));
            tables.stream()
                    .filter(table -> merges && !table.schema().hasKey())
                    .forEach(
                            table ->
                                    findings.add(
                                            Finding.blocks(
                                                    table.table().toString(),
                                                    "The table has no key by which its rows could be"
                                                            + " merged.",
                                                    "Add a primary key, or use `load: replace`.")));
            return findings;
        }

        @Override
        public Attempt attempt(Pipeline pipeline) {
            return new LoadAttempt(pipeline, this);
        }
    }

    /** Rows whose cursor has passed the last one, again and again. */
    record PollTables(PollSettings settings) implements Work {

        @Override
        public boolean readsLog() {
            return false;
        }

        @Override
        public List<Finding> check(SourceDatabase source, List<TableDefinition> tables) {
            return new CursorCheck(settings).findings(source, tables);
        }

        /** Rows are named by their key, and the log by nothing. */
        @Override
        public List<TableDefinition> written(List<TableDefinition> wanted) {
            return wanted.stream().map(KeyedDefinition::of).toList();
        }

        /** The polls tell the clock, and the end of the log is none of their business. */
        @Override
        public boolean isProbed() {
            return false;
        }

        @Override
        public Attempt attempt(Pipeline pipeline) {
            return new PollAttempt(pipeline, settings);
        }
    }
}
