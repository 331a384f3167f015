package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.postgres.LoadStore.Owned;
import io.sluice.connectors.postgres.LoadStore.Role;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.LoadNames;
import io.sluice.connectors.spi.TableLoads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads on PostgreSQL. Definitions are part of a transaction here, so each call is one, which
 * begins by holding the pipeline's claim: another gateway's claim waits for its end, or ends it.
 *
 * <p>A table that the gateway created, and on which nothing hangs, is exchanged for the filled one.
 * Every other one stays and gets its rows.
 */
final class PostgresLoads implements TableLoads {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresLoads.class);

    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";

    private static final String HOLD =
            "SELECT FROM sluice.checkpoint WHERE pipeline = ? AND epoch = ? FOR UPDATE";

    private final PostgresConnections connections;
    private final Connection connection;
    private final Checkpoint claim;
    private final LoadStore store;
    private final TableExchange tables;
    private final RowExchange rows;

    PostgresLoads(PostgresConnections connections, Checkpoint claim) {
        this.connections = connections;
        this.claim = claim;
        connection = connections.open(LogNames.applySession(claim.pipeline()));
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET idle_in_transaction_session_timeout = '5min'");
                statement.execute("SET statement_timeout = 0"); // whole tables by one statement
            }
            // It takes as long as it takes.
            connection.setNetworkTimeout(Runnable::run, 0);
            rows = new RowExchange(connection, ReplicaRole.assume(connection));
            connection.setAutoCommit(false);
        } catch (SQLException e) {
            connections.release(connection);
            throw PostgresErrors.failure(connections.name() + ": opening a session", e);
        }
        store = new LoadStore(connection, claim.pipeline());
        tables = new TableExchange(connection);
    }

    @Override
    public Optional<Run> last() {
        return held("reading the last load", store::last);
    }

    @Override
    public void clear() {
        held(
                "removing what is left of a load",
                () -> {
                    limitLockWait("5s"); // a gateway that stops has ten
                    for (Owned owned : store.owned()) {
                        if (owned.role() == Role.SHADOW) {
                            drop(owned);
                        }
                    }
                    return true;
                });
    }

    @Override
    public long begin(Instant started) {
        return held("beginning a load", () -> store.begin(started));
    }

    @Override
    public void created(List<TableId> created) {
        held(
                "recording the tables created",
                () -> {
                    for (TableId table : created) {
                        store.disown(table);
                        store.own(table, Role.STANDING, table.name(), null);
                    }
                    return true;
                });
    }

    @Override
    public TableId shadow(TableId table) {
        TableId shadow = beside(table, LoadNames.SHADOW);
        return held(
                "creating " + shadow,
                () -> {
                    rows.requireNoCascade(table); // before all is copied
                    execute(
                            "CREATE TABLE %s (LIKE %s INCLUDING ALL)"
                                    .formatted(Sql.table(shadow), Sql.table(table)));
                    store.own(shadow, Role.SHADOW, table.name(), null);
                    return shadow;
                });
    }

    @Override
    public void analyze(List<Loaded> loaded) {
        held(
                "analyzing what was loaded",
                () -> {
                    for (Loaded one : loaded) {
                        execute("ANALYZE " + Sql.table(one.shadow()));
                    }
                    return true;
                });
    }

    @Override
    public boolean replace(List<Loaded> loaded, Instant moment, int keep) {
        List<Loaded> inOrder =
                loaded.stream().sorted(Comparator.comparing(one -> one.table().table())).toList();
        // Readers queue behind it; and a deadlock with one is looked for after a second, which
        // would end either.
        boolean done =
                unlessLocked(
                                "switching tables in",
                                "500ms",
                                () -> {
                                    for (Loaded one : inOrder) {
                                        replace(one, moment, keep);
                                    }
                                    return true;
                                })
                        .isPresent();
        if (done) {
            loaded.forEach(one -> prune(one.table().table(), moment, keep));
        }
        return done;
    }

    /** Empty, and nothing done, if others hold what it needs for longer than the limit. */
    private <T> Optional<T> unlessLocked(String step, String limit, Work<T> work) {
        return held(
                step,
                () -> {
                    limitLockWait(limit);
                    try {
                        return Optional.of(work.run());
                    } catch (SQLException e) {
                        if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())
                                && !DEADLOCK.equals(e.getSQLState())) {
                            throw e;
                        }
                        connection.rollback();
                        return Optional.empty();
                    }
                });
    }

    private void replace(Loaded loaded, Instant moment, int keep) throws SQLException {
        TableId table = loaded.table().table();
        if (exchangeable(loaded) != null) {
            execute("SAVEPOINT locking");
            execute("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE".formatted(Sql.table(table)));
            // Once more: what it waited for may have made a view, or another table.
            Owned standing = exchangeable(loaded);
            if (standing != null) {
                exchange(loaded, standing, moment, keep);
                return;
            }
            execute("ROLLBACK TO SAVEPOINT locking"); // and nobody waits for the rows
        }
        rows.replace(loaded);
        store.disown(loaded.shadow());
        TableId copy = beside(table, LoadNames.former(moment));
        boolean kept = keep > 0 && !isFormer(copy);
        // What has a copy needs no other one, when the table is exchanged the next time.
        store.shows(table, keep > 0 ? null : moment);
        if (!kept) {
            execute("DROP TABLE " + Sql.table(loaded.shadow()));
            return;
        }
        try (Statement statement = connection.createStatement()) {
            TableExchange.rename(statement, "TABLE", loaded.shadow(), copy.name());
        }
        store.own(copy, Role.FORMER, table.name(), moment);
    }

    /** The record of the table, if the filled one can take its name without any loss. */
    private @Nullable Owned exchangeable(Loaded loaded) throws SQLException {
        TableId table = loaded.table().table();
        Owned standing = own(table);
        return standing != null && tables.isPlain(table) && tables.isLike(table, loaded.shadow())
                ? standing
                : null;
    }

    private void exchange(Loaded loaded, Owned standing, Instant moment, int keep)
            throws SQLException {
        TableId table = loaded.table().table();
        Instant earlier = standing.moment();
        TableId former =
                keep == 0 || earlier == null ? null : beside(table, LoadNames.former(earlier));
        if (former != null && isFormer(former)) {
            former = null; // one of that second is enough
        }
        tables.exchange(table, loaded.shadow(), former);
        store.disown(table);
        store.disown(loaded.shadow());
        store.own(table, Role.STANDING, table.name(), moment);
        if (former != null) {
            store.own(former, Role.FORMER, table.name(), earlier);
        }
    }

    @Override
    public Optional<Changes> merge(Loaded loaded, Instant moment) {
        return unlessLocked(
                "merging into " + loaded.table().table(),
                "20s",
                () -> {
                    Changes changes = rows.merge(loaded);
                    store.shows(loaded.table().table(), moment);
                    execute("DROP TABLE " + Sql.table(loaded.shadow()));
                    store.disown(loaded.shadow());
                    return changes;
                });
    }

    @Override
    public void end(Run run) {
        held(
                "recording a load",
                () -> {
                    store.end(run);
                    return true;
                });
    }

    @Override
    public void close() {
        connections.release(connection);
    }

    /**
     * Those of earlier moments that are too many. One that cannot be dropped is named and stays.
     */
    private void prune(TableId table, Instant moment, int keep) {
        List<Owned> formers =
                held("reading what is kept", store::owned).stream()
                        .filter(owned -> owned.role() == Role.FORMER)
                        .filter(owned -> owned.table().schema().equals(table.schema()))
                        .filter(owned -> owned.beside().equals(table.name()))
                        .filter(owned -> isBefore(owned, moment))
                        .sorted(Comparator.comparing(PostgresLoads::order).reversed())
                        .toList();
        for (Owned former : formers.stream().skip(keep).toList()) {
            held(
                    "dropping " + former.table(),
                    () -> {
                        try {
                            limitLockWait("3s");
                            drop(former);
                        } catch (SQLException e) {
                            connection.rollback();
                            LOG.warn(
                                    "{} is not needed any more and cannot be dropped: {}",
                                    former.table(),
                                    e.getMessage());
                        }
                        return true;
                    });
        }
    }

    private static boolean isBefore(Owned owned, Instant moment) {
        return order(owned).isBefore(moment);
    }

    private static Instant order(Owned owned) {
        Instant moment = owned.moment();
        return moment == null ? Instant.MIN : moment;
    }

    /** The record of the table that stands, if the gateway created that very one. */
    private @Nullable Owned own(TableId table) throws SQLException {
        return own(table, Role.STANDING);
    }

    /** Whether the name is that of a table which is kept already. */
    private boolean isFormer(TableId name) throws SQLException {
        return own(name, Role.FORMER) != null;
    }

    private @Nullable Owned own(TableId table, Role role) throws SQLException {
        String identity = store.identity(table);
        return store.owned().stream()
                .filter(owned -> owned.role() == role && owned.table().equals(table))
                .filter(owned -> owned.identity().equals(identity))
                .findFirst()
                .orElse(null);
    }

    private void drop(Owned owned) throws SQLException {
        if (owned.identity().equals(store.identity(owned.table()))) {
            execute("DROP TABLE " + Sql.table(owned.table()));
        }
        store.disown(owned.table());
    }

    private static TableId beside(TableId table, String end) {
        return new TableId(
                table.schema(), LoadNames.of(table.name(), end, TableExchange.LONGEST_NAME));
    }

    private void limitLockWait(String limit) throws SQLException {
        execute("SET LOCAL lock_timeout = " + Sql.literal(limit));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T held(String step, Work<T> work) {
        try {
            try (PreparedStatement statement = connection.prepareStatement(HOLD)) {
                statement.setString(1, claim.pipeline());
                statement.setLong(2, claim.epoch());
                if (!statement.executeQuery().next()) {
                    throw CheckpointStore.fenced(connection, claim);
                }
            }
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollback();
            throw PostgresErrors.failure(connections.name() + ": " + step, e);
        } catch (RuntimeException e) {
            rollback();
            throw e;
        }
    }

    private void rollback() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            connections.release(connection);
        }
    }
}
