package io.sluice.connectors.postgres;

import io.sluice.change.Lsn;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pipeline keeps on its source: a publication, which says what goes into its log, and a
 * slot, which keeps the log until it has been read.
 *
 * <p>{@link #start} makes both, the publication first: the slot decodes by the catalog as it was
 * when a change was written, so a publication that came later would be missing for the changes in
 * between. {@link #resume} never makes either: where one is gone or has moved past the checkpoint,
 * changes are lost to the log, and that is a {@link LogGapException}.
 */
final class PostgresLog {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresLog.class);

    /** How often, a fifth of a second apart, to look whether a slot that is in use comes free. */
    private static final int PATIENCE = 15;

    private final PostgresConnections connections;
    private final String pipeline;
    private final String application;
    private final String slotName;
    private final Publication publication;

    PostgresLog(PostgresConnections connections, String pipeline) {
        this.connections = connections;
        this.pipeline = pipeline;
        application = LogNames.session(pipeline);
        slotName = LogNames.slot(pipeline);
        publication = new Publication(LogNames.publication(pipeline));
    }

    /** Replaces what an unfinished earlier start left, and holds the moment of the new slot. */
    SnapshotReader start(List<TableDefinition> tables, int readers) {
        for (TableDefinition table : tables) {
            if (table.rowIdentity() == RowIdentity.NOTHING) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("%s: publishing %s would make the source refuse its updates and deletes, for"
                                        + " its log does not identify rows. Run: %s")
                                .formatted(place(), table.table(), SourceCheck.remedy(table)));
            }
        }
        connections.run(
                application,
                "publishing the tables of " + pipeline,
                connection -> {
                    dropSlot(connection);
                    publication.create(connection, tables);
                    announceWait(connection);
                });
        return held(slotName, "", tables, readers);
    }

    /**
     * Holds a later moment: that of a slot which lasts as long as the snapshot and is never read.
     * The pipeline's own slot keeps the log meanwhile.
     */
    SnapshotReader snapshot(List<TableDefinition> tables, int readers) {
        connections.run(application, "taking a snapshot for " + pipeline, this::announceWait);
        // A name of its own each time: an earlier one may linger on a connection that hangs.
        String slot = LogNames.slot(pipeline + " snapshot " + UUID.randomUUID());
        try {
            return held(slot, "TEMPORARY ", tables, readers);
        } catch (ConnectorException e) {
            if (e.getCause() instanceof SQLException cause && "53400".equals(cause.getSQLState())) {
                throw new ConnectorException(
                        ErrorClass.FATAL,
                        ("%s: to go on with the copy a second replication slot is needed, and none is"
                                        + " free. Raise max_replication_slots, or drop a slot that is"
                                        + " not in use")
                                .formatted(place()),
                        e);
            }
            throw e;
        }
    }

    private SnapshotReader held(
            String slot, String kind, List<TableDefinition> tables, int readers) {
        Connection replication = connections.openReplication(application);
        try {
            PostgresSnapshot snapshot = createSlot(replication, slot, kind, readers);
            try {
                snapshot.hold(tables);
                return snapshot;
            } catch (ConnectorException e) {
                snapshot.close();
                throw e;
            }
        } catch (SQLException e) {
            connections.release(replication);
            throw PostgresErrors.failure(
                    "%s: creating the replication slot %s".formatted(place(), slot), e);
        }
    }

    boolean exists() {
        return connections.with(
                application,
                "looking for the log of " + pipeline,
                connection -> Slot.find(connection, slotName).isPresent());
    }

    /** Makes sure that nothing is missing between the checkpoint and the log. */
    void resume(List<TableDefinition> tables, Lsn from, String identity) {
        String answering = SourceIdentity.read(connections, application);
        if (!answering.equals(identity)) {
            throw gap(
                    from,
                    "unknown",
                    "another database answers at the address (%s; the copy was made from %s)"
                            .formatted(answering, identity));
        }
        connections.run(
                application,
                "checking the log of " + pipeline,
                connection -> {
                    requireNoGap(connection, from);
                    requirePublished(connection, tables, from);
                });
    }

    void drop() {
        connections.run(
                application,
                "dropping the log of " + pipeline,
                connection -> {
                    dropSlot(connection);
                    publication.drop(connection);
                });
    }

    /** A slot can begin only where no transaction is under way, so its creation waits for those. */
    private void announceWait(Connection connection) throws SQLException {
        String query =
                """
                SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - began))::int8, 0)
                FROM (SELECT xact_start FROM pg_stat_activity
                    WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                  UNION ALL SELECT prepared FROM pg_prepared_xacts) AS running(began)
                """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            if (row.getLong(1) > 0) {
                LOG.info(
                        "{}: the replication slot {} is created when {} running or prepared"
                                + " transactions have ended; the oldest runs for {} s.",
                        place(),
                        slotName,
                        row.getLong(1),
                        row.getLong(2));
            }
        }
    }

    private PostgresSnapshot createSlot(
            Connection replication, String slot, String kind, int readers) throws SQLException {
        boolean bracketed = replication.getMetaData().getDatabaseMajorVersion() >= 15;
        try (Statement statement = replication.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "CREATE_REPLICATION_SLOT %s %sLOGICAL pgoutput %s"
                                        .formatted(
                                                slot,
                                                kind,
                                                bracketed
                                                        ? "(SNAPSHOT 'export')"
                                                        : "EXPORT_SNAPSHOT"))) {
            row.next();
            Lsn position = Lsn.parse(row.getString("consistent_point"));
            String snapshot = row.getString("snapshot_name");
            LOG.info("{}: created the slot {} at {}.", place(), slot, position);
            return new PostgresSnapshot(
                    connections, application, replication, position, snapshot, readers);
        }
    }

    private void requireNoGap(Connection connection, Lsn from) throws SQLException {
        Lsn end = end(connection);
        Slot slot =
                Slot.find(connection, slotName)
                        .orElseThrow(
                                () ->
                                        gap(
                                                from,
                                                end.text(),
                                                "the replication slot %s is gone"
                                                        .formatted(slotName)));
        if (!slot.ours()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: the replication slot %s is not a logical slot of pgoutput in this database; drop it if it is not needed"
                            .formatted(place(), slotName));
        }
        if (slot.invalid() != null) {
            throw gap(
                    from,
                    end.text(),
                    "the server has invalidated the replication slot %s (%s)"
                            .formatted(slotName, slot.invalid()));
        }
        Lsn confirmed = slot.confirmed();
        if (confirmed == null || confirmed.compareTo(from) > 0) {
            throw gap(
                    from,
                    confirmed == null ? end.text() : confirmed.text(),
                    "the replication slot %s has moved past the checkpoint".formatted(slotName));
        }
        if (from.compareTo(end) > 0) {
            throw gap(
                    from,
                    end.text(),
                    "the source's log ends before the checkpoint: the source was restored from a"
                            + " backup or failed over to a server that lacked its last transactions");
        }
        awaitInactive(connection);
    }

    private void requirePublished(Connection connection, List<TableDefinition> tables, Lsn from)
            throws SQLException {
        if (!publication.exists(connection)) {
            throw gap(
                    from,
                    end(connection).text(),
                    "the publication %s is gone, and changes since may be missing from the log"
                            .formatted(publication.name()));
        }
        if (!publication.isAsMade(connection)) {
            throw gap(
                    from,
                    end(connection).text(),
                    "the publication %s was changed and leaves out operations, rows or columns"
                            .formatted(publication.name()));
        }
        Set<TableId> published = publication.tables(connection);
        Set<TableId> wanted =
                tables.stream()
                        .map(TableDefinition::table)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<TableId> added = new TreeSet<>(wanted);
        added.removeAll(published);
        if (!added.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: these tables are not in the log of %s, which was started without them: %s."
                                    + " Exclude them, or copy all again: sluice recopy -c FILE '%s'")
                            .formatted(place(), pipeline, added, pipeline));
        }
        Set<TableId> left = new TreeSet<>(published);
        left.removeAll(wanted);
        if (!left.isEmpty()) {
            publication.remove(connection, left);
            LOG.info("{}: took {} out of the publication {}.", place(), left, publication.name());
        }
    }

    private void dropSlot(Connection connection) throws SQLException {
        if (Slot.find(connection, slotName).isEmpty()) {
            return;
        }
        awaitInactive(connection);
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_drop_replication_slot(?)")) {
            statement.setString(1, slotName);
            statement.execute();
        }
    }

    /**
     * A reader that was closed lets go of its slot a moment later. One that still holds it then has
     * lost its client without noticing, or belongs to a gateway that this one has fenced off: it is
     * ended where the role may.
     */
    private void awaitInactive(Connection connection) throws SQLException {
        if (isInactiveSoon(connection)) {
            return;
        }
        Optional<Slot> held = Slot.find(connection, slotName);
        if (held.isEmpty() || (endReader(connection, held.get()) && isInactiveSoon(connection))) {
            return;
        }
        throw new ConnectorException(
                ErrorClass.RETRY,
                ("%s: the replication slot %s is in use by %s. If no other gateway runs this"
                                + " pipeline, it comes free when the server notices that the"
                                + " client is gone (wal_sender_timeout)")
                        .formatted(place(), slotName, held.get().holder()));
    }

    private boolean isInactiveSoon(Connection connection) throws SQLException {
        Optional<Slot> slot = Slot.find(connection, slotName);
        for (int i = 0; i < PATIENCE && slot.isPresent() && slot.get().isActive(); i++) {
            run(connection, "SELECT pg_sleep(0.2)");
            slot = Slot.find(connection, slotName);
        }
        return slot.isEmpty() || !slot.get().isActive();
    }

    private boolean endReader(Connection connection, Slot slot) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                                + " WHERE slot_name = ? AND active_pid IS NOT NULL")) {
            statement.setString(1, slotName);
            statement.execute();
            LOG.warn(
                    "{}: ended the reader of the slot {}, {}, which had not let go of it.",
                    place(),
                    slotName,
                    slot.holder());
            return true;
        } catch (SQLException e) {
            if ("42501".equals(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    private static Lsn end(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT CASE WHEN pg_is_in_recovery()"
                                        + " THEN coalesce(pg_last_wal_replay_lsn(), '0/0')"
                                        + " ELSE pg_current_wal_flush_lsn() END::text")) {
            row.next();
            return Lsn.parse(row.getString(1));
        }
    }

    private LogGapException gap(Lsn from, String to, String why) {
        return new LogGapException(
                ("%s: %s. The changes from %s to %s cannot be had from the log any more. Copy again:"
                                + " sluice recopy -c FILE '%s'")
                        .formatted(place(), why, from, to, pipeline),
                from.text(),
                to);
    }

    private String place() {
        return connections.name();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
