package io.sluice.connectors.mysql;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.LetterBox;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a target over one connection. Used by one thread.
 *
 * <p>Foreign keys are off for the session: the source has checked them. Its isolation is {@code
 * READ COMMITTED}: rows are found by their keys as they are now, nothing is read twice, and the
 * gaps between keys, which {@code REPEATABLE READ} would lock, stay free for others.
 *
 * <p>The commit is two round trips: the checkpoint is moved under its epoch, which holds its row
 * against every claim, and the transaction is committed only if there was such a row.
 *
 * <p>A deadlock makes the server roll the whole transaction back; a lock that was not to be had
 * makes it undo one statement only. Both are made the same here: after an error that may pass, the
 * transaction is gone, and nothing but {@link #rollback()} is taken until it was called.
 */
final class MySqlSession implements TargetSession {

    /** After a time-out the server is given this long to say so itself. */
    private static final Duration SERVERS_GRACE = Duration.ofSeconds(15);

    /** For a lock, in seconds. */
    private static final int LONGEST_WAIT = 50;

    private final MySqlConnections connections;
    private final Connection connection;
    private final Checkpoint claim;
    private final RowWriter writer;
    private final CopyProgressStore progress;
    private final DeadLetterStore letters;
    private final Marking marking;
    private int markRow;
    private final @Nullable SessionMark mark;
    private boolean marked;
    private boolean lost;

    /** Whether the transaction is known as applied by now. */
    private boolean applied;

    /**
     * @param statementTimeout zero for none
     * @param marking of the server's sessions
     */
    MySqlSession(
            MySqlConnections connections,
            Checkpoint claim,
            Duration statementTimeout,
            Marking marking) {
        this.connections = connections;
        this.claim = claim;
        this.marking = marking;
        connection = connections.openForWriting(SessionNames.apply(claim.pipeline()));
        markRow = Marking.NO_ROW;
        progress = new CopyProgressStore(connection, claim.pipeline());
        letters = new DeadLetterStore(connections.name(), connection, claim.pipeline());
        try {
            markRow = marking.begin(claim.pipeline());
            int seconds = (int) Math.min(statementTimeout.plusMillis(999).toSeconds(), 1 << 20);
            int lockSeconds = seconds == 0 ? LONGEST_WAIT : Math.min(seconds, LONGEST_WAIT);
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SET SESSION transaction_isolation = 'READ-COMMITTED', foreign_key_checks ="
                                + " 0, unique_checks = 1, innodb_lock_wait_timeout = "
                                + lockSeconds);
            }
            if (seconds > 0) {
                connections.limitWaits(connection, statementTimeout.plus(SERVERS_GRACE));
            }
            if (markRow == Marking.NO_ROW) {
                mark = null;
            } else {
                mark = new SessionMark(connection, claim.pipeline(), markRow);
                mark.make();
            }
            connection.setAutoCommit(false);
            // The server's own limit for a lock comes first: it leaves the session usable.
            int driverSeconds = seconds == 0 ? 0 : seconds + 2;
            writer = new RowWriter(connections.name(), connection, driverSeconds);
        } catch (SQLException e) {
            close();
            throw MySqlErrors.failure(connections.name() + ": opening a session", e);
        }
    }

    @Override
    public long execute(TableOperation operation) {
        return guarded(
                () ->
                        switch (operation) {
                            case InsertRows insert -> writer.insert(insert);
                            case UpdateRows update -> writer.update(update);
                            case DeleteRows delete -> writer.delete(delete);
                            case TruncateTables truncate -> truncate(truncate.tables());
                        });
    }

    /** Triggers do fire: MySQL has no way to switch them off. The check warns of them. */
    @Override
    public boolean enforcesForeignKeys() {
        return false;
    }

    @Override
    public OptionalLong attempt(TableOperation operation) {
        run("setting a savepoint", "SAVEPOINT attempt");
        OptionalLong touched;
        try {
            touched = OptionalLong.of(execute(operation));
        } catch (ConnectorException e) {
            if (e.errorClass() != ErrorClass.ROW) {
                throw e;
            }
            run("going back to a savepoint", "ROLLBACK TO SAVEPOINT attempt");
            touched = OptionalLong.empty();
        }
        run("letting a savepoint go", "RELEASE SAVEPOINT attempt");
        return touched;
    }

    @Override
    public void savepoint() {
        run("setting a savepoint", "SAVEPOINT mark");
        marked = true;
    }

    @Override
    public void rollbackToSavepoint() {
        if (!marked) {
            throw new IllegalStateException("no savepoint was set");
        }
        run("going back to a savepoint", "ROLLBACK TO SAVEPOINT mark");
    }

    /** A connection that is broken has nothing to roll back; the next call will say so. */
    @Override
    public void rollback() {
        marked = false;
        lost = false;
        applied = false;
        try {
            connection.rollback();
        } catch (SQLException e) {
            connections.release(connection);
        }
    }

    @Override
    public void commit(Checkpoint checkpoint) {
        if (checkpoint.epoch() != claim.epoch()
                || !checkpoint.pipeline().equals(claim.pipeline())) {
            throw new IllegalArgumentException("not a checkpoint of this session's claim");
        }
        requireNotLost();
        try {
            if (!CheckpointStore.move(connection, checkpoint)) {
                FencedException fenced = CheckpointStore.fenced(connection, claim);
                rollback();
                throw fenced;
            }
            connection.commit();
            marked = false;
            applied = false;
        } catch (SQLException e) {
            rollback();
            throw MySqlErrors.failure(
                    connections.name() + ": committing for " + claim.pipeline(), e);
        }
    }

    @Override
    public void requireClaim() {
        requireNotLost();
        try {
            boolean fenced = CheckpointStore.isFenced(connection, claim);
            connection.rollback();
            applied = false;
            if (fenced) {
                throw CheckpointStore.fenced(connection, claim);
            }
        } catch (SQLException e) {
            throw MySqlErrors.failure(
                    connections.name() + ": asking whose " + claim.pipeline() + " is", e);
        }
    }

    @Override
    public CopyWriter copyInto(TableSchema table, CopyFormat format) {
        requireTransaction();
        if (format != CopyFormat.TEXT) {
            throw new IllegalArgumentException("MySQL takes rows as text");
        }
        try {
            return CopyInto.of(connections.name(), connection, table, writer);
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": copying into " + table.table(), e);
        }
    }

    @Override
    public void empty(List<TableId> tables) {
        requireTransaction();
        if (mark != null) {
            truncate(tables); // the statement would be in the log with nothing to tell it by
            return;
        }
        String step = connections.name() + ": emptying " + tables;
        try (Statement statement = connection.createStatement()) {
            // It commits by itself, so a session that was fenced off must not come to it.
            if (!CheckpointStore.isHeld(connection, claim)) {
                FencedException fenced = CheckpointStore.fenced(connection, claim);
                rollback();
                throw fenced;
            }
            for (TableId table : tables) {
                statement.execute("TRUNCATE TABLE " + Sql.table(table));
            }
            marked = false;
        } catch (SQLException e) {
            if (MySqlErrors.isDenied(e)) {
                truncate(tables);
                return;
            }
            throw MySqlErrors.failure(step, e);
        }
    }

    @Override
    public void saveCopy(TableCopy copy) {
        recording(copy.table(), () -> progress.save(copy));
    }

    @Override
    public void markDone(TableId table, TableCopy.Chunk chunk) {
        recording(
                table,
                () -> {
                    if (!progress.mark(table, chunk)) {
                        throw new ConnectorException(
                                ErrorClass.RETRY,
                                "%s: the copy of %s was begun anew meanwhile"
                                        .formatted(connections.name(), table));
                    }
                });
    }

    @Override
    public void settle(TableId table, SourcePosition asOf) {
        recording(table, () -> progress.settle(table, asOf));
    }

    @Override
    public LetterBox letterBox() {
        requireTransaction();
        return letters;
    }

    @Override
    public List<TableCopy> copies() {
        requireTransaction();
        try {
            return progress.all();
        } catch (SQLException e) {
            throw MySqlErrors.failure(
                    connections.name() + ": reading the copies of " + claim.pipeline(), e);
        }
    }

    @Override
    public CursorStore cursors() {
        requireTransaction();
        return new MySqlCursorStore(connections.name(), connection, claim.pipeline());
    }

    @Override
    public Optional<SiteSession> site() {
        return Optional.of(new MySqlSiteSession(this::atSite, connection, claim.pipeline()));
    }

    @Override
    public boolean hasRows(TableId table) {
        requireTransaction();
        try (PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT EXISTS (SELECT 1 FROM " + Sql.table(table) + ")");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": looking into " + table, e);
        }
    }

    @Override
    public void close() {
        connections.release(connection);
        marking.end(claim.pipeline(), markRow);
        markRow = Marking.NO_ROW; // by now it may be another session's
    }

    private long truncate(List<TableId> tables) {
        tables.forEach(writer::empty);
        return 0;
    }

    @FunctionalInterface
    private interface Recording {
        void run() throws SQLException;
    }

    private void recording(TableId table, Recording recording) {
        requireTransaction();
        try {
            recording.run();
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": recording the copy of " + table, e);
        }
    }

    private void requireTransaction() {
        requireNotLost();
        if (mark != null && !applied) {
            try {
                mark.begin();
                applied = true;
            } catch (SQLException e) {
                throw MySqlErrors.failure(connections.name() + ": marking a transaction", e);
            }
        }
    }

    private void requireNotLost() {
        if (lost) {
            throw new IllegalStateException("the transaction failed and is to be rolled back");
        }
    }

    private <T> T guarded(Supplier<T> work) {
        requireTransaction();
        boolean inPart = marked;
        try {
            return work.get();
        } catch (ConnectorException e) {
            if (e.errorClass() == ErrorClass.RETRY) {
                rollback();
                lost = true;
            }
            // What came before the savepoint is gone as well, so that not only the rest comes
            // again.
            throw inPart && e instanceof CollisionException
                    ? new ConnectorException(e.errorClass(), String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    private <T> T atSite(String step, Steps.Work<T> work) {
        return guarded(() -> MySqlErrors.steps(connections.name()).run(step, work));
    }

    private void run(String step, String sql) {
        requireTransaction();
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw MySqlErrors.failure(connections.name() + ": " + step, e);
        }
    }
}
