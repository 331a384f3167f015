package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.mysql.LoadStore.Owned;
import io.sluice.connectors.mysql.LoadStore.Role;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.LoadNames;
import io.sluice.connectors.spi.TableLoads;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads on MySQL. A definition is a transaction by itself here, so what is about to be created or
 * renamed is recorded before; {@link #clear} takes away whatever a death in between has left.
 *
 * <p>Tables that the gateway created, and on which nothing hangs, are exchanged for the filled ones
 * by one {@code RENAME TABLE}, which is one step for all of them. If any other is among those that
 * go together, all stay and get their rows, in one transaction.
 */
final class MySqlLoads implements TableLoads {

    private static final Logger LOG = LoggerFactory.getLogger(MySqlLoads.class);

    private static final int LONGEST_NAME = 64;

    private final LoadSession session;
    private final LoadStore store;
    private final TableExchange tables;
    private final RowExchange rows;

    MySqlLoads(MySqlConnections connections, Checkpoint claim) {
        session = new LoadSession(connections, claim);
        store = new LoadStore(session.connection(), claim.pipeline());
        tables = new TableExchange(session.connection());
        rows = new RowExchange(session.connection());
    }

    @Override
    public Optional<Run> last() {
        return session.held("reading the last load", store::last);
    }

    @Override
    public void clear() {
        for (Owned owned : session.held("reading what is left of earlier loads", store::owned)) {
            boolean stands =
                    owned.identity()
                            .equals(
                                    session.held(
                                            "looking at " + owned.table(),
                                            () -> nullToEmpty(store.identity(owned.table()))));
            if (owned.role() == Role.SHADOW) {
                drop(owned);
            } else if (!stands) {
                session.held(
                        "forgetting " + owned.table(),
                        () -> {
                            store.disown(owned.table(), owned.identity());
                            return true;
                        });
            }
        }
    }

    @Override
    public long begin(Instant started) {
        return session.held("beginning a load", () -> store.begin(started));
    }

    @Override
    public void created(List<TableId> created) {
        for (TableId table : created) {
            String mark = mark();
            session.held(
                    "marking " + table,
                    () -> {
                        store.own(new Owned(table, mark, Role.STANDING, table.name(), null));
                        session.connection().commit();
                        comment(table, mark);
                        return true;
                    });
        }
    }

    @Override
    public TableId shadow(TableId table) {
        TableId shadow = beside(table, LoadNames.SHADOW);
        String mark = mark();
        return session.held(
                "creating " + shadow,
                () -> {
                    if (store.identity(shadow) != null) {
                        throw new SQLException(
                                "%s stands already, and the gateway did not create it: rename it"
                                        .formatted(shadow));
                    }
                    store.own(new Owned(shadow, mark, Role.SHADOW, table.name(), null));
                    session.connection().commit();
                    session.execute(
                            "CREATE TABLE %s LIKE %s"
                                    .formatted(Sql.table(shadow), Sql.table(table)));
                    comment(shadow, mark);
                    return shadow;
                });
    }

    /** The log of the target need not hold it. */
    @Override
    public void analyze(List<Loaded> loaded) {
        session.held(
                "analyzing what was loaded",
                () -> {
                    for (Loaded one : loaded) {
                        try (Statement statement = session.connection().createStatement()) {
                            statement.execute(
                                    "ANALYZE NO_WRITE_TO_BINLOG TABLE " + Sql.table(one.shadow()));
                        }
                    }
                    return true;
                });
    }

    @Override
    public boolean replace(List<Loaded> loaded, Instant moment, int keep) {
        boolean exchanged = session.held("looking at the tables", () -> areExchangeable(loaded));
        boolean done = exchanged ? exchange(loaded, moment, keep) : fill(loaded, moment, keep);
        if (!done) {
            return false;
        }
        if (!exchanged) {
            loaded.forEach(one -> settle(one, moment, keep));
        }
        loaded.forEach(one -> prune(one.table().table(), moment, keep));
        return true;
    }

    private boolean areExchangeable(List<Loaded> loaded) throws SQLException {
        for (Loaded one : loaded) {
            TableId table = one.table().table();
            if (own(table, Role.STANDING) == null || !tables.isLossless(one)) {
                return false;
            }
        }
        return true;
    }

    private boolean exchange(List<Loaded> loaded, Instant moment, int keep) {
        List<Owned> before = new ArrayList<>();
        List<Owned> after = new ArrayList<>();
        StringJoiner names = new StringJoiner(", ", "RENAME TABLE ", "");
        return session.held(
                "switching tables in",
                () -> {
                    for (Loaded one : loaded) {
                        TableId table = one.table().table();
                        Owned standing = Objects.requireNonNull(own(table, Role.STANDING));
                        Owned shadow = Objects.requireNonNull(own(one.shadow(), Role.SHADOW));
                        Instant earlier = standing.moment();
                        TableId former =
                                earlier == null || keep == 0
                                        ? null
                                        : beside(table, LoadNames.former(earlier));
                        // One of a second is enough.
                        boolean kept = former != null && own(former, Role.FORMER) == null;
                        if (former == null || !kept) {
                            former = beside(table, LoadNames.OLD);
                        }
                        names.add(TableExchange.renaming(table, former))
                                .add(TableExchange.renaming(one.shadow(), table));
                        before.add(standing);
                        before.add(shadow);
                        after.add(
                                new Owned(
                                        table,
                                        shadow.identity(),
                                        Role.STANDING,
                                        table.name(),
                                        moment));
                        after.add(
                                new Owned(
                                        former,
                                        standing.identity(),
                                        kept ? Role.FORMER : Role.SHADOW,
                                        table.name(),
                                        earlier));
                    }
                    for (Owned owned : after) {
                        store.own(owned);
                    }
                    session.connection().commit();
                    session.hold();
                    if (!session.unlessLocked(names.toString())) {
                        return false;
                    }
                    for (Owned owned : before) {
                        store.disown(owned.table(), owned.identity());
                        store.forgetCopy(owned.table());
                    }
                    session.connection().commit();
                    after.stream().filter(o -> o.role() == Role.SHADOW).forEach(this::tryToDrop);
                    return true;
                });
    }

    private boolean fill(List<Loaded> loaded, Instant moment, int keep) {
        return session.held(
                "switching rows in",
                () -> {
                    try {
                        for (Loaded one : loaded) {
                            rows.replace(one);
                            // What has a copy needs no other one, when the table is exchanged.
                            store.shows(one.table().table(), keep > 0 ? null : moment);
                        }
                        return true;
                    } catch (SQLException e) {
                        if (!LoadSession.isLock(e)) {
                            throw e;
                        }
                        session.connection().rollback();
                        return false;
                    }
                });
    }

    /** What was filled is dropped, or kept as what the table showed at that moment. */
    private void settle(Loaded loaded, Instant moment, int keep) {
        Owned shadow =
                session.held(
                        "looking up " + loaded.shadow(),
                        () -> Objects.requireNonNull(own(loaded.shadow(), Role.SHADOW)));
        TableId table = loaded.table().table();
        TableId copy = beside(table, LoadNames.former(moment));
        if (keep == 0 || session.held("looking up " + copy, () -> own(copy, Role.FORMER) != null)) {
            drop(shadow);
            return;
        }
        session.held(
                "keeping " + copy,
                () -> {
                    store.own(
                            new Owned(copy, shadow.identity(), Role.FORMER, table.name(), moment));
                    session.connection().commit();
                    session.hold();
                    session.execute(
                            "RENAME TABLE " + TableExchange.renaming(loaded.shadow(), copy));
                    store.disown(shadow.table(), shadow.identity());
                    store.forgetCopy(shadow.table());
                    return true;
                });
    }

    @Override
    public Optional<Changes> merge(Loaded loaded, Instant moment) {
        TableId table = loaded.table().table();
        Optional<Changes> changes =
                session.held(
                        "merging into " + table,
                        () -> {
                            try {
                                Changes done = rows.merge(loaded);
                                store.shows(table, moment);
                                return Optional.of(done);
                            } catch (SQLException e) {
                                if (!LoadSession.isLock(e)) {
                                    throw e;
                                }
                                session.connection().rollback();
                                return Optional.empty();
                            }
                        });
        if (changes.isPresent()) {
            settle(loaded, moment, 0);
        }
        return changes;
    }

    @Override
    public void end(Run run) {
        session.held(
                "recording a load",
                () -> {
                    store.end(run);
                    return true;
                });
    }

    @Override
    public void close() {
        session.close();
    }

    /**
     * Those of earlier moments that are too many. One that cannot be dropped is named and stays.
     */
    private void prune(TableId table, Instant moment, int keep) {
        session.held("reading what is kept", store::owned).stream()
                .filter(owned -> owned.role() == Role.FORMER)
                .filter(owned -> owned.table().schema().equals(table.schema()))
                .filter(owned -> owned.beside().equals(table.name()))
                .filter(owned -> order(owned).isBefore(moment))
                .sorted(Comparator.comparing(MySqlLoads::order).reversed())
                .skip(keep)
                .forEach(this::tryToDrop);
    }

    private void tryToDrop(Owned owned) {
        try {
            drop(owned);
        } catch (FencedException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.warn(
                    "{} is not needed any more and cannot be dropped: {}",
                    owned.table(),
                    e.getMessage());
        }
    }

    private static Instant order(Owned owned) {
        Instant moment = owned.moment();
        return moment == null ? Instant.MIN : moment;
    }

    /** The record of the table that stands under the name, if the gateway created that very one. */
    private @Nullable Owned own(TableId table, Role role) throws SQLException {
        String identity = store.identity(table);
        return store.owned().stream()
                .filter(owned -> owned.role() == role && owned.table().equals(table))
                .filter(owned -> owned.identity().equals(identity))
                .findFirst()
                .orElse(null);
    }

    /**
     * Drops what the record speaks of, if it is that very table; and one to be filled that a death
     * has left before it was marked, which is still empty.
     */
    private void drop(Owned owned) {
        session.held(
                "dropping " + owned.table(),
                () -> {
                    String identity = store.identity(owned.table());
                    boolean same = owned.identity().equals(identity);
                    if (same
                            || identity != null
                                    && owned.role() == Role.SHADOW
                                    && owned.table().equals(toFill(owned))
                                    && session.isEmpty(owned.table())) {
                        session.execute("DROP TABLE " + Sql.table(owned.table()));
                        session.hold();
                    }
                    store.disown(owned.table(), owned.identity());
                    store.forgetCopy(owned.table());
                    return true;
                });
    }

    private static TableId toFill(Owned owned) {
        return beside(new TableId(owned.table().schema(), owned.beside()), LoadNames.SHADOW);
    }

    private void comment(TableId table, String mark) throws SQLException {
        session.execute(
                "ALTER TABLE %s COMMENT = %s".formatted(Sql.table(table), Sql.literal(mark)));
    }

    private static String mark() {
        return "sluice " + UUID.randomUUID();
    }

    private static TableId beside(TableId table, String end) {
        // The limit is one of characters, of which each has a byte at least.
        return new TableId(table.schema(), LoadNames.of(table.name(), end, LONGEST_NAME));
    }

    private static String nullToEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
