package io.sluice.gateway.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.CursorStore;
import io.sluice.connectors.spi.LetterBox;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableCopy.Chunk;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A source whose rows move between the parts of its table, copied at several moments: whatever the
 * moments are, the log brings the target to where the source is.
 */
class ConvergenceTest {

    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final TableId ITEMS = new TableId("public", "items");
    private static final TableSchema SCHEMA =
            new TableSchema(
                    ITEMS,
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("name", LogicalType.TEXT),
                            new Column("n", LogicalType.INTEGER),
                            new Column("big", LogicalType.TEXT)),
                    List.of(0));
    private static final TableSchema KEYLESS =
            new TableSchema(new TableId("public", "plain"), SCHEMA.columns(), List.of());

    /** A source's state after each commit, and the changes that led there. */
    private static final class History {

        final List<Map<Long, Row>> states = new ArrayList<>();
        final List<List<Change>> transactions = new ArrayList<>();
        private final SplittableRandom random;
        private long next = 1000;

        History(SplittableRandom random) {
            this.random = random;
            Map<Long, Row> first = new TreeMap<>();
            for (long id = 0; id < 20; id++) {
                first.put(id, row(id, "name" + id, 0, "big" + id));
            }
            states.add(first);
            transactions.add(List.of());
        }

        void commit() {
            Map<Long, Row> state = new TreeMap<>(states.getLast());
            List<Change> changes = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                change(state, changes);
            }
            states.add(state);
            transactions.add(changes);
        }

        private void change(Map<Long, Row> state, List<Change> changes) {
            long id = random.nextInt(24);
            Row old = state.get(id);
            if (old == null) {
                Row row = row(id, "new" + next, next++, "big" + next);
                state.put(id, row);
                changes.add(new Insert(SCHEMA, row));
                return;
            }
            switch (random.nextInt(6)) {
                case 0 -> {
                    state.remove(id);
                    changes.add(new Delete(SCHEMA, old));
                }
                case 1 -> move(state, changes, old, id);
                case 2 -> handOver(state, changes, old);
                case 3 -> update(state, changes, old, row(id, old.get(1), next++, "big" + next));
                case 4 -> {
                    if (random.nextInt(20) == 0) {
                        state.clear();
                        changes.add(new Truncate(List.of(SCHEMA)));
                    }
                }
                default -> update(state, changes, old, row(id, old.get(1), next++, old.get(3)));
            }
        }

        private void move(Map<Long, Row> state, List<Change> changes, Row old, long id) {
            long to = random.nextInt(24);
            if (!state.containsKey(to)) {
                state.remove(id);
                update(state, changes, old, row(to, old.get(1), next++, old.get(3)));
            }
        }

        /** One row lets go of its name, and another takes it. */
        private void handOver(Map<Long, Row> state, List<Change> changes, Row from) {
            List<Row> rows = List.copyOf(state.values());
            Row to = rows.get(random.nextInt(rows.size()));
            Object name = from.get(1);
            if (to != from && name != null) {
                update(state, changes, from, row(from.get(0), null, from.get(2), from.get(3)));
                update(state, changes, to, row(to.get(0), name, to.get(2), to.get(3)));
            }
        }

        /** As PostgreSQL sends it: without a large value that did not change. */
        private static void update(
                Map<Long, Row> state, List<Change> changes, Row before, Row after) {
            state.put((Long) after.get(0), after);
            Object big = after.get(3);
            Row sent =
                    row(
                            after.get(0),
                            after.get(1),
                            after.get(2),
                            big.equals(before.get(3)) ? Row.NOT_SENT : big);
            changes.add(new Update(SCHEMA, before, sent));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whateverTheMomentsTheLogBringsTheRowsTogether(boolean inGroups) {
        for (int round = 0; round < 300; round++) {
            SplittableRandom random = new SplittableRandom(SEED + round);
            History history = new History(random);
            for (int i = 0; i < 60; i++) {
                history.commit();
            }
            replay(history, random, inGroups, SEED + round);
        }
    }

    private static void replay(
            History history, SplittableRandom random, boolean inGroups, long seed) {
        // Each row is copied at the moment of the part that it stands in by then: a part is the ids
        // that leave the same remainder, as a block holds whatever rows are put there.
        int parts = 1 + random.nextInt(4);
        boolean unique = random.nextBoolean();
        MemoryTarget target = new MemoryTarget(unique);
        List<Chunk> chunks = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            int moment = random.nextInt(40);
            for (Row row : history.states.get(moment).values()) {
                if ((Long) row.get(0) % parts == part) {
                    target.giveWay(row);
                }
            }
            chunks.add(new Chunk(part, "", new Lsn(100 + moment), 1));
        }
        int[] now = {0};
        Convergence convergence =
                Convergence.of(
                        List.of(new TableCopy(ITEMS, "", "", chunks, null)),
                        Set.of(),
                        table ->
                                unique
                                        ? List.of(List.of("id"), List.of("name"))
                                        : List.of(List.of("id")),
                        (schema, key) -> {
                            // The source is ahead of the log by a few transactions.
                            int at = Math.min(now[0] + 5, history.states.size() - 1);
                            return new Found(
                                    history.states.get(at).get((Long) key.get(0)),
                                    new Lsn(100 + at));
                        });
        Applier applier = applier(target, convergence, inGroups ? 25 : 1);
        for (int i = 1; i < history.states.size(); i++) {
            now[0] = i;
            List<Change> changes = history.transactions.get(i);
            int pieces = inGroups || changes.isEmpty() ? 0 : random.nextInt(changes.size());
            for (int piece = 0; piece < pieces; piece++) {
                applier.accept(
                        new TransactionPiece(
                                piece == 0,
                                NOON,
                                changes.subList(piece, piece + 1),
                                Optional.empty()));
            }
            applier.accept(last(100 + i, pieces == 0, changes.subList(pieces, changes.size())));
        }
        applier.commitGroup();
        assertThat(target.rows()).as("seed %d", seed).isEqualTo(history.states.getLast());
    }

    @Test
    void whatTheCopyHoldsIsNotWrittenAgainToATableWithoutAKey() {
        MemoryTarget target = new MemoryTarget(false);
        Convergence convergence =
                Convergence.of(
                        List.of(
                                copy(KEYLESS.table(), new Lsn(120)),
                                copy(ITEMS, new Lsn(100), new Lsn(130))),
                        Set.of(),
                        table -> List.of(),
                        (schema, key) -> {
                            throw new AssertionError("nothing is missing");
                        });
        Applier applier = applier(target, convergence, 1);
        applier.accept(whole(110, List.of(new Insert(KEYLESS, row(1L, "a", 1L, "x")))));
        assertThat(target.plain).isEmpty();
        applier.accept(whole(121, List.of(new Insert(KEYLESS, row(1L, "a", 1L, "x")))));
        assertThat(target.plain).hasSize(1);
    }

    @Test
    void aTransactionWhoseEndIsNotKnownYetIsNotGuessedAt() {
        Convergence convergence =
                Convergence.of(
                        List.of(copy(KEYLESS.table(), new Lsn(120))),
                        Set.of(),
                        table -> List.of(),
                        (schema, key) -> {
                            throw new AssertionError("nothing is missing");
                        });
        Applier applier = applier(new MemoryTarget(false), convergence, 1);
        List<Change> changes = new ArrayList<>();
        for (long i = 0; i < 5; i++) {
            changes.add(new Insert(KEYLESS, row(i, "a", 1L, "x")));
        }
        assertThatThrownBy(
                        () ->
                                applier.accept(
                                        new TransactionPiece(
                                                true, NOON, changes, Optional.empty())))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("public.plain");
    }

    @Test
    void aTableThatCannotBeJoinedIsCarriedOutExactly() {
        MemoryTarget target = new MemoryTarget(false);
        target.giveWay(row(1L, "a", 1L, "x"));
        Convergence convergence =
                Convergence.of(
                        List.of(copy(ITEMS, new Lsn(120))),
                        Set.of(ITEMS),
                        table -> List.of(),
                        (schema, key) -> {
                            throw new AssertionError("nothing is missing");
                        });
        Applier applier = applier(target, convergence, 1);
        applier.accept(whole(110, List.of(new Delete(SCHEMA, row(1L, "a", 1L, "x")))));
        applier.accept(whole(115, List.of(new Truncate(List.of(SCHEMA)))));
        assertThat(target.rows()).as("the copy is of later").hasSize(1);
        applier.accept(whole(121, List.of(new Delete(SCHEMA, row(1L, "a", 1L, "x")))));
        assertThat(target.rows()).isEmpty();
    }

    @Test
    void behindTheLastMomentOnlyTheRowsThatWereLookedUpPutTheEndOff() {
        MemoryTarget target = new MemoryTarget(false);
        target.giveWay(row(1L, "a", 1L, "x"));
        target.giveWay(row(2L, "b", 1L, "y"));
        List<Long> looked = new ArrayList<>();
        Convergence convergence =
                Convergence.of(
                        List.of(copy(ITEMS, new Lsn(100), new Lsn(120))),
                        Set.of(),
                        table -> List.of(List.of("id")),
                        (schema, key) -> {
                            looked.add((Long) key.get(0));
                            return new Found(row(11L, "a", 2L, "x"), new Lsn(150));
                        });
        Applier applier = applier(target, convergence, 1);
        applier.accept(whole(115, List.of(moved(1L, 11L))));
        applier.accept(whole(120, List.of()));
        applier.commitGroup();
        applier.accept(whole(130, List.of(moved(2L, 12L))));
        applier.commitGroup();
        assertThat(looked).as("the second one is of the log's moment").containsExactly(11L);
        assertThat(target.rows()).containsOnlyKeys(11L, 12L);
        assertThat(target.rows().get(12L)).isEqualTo(row(12L, "moved", 2L, "y"));
    }

    @Test
    void aPartOfALargeTransactionThatIsWrittenOtherwiseIsTakenBackWhole() {
        MemoryTarget target = new MemoryTarget(true);
        target.giveWay(row(1L, "a", 1L, "x"));
        target.giveWay(row(2L, "b", 1L, "y"));
        target.giveWay(row(3L, "c", 1L, "z"));
        Convergence convergence =
                Convergence.of(
                        List.of(copy(ITEMS, new Lsn(100), new Lsn(120))),
                        Set.of(),
                        table -> List.of(List.of("id")),
                        (schema, key) -> new Found(row(11L, "a", 2L, "x"), new Lsn(150)));
        Applier applier = applier(target, convergence, 5);
        applier.accept(whole(115, List.of(moved(1L, 11L))));
        applier.accept(whole(120, List.of()));
        applier.commitGroup();
        Row found = row(11L, "a", 2L, "x");
        List<Change> changes =
                List.of(
                        new Insert(SCHEMA, row(50L, "new", 1L, "")),
                        new Update(SCHEMA, found, row(11L, "a", 3L, Row.NOT_SENT)),
                        named(2L, "between"),
                        named(3L, "b"),
                        named(2L, "c"));
        applier.accept(new TransactionPiece(true, NOON, changes, Optional.empty()));
        applier.accept(last(130, false, List.of()));
        assertThat(target.rows()).containsOnlyKeys(2L, 3L, 11L, 50L);
        assertThat(target.rows().get(2L).get(1)).isEqualTo("c");
        assertThat(target.rows().get(3L).get(1)).isEqualTo("b");
        assertThat(target.rows().get(11L).get(2)).isEqualTo(3L);
    }

    private static Update named(long id, String name) {
        Row row = row(id, name, 1L, "");
        return new Update(SCHEMA, row, row);
    }

    private static Update moved(long from, long to) {
        return new Update(
                SCHEMA,
                row(from, Row.NOT_SENT, Row.NOT_SENT, Row.NOT_SENT),
                row(to, "moved", 2L, Row.NOT_SENT));
    }

    @Test
    void theGoalIsTheLastMoment() {
        Convergence convergence =
                Convergence.of(
                        List.of(copy(ITEMS, new Lsn(100), new Lsn(130), new Lsn(120))),
                        Set.of(),
                        table -> List.of(),
                        (schema, key) -> new Found(null, new Lsn(140)));
        assertThat(convergence.goal(new Lsn(100))).isEqualTo(new Lsn(130));
        assertThat(convergence.isReachedBy(new Lsn(129))).isFalse();
        assertThat(convergence.isReachedBy(new Lsn(130))).isTrue();
        convergence.find(SCHEMA, row(1L, null, null, null));
        assertThat(convergence.goal(new Lsn(130))).isEqualTo(new Lsn(140));
    }

    private static TableCopy copy(TableId table, SourcePosition... moments) {
        List<Chunk> chunks = new ArrayList<>();
        for (SourcePosition moment : moments) {
            chunks.add(new Chunk(chunks.size(), "", moment, 1));
        }
        return new TableCopy(table, "", "", chunks, null);
    }

    private static Applier applier(MemoryTarget target, Convergence convergence, int maxRows) {
        return new Applier(
                target,
                new Checkpoint("p", 1, Phase.STREAMING, new Lsn(100), NOON, "somewhere"),
                convergence,
                new ApplyLimits(maxRows, 1 << 20, Duration.ofMillis(5)),
                false,
                Parking.none(),
                Settling.NONE,
                new Applier.Observer() {
                    @Override
                    public void committed(
                            Checkpoint checkpoint,
                            List<TransactionEnd> ends,
                            Map<Operation, Long> changes) {}

                    @Override
                    public void skipped(TransactionEnd end) {}
                });
    }

    private static TransactionPiece whole(long end, List<Change> changes) {
        return last(end, true, changes);
    }

    private static TransactionPiece last(long end, boolean first, List<Change> changes) {
        return new TransactionPiece(
                first,
                NOON,
                changes,
                Optional.of(new TransactionEnd(new Lsn(end), NOON, new Origin("somewhere"))));
    }

    private static Row row(Object id, Object name, Object n, Object big) {
        return Row.of(id, name, n instanceof Integer i ? (Object) Long.valueOf(i) : n, big);
    }

    /** The two tables, with transactions; names are unique where the test says so. */
    private static final class MemoryTarget implements TargetSession {
        final MemoryLetters letters = new MemoryLetters();

        final List<Row> plain = new ArrayList<>();
        private final boolean uniqueNames;
        private Map<Long, Row> rows = new TreeMap<>();
        private Map<Long, Row> committed = new TreeMap<>();
        private Map<Long, Row> saved = new TreeMap<>();

        MemoryTarget(boolean uniqueNames) {
            this.uniqueNames = uniqueNames;
        }

        Map<Long, Row> rows() {
            return rows;
        }

        /** A row of the copy, in place of what would not stand beside it. */
        void giveWay(Row row) {
            rows.values().removeIf(other -> uniqueNames && isNamed(other, row.get(1)));
            rows.put((Long) row.get(0), row);
            committed = new TreeMap<>(rows);
        }

        @Override
        public void requireClaim() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long execute(TableOperation operation) {
            return switch (operation) {
                case InsertRows insert when insert.table().equals(KEYLESS) -> {
                    plain.addAll(insert.rows());
                    yield insert.rows().size();
                }
                case InsertRows insert -> {
                    insert.rows().forEach(this::insert);
                    yield insert.rows().size();
                }
                case UpdateRows update -> {
                    long touched = 0;
                    for (int i = 0; i < update.before().size(); i++) {
                        Row standing = rows.get(update.before().get(i).get(0));
                        if (standing != null) {
                            rows.remove(standing.get(0));
                            insert(update.after().get(i).over(standing));
                            touched++;
                        }
                    }
                    yield touched;
                }
                case DeleteRows delete -> {
                    List<Integer> by = delete.table().key();
                    Set<Row.Key> keys =
                            delete.before().stream()
                                    .map(row -> row.key(by))
                                    .collect(Collectors.toSet());
                    int before = rows.size();
                    rows.values().removeIf(row -> keys.contains(row.key(by)));
                    yield before - rows.size();
                }
                case TruncateTables truncate -> {
                    rows.clear();
                    yield 0;
                }
            };
        }

        private void insert(Row row) {
            assertThat(row.isWhole()).isTrue();
            boolean taken =
                    uniqueNames
                            && row.get(1) != null
                            && rows.values().stream().anyMatch(o -> isNamed(o, row.get(1)));
            if (taken || rows.containsKey((Long) row.get(0))) {
                throw new RowRefusedException(ITEMS, "id=?", "such a row exists already", null);
            }
            rows.put((Long) row.get(0), row);
        }

        private static boolean isNamed(Row row, Object name) {
            return name != null && name.equals(row.get(1));
        }

        @Override
        public boolean enforcesForeignKeys() {
            return false;
        }

        @Override
        public OptionalLong attempt(TableOperation operation) {
            Map<Long, Row> before = new TreeMap<>(rows);
            try {
                return OptionalLong.of(execute(operation));
            } catch (RowRefusedException e) {
                rows = before;
                return OptionalLong.empty();
            }
        }

        @Override
        public void savepoint() {
            saved = new TreeMap<>(rows);
        }

        @Override
        public void rollbackToSavepoint() {
            rows = new TreeMap<>(saved);
        }

        @Override
        public void rollback() {
            rows = new TreeMap<>(committed);
        }

        @Override
        public void commit(Checkpoint checkpoint) {
            committed = new TreeMap<>(rows);
        }

        @Override
        public void settle(TableId table, SourcePosition asOf) {}

        @Override
        public CopyWriter copyInto(TableSchema table, CopyFormat format) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void empty(List<TableId> tables) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void saveCopy(TableCopy copy) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void markDone(TableId table, Chunk chunk) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LetterBox letterBox() {
            return letters;
        }

        @Override
        public List<TableCopy> copies() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CursorStore cursors() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasRows(TableId table) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
