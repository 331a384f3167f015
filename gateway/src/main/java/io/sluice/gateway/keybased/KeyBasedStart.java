package io.sluice.gateway.keybased;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableCursor;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableReader;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.ApplyLimits;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How an attempt comes to the cursors: goes on where they stand, or begins. */
public final class KeyBasedStart {

    private static final Logger LOG = LoggerFactory.getLogger(KeyBasedStart.class);

    private final String pipeline;
    private final PollSettings settings;
    private final ApplyLimits limits;
    private final SourceDatabase source;
    private final TargetDatabase target;
    private final InstantSource clock;
    private final PollEvents events;

    public KeyBasedStart(
            String pipeline,
            PollSettings settings,
            ApplyLimits limits,
            SourceDatabase source,
            TargetDatabase target,
            InstantSource clock,
            PollEvents events) {
        this.pipeline = pipeline;
        this.settings = settings;
        this.limits = limits;
        this.source = source;
        this.target = target;
        this.clock = clock;
        this.events = events;
    }

    /**
     * Follows the tables until it is time to stop.
     *
     * @param counts of the sweeps so far
     */
    public void run(
            TargetSession session,
            Checkpoint claim,
            List<TableDefinition> tables,
            List<TableDefinition> wanted,
            SweepCounts counts) {
        target.create(wanted.stream().map(KeyedDefinition::of).toList(), source.types(tables));
        try (TableReader reading = source.tableReader(pipeline);
                TableReader standing = target.tableReader(pipeline)) {
            Checkpoint known = known(session, claim);
            Polling polling =
                    new Polling(settings, limits, reading, standing, session, known, clock, events);
            new KeyBasedLoop(polling, polls(polling, tables, wanted), counts).run();
        }
    }

    /** Another server may lack what the first one had, so all of it is read, and compared. */
    private Checkpoint known(TargetSession session, Checkpoint claim) {
        String identity = source.identity();
        Checkpoint known = claim.of(identity);
        if (!identity.equals(claim.sourceIdentity())) {
            List<TableCursor> cursors = session.cursors().all();
            if (claim.sourceIdentity() != null && !cursors.isEmpty()) {
                LOG.warn(
                        "Another database answers as the source: all rows are read again from the"
                                + " beginning.");
                cursors.forEach(cursor -> session.cursors().save(cursor.at(List.of())));
            }
            session.commit(known);
        }
        return known;
    }

    private List<TablePoll> polls(
            Polling polling, List<TableDefinition> tables, List<TableDefinition> wanted) {
        TargetSession session = polling.session();
        Map<TableId, TableCursor> cursors = new HashMap<>();
        session.cursors().all().forEach(cursor -> cursors.put(cursor.table(), cursor));
        Set<TableId> own =
                session.copies().stream()
                        .filter(copy -> !copy.isPlanned())
                        .map(TableCopy::table)
                        .collect(Collectors.toSet());
        session.rollback();
        Map<TableId, TableDefinition> standing = new HashMap<>();
        target.tables(wanted.stream().map(TableDefinition::table).toList())
                .forEach(table -> standing.put(table.table(), table));
        List<TablePoll> polls = new ArrayList<>();
        for (int i = 0; i < tables.size(); i++) {
            TableId name = wanted.get(i).table();
            KeyedTable table =
                    KeyedTable.of(
                            tables.get(i),
                            wanted.get(i),
                            Objects.requireNonNull(standing.get(name), "a table just created"),
                            settings.cursors().apply(tables.get(i).table()).orElseThrow());
            TableCursor known = cursors.get(name);
            TableCursor cursor =
                    known == null ? begin(session, polling, table, own.contains(name)) : known;
            boolean emptied =
                    known != null && !known.position().isEmpty() && !session.hasRows(name);
            session.rollback();
            if (emptied) {
                LOG.warn("{} has lost its rows on the target: all are read again.", name);
                cursor = cursor.at(List.of());
                session.cursors().save(cursor);
                polling.commit();
            }
            if (!cursor.order().equals(table.order())) {
                LOG.warn("{} has another cursor now: it is read from the beginning.", name);
                cursor = new TableCursor(name, table.order(), List.of(), cursor.sweptAt());
                session.cursors().save(cursor);
                polling.commit();
            }
            polls.add(new TablePoll(table, polling, cursor, known == null || emptied));
        }
        return polls;
    }

    /** The table begins empty: a sweep would delete what the gateway has not written. */
    private TableCursor begin(
            TargetSession session, Polling polling, KeyedTable table, boolean own) {
        TableId name = table.target().table();
        Optional<String> other = session.cursors().other(name);
        if (other.isPresent()) {
            session.rollback();
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s is filled by the pipeline %s, and each sweep would delete the other's rows."
                                    + " Route one of them into another table; or, if that pipeline is no"
                                    + " more, delete its rows of sluice.cursor on the target")
                            .formatted(name, other.get()));
        }
        if (session.hasRows(name)) {
            if (!own) {
                session.rollback();
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("%s has rows and no cursor: empty it; or let the gateway do so: sluice"
                                        + " recopy -c FILE '%s' --yes")
                                .formatted(name, pipeline));
            }
            session.empty(List.of(name));
        }
        TableCursor cursor = new TableCursor(name, table.order(), List.of(), clock.instant());
        session.cursors().save(cursor);
        polling.commit();
        return cursor;
    }
}
