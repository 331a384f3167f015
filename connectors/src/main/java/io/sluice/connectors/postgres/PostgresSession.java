package io.sluice.connectors.postgres;

import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.ErrorClass;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a target over one connection. Used by one thread.
 *
 * <p>The commit is one round trip and cannot happen without the checkpoint ({@link
 * CheckpointCommit}).
 */
final class PostgresSession implements TargetSession {

    /** After a time-out the server is given this long to say so itself. */
    private static final Duration SERVERS_GRACE = Duration.ofSeconds(15);

    /** What {@code TRUNCATE} says of a table that another one has a foreign key to. */
    private static final String REFERENCED = "0A000";

    private static final String DIVISION_BY_ZERO = "22012";

    private final PostgresConnections connections;
    private final Connection connection;
    private final Checkpoint claim;
    private final Marking marking;
    private final @Nullable SessionMark mark;
    private final long statementMillis;
    private final boolean enforcesForeignKeys;
    private final boolean defersConstraints;
    private final RowWriter writer;
    private final CopyProgressStore progress;
    private final DeadLetterStore letters;
    private boolean inTransaction;
    private boolean marked;

    /**
     * Connects, and turns foreign keys and triggers off where the role may.
     *
     * @param statementTimeout zero for none
     * @param marking of the database's sessions
     */
    PostgresSession(
            PostgresConnections connections,
            Checkpoint claim,
            Duration statementTimeout,
            Marking marking) {
        this.connections = connections;
        this.claim = claim;
        this.marking = marking;
        statementMillis = Math.min(statementTimeout.toMillis(), Integer.MAX_VALUE);
        connection = connections.open(LogNames.applySession(claim.pipeline()));
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute(
                        "SET idle_in_transaction_session_timeout = '5min'; SET statement_timeout = "
                                + statementMillis);
                // A plan made for the length of each array would read a large table from end to
                // end.
                statement.execute("SET plan_cache_mode = force_generic_plan");
                // What the source is told is durable has to be on the target's disk.
                statement.execute(
                        "SELECT set_config('synchronous_commit', 'on', false)"
                                + " WHERE current_setting('synchronous_commit') = 'off'");
            }
            connections.limitWaits(connection, statementTimeout.plus(SERVERS_GRACE));
            enforcesForeignKeys = !ReplicaRole.assume(connection);
            defersConstraints = enforcesForeignKeys && hasDeferrable();
            mark = marking.begin(connection, claim.pipeline());
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connections.release(connection);
            throw PostgresErrors.failure(connections.name() + ": opening a session", e);
        }
        writer = new RowWriter(connections.name(), connection);
        progress = new CopyProgressStore(connection, claim.pipeline());
        letters = new DeadLetterStore(connections.name(), connection, claim.pipeline());
    }

    @Override
    public long execute(TableOperation operation) {
        begin();
        return switch (operation) {
            case InsertRows insert -> writer.insert(insert);
            case UpdateRows update -> writer.update(update);
            case DeleteRows delete -> writer.delete(delete);
            case TruncateTables truncate -> truncate(truncate);
        };
    }

    @Override
    public boolean enforcesForeignKeys() {
        return enforcesForeignKeys;
    }

    @Override
    public OptionalLong attempt(TableOperation operation) {
        begin();
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
        begin();
        run(
                "setting a savepoint",
                marked ? "RELEASE SAVEPOINT mark; SAVEPOINT mark" : "SAVEPOINT mark");
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
        inTransaction = false;
        marked = false;
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
        try {
            CheckpointCommit.execute(connection, checkpoint, mark);
            inTransaction = false;
            marked = false;
        } catch (SQLException e) {
            rollback();
            if (DIVISION_BY_ZERO.equals(e.getSQLState())) {
                requireClaim();
            }
            throw PostgresErrors.failure(
                    connections.name() + ": committing for " + claim.pipeline(), e);
        }
    }

    @Override
    public CopyWriter copyInto(TableSchema table, CopyFormat format) {
        begin();
        // A table may take longer than any statement; its lines show that it goes on.
        run("preparing a copy", "SET LOCAL statement_timeout = 0");
        return new CopyInto(connections.name(), connection, table, format);
    }

    @Override
    public void empty(List<TableId> tables) {
        savepoint();
        try {
            execute(new TruncateTables(tables));
        } catch (ConnectorException e) {
            if (!(e.getCause() instanceof SQLException cause)
                    || !REFERENCED.equals(cause.getSQLState())) {
                throw e;
            }
            // A table that stays has a foreign key to one of them, whatever its rows.
            rollbackToSavepoint();
            tables.forEach(this::deleteAll);
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
        begin();
        return letters;
    }

    @Override
    public List<TableCopy> copies() {
        begin();
        try {
            return progress.all();
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    connections.name() + ": reading the copies of " + claim.pipeline(), e);
        }
    }

    @Override
    public CursorStore cursors() {
        begin();
        return new PostgresCursorStore(connections.name(), connection, claim.pipeline());
    }

    @Override
    public Optional<SiteSession> site() {
        begin();
        return Optional.of(
                new PostgresSiteSession(
                        PostgresErrors.steps(connections.name()),
                        connection,
                        claim.pipeline(),
                        writer));
    }

    @Override
    public boolean hasRows(TableId table) {
        begin();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT EXISTS (SELECT FROM " + Sql.table(table) + ")")) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": looking into " + table, e);
        }
    }

    @Override
    public void close() {
        connections.release(connection);
        marking.end(mark);
    }

    /** However long that takes: what was cut off would begin from the start again. */
    private void deleteAll(TableId table) {
        String step = "emptying " + table;
        try {
            int wait = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, 0);
            run(step, "SET LOCAL statement_timeout = 0");
            run(step, "DELETE FROM " + writer.emptied(List.of(table)));
            run(step, "SET LOCAL statement_timeout = " + statementMillis);
            connection.setNetworkTimeout(Runnable::run, wait);
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": looking at " + table, e);
        }
    }

    /** Foreign keys that do not act keep {@code TRUNCATE} from a table all the same. */
    private long truncate(TruncateTables truncate) {
        try {
            if (!enforcesForeignKeys && ForeignKeys.reach(connection, truncate.tables())) {
                truncate.tables().forEach(this::deleteAll);
                return 0;
            }
            run("emptying " + truncate.tables(), "TRUNCATE " + writer.emptied(truncate.tables()));
            return 0;
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    connections.name() + ": looking at " + truncate.tables(), e);
        }
    }

    /** A statement about the gateway's own tables. */
    @FunctionalInterface
    private interface Recording {
        void run() throws SQLException;
    }

    private void recording(TableId table, Recording recording) {
        begin();
        try {
            recording.run();
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    connections.name() + ": recording the copy of " + table, e);
        }
    }

    private void begin() {
        if (!inTransaction) {
            inTransaction = true;
            if (mark != null) {
                marking(mark);
            }
            if (defersConstraints) {
                run("deferring constraints", "SET CONSTRAINTS ALL DEFERRED");
            }
        }
    }

    private void marking(SessionMark applied) {
        try {
            applied.begin();
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": marking a transaction", e);
        }
    }

    @Override
    public void requireClaim() {
        try {
            boolean fenced = CheckpointStore.isFenced(connection, claim);
            connection.rollback();
            inTransaction = false;
            marked = false;
            if (fenced) {
                throw CheckpointStore.fenced(connection, claim);
            }
        } catch (SQLException e) {
            throw PostgresErrors.failure(
                    connections.name() + ": asking whose " + claim.pipeline() + " is", e);
        }
    }

    private boolean hasDeferrable() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT EXISTS (SELECT FROM pg_constraint WHERE condeferrable)")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private void run(String step, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw PostgresErrors.failure(connections.name() + ": " + step, e);
        }
    }
}
