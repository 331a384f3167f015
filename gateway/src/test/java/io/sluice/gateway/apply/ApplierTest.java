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
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LetterBox;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ApplierTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final TableSchema ORDERS =
            new TableSchema(
                    new TableId("public", "orders"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("unique_name", LogicalType.TEXT)),
                    List.of(0));

    private final MemoryTarget target = new MemoryTarget();
    private final List<Long> durable = new ArrayList<>();
    private final List<Long> skipped = new ArrayList<>();
    private final Map<Operation, Long> counts = new HashMap<>();
    private final Map<String, Map<Operation, Long>> changed = new HashMap<>();
    private final Applier applier = applier(new ApplyLimits(10, 1 << 20, Duration.ofMillis(5)));

    private Applier applier(ApplyLimits limits) {
        Checkpoint start = new Checkpoint("p", 1, Phase.STREAMING, new Lsn(100), NOON, "somewhere");
        return new Applier(
                target, start, null, limits, false, Parking.none(), Settling.NONE, new Recorder());
    }

    private final class Recorder implements Applier.Observer {

        @Override
        public void committed(
                Checkpoint checkpoint, List<TransactionEnd> ends, Map<Operation, Long> changes) {
            ends.forEach(end -> durable.add(((Lsn) end.position()).value()));
            changes.forEach((operation, n) -> counts.merge(operation, n, Long::sum));
        }

        @Override
        public void changed(TableId table, Map<Operation, Long> changes) {
            changed.put(table.toString(), changes);
        }

        @Override
        public void skipped(TransactionEnd end) {
            skipped.add(((Lsn) end.position()).value());
        }
    }

    @Test
    void smallTransactionsShareATargetTransaction() {
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(whole(120, insert(2, "b"), delete(1)));
        assertThat(target.commits).isEmpty();
        applier.commitGroup();
        assertThat(target.commits).containsExactly(120L);
        assertThat(durable).containsExactly(110L, 120L);
        assertThat(target.rows).containsOnlyKeys(2L);
        assertThat(counts)
                .containsOnly(Map.entry(Operation.INSERT, 2L), Map.entry(Operation.DELETE, 1L));
        assertThat(changed.values()).containsExactly(counts);
    }

    @Test
    void aFullGroupIsCommittedAtTheEndOfATransaction() {
        for (int i = 1; i <= 12; i++) {
            applier.accept(whole(100 + i, insert(i, "n" + i)));
        }
        assertThat(target.commits).containsExactly(110L);
        assertThat(applier.hasWork()).isTrue();
    }

    @Test
    void nothingOfALargeTransactionIsCommittedBeforeItsEnd() {
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(piece(true, inserts(10, 20)));
        applier.accept(piece(false, inserts(20, 30)));
        assertThat(target.commits).containsExactly(110L);
        assertThat(target.committed).containsOnlyKeys(1L);
        applier.accept(end(200, inserts(30, 35)));
        assertThat(target.commits).containsExactly(110L, 200L);
        assertThat(target.committed).hasSize(26);
        assertThat(counts.get(Operation.INSERT)).isEqualTo(26);
    }

    @Test
    void aTransactionThatArrivesTwiceIsSkipped() {
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(whole(90, insert(7, "old")));
        applier.commitGroup();
        applier.accept(whole(110, insert(1, "a")));
        applier.commitGroup();
        assertThat(target.committed).containsOnlyKeys(1L);
        assertThat(durable).containsExactly(110L);
        assertThat(skipped).containsExactly(110L, 90L, 110L);
    }

    @Test
    void rowsThatTradeUniqueValuesDoNotDivideTheSet() {
        target.refuseDuplicateNamesInSets = true;
        for (int i = 1; i <= 6; i++) {
            applier.accept(whole(100 + i, insert(i, "n" + i)));
        }
        applier.accept(whole(107, update(1, "tmp"), update(2, "n1"), update(1, "n2")));
        applier.commitGroup();
        assertThat(target.committed).containsEntry(1L, "n2").containsEntry(2L, "n1").hasSize(6);
        assertThat(durable).containsExactly(101L, 102L, 103L, 104L, 105L, 106L, 107L);
        assertThat(target.commits).containsExactly(107L);
    }

    @Test
    void aLargeTransactionThatArrivesTwiceLeavesNoTrace() {
        applier.accept(piece(true, inserts(10, 30)));
        applier.accept(end(90, List.of(insert(99, "late"))));
        assertThat(target.commits).isEmpty();
        assertThat(target.rows).isEmpty();
    }

    @Test
    void valuesThatMoveBetweenRowsAreAppliedRowByRowInTheSourcesOrder() {
        target.refuseDuplicateNamesInSets = true;
        applier.accept(whole(110, insert(1, "a"), insert(2, "b")));
        applier.commitGroup();
        applier.accept(whole(120, update(1, "tmp"), update(2, "a"), update(1, "b")));
        applier.commitGroup();
        assertThat(target.committed).containsEntry(1L, "b").containsEntry(2L, "a");
        assertThat(durable).containsExactly(110L, 120L);
    }

    @Test
    void theTransactionWithARefusedRowIsNotAppliedAndThoseBeforeItAre() {
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(whole(120, insert(2, "b"), insert(3, MemoryTarget.REFUSED)));
        applier.accept(whole(130, insert(4, "d")));
        assertThatThrownBy(applier::commitGroup)
                .isInstanceOfSatisfying(
                        RowRefusedException.class,
                        e -> {
                            assertThat(e.table()).isEqualTo(ORDERS.table());
                            assertThat(e.getMessage()).doesNotContain(MemoryTarget.REFUSED);
                        });
        assertThat(target.committed).containsOnlyKeys(1L);
        assertThat(durable).containsExactly(110L);
    }

    @Test
    void anUpdateOfARowThatIsNotThereStopsWithItsKey() {
        applier.accept(whole(110, update(5, "x")));
        assertThatThrownBy(applier::commitGroup)
                .isInstanceOfSatisfying(
                        RowRefusedException.class,
                        e -> {
                            assertThat(e.key()).isEqualTo("id=5");
                            assertThat(e.getMessage())
                                    .contains("public.orders")
                                    .doesNotContain("5");
                        });
        assertThat(target.committed).isEmpty();
    }

    @Test
    void aRefusedRowInALargeTransactionTakesAllOfItBack() {
        applier.accept(piece(true, inserts(10, 30)));
        assertThatThrownBy(
                        () -> applier.accept(end(200, List.of(insert(40, MemoryTarget.REFUSED)))))
                .isInstanceOf(RowRefusedException.class);
        assertThat(target.committed).isEmpty();
        assertThat(target.rows).isEmpty();
    }

    private Applier parking(int most) {
        return new Applier(
                target,
                new Checkpoint("p", 1, Phase.STREAMING, new Lsn(100), NOON, "somewhere"),
                null,
                new ApplyLimits(10, 1 << 20, Duration.ofMillis(5)),
                false,
                new Parking(true, most, table -> {}),
                Settling.NONE,
                new Recorder());
    }

    private List<String> parkedKeys() {
        return target.letters.all().stream().map(DeadLetter::key).toList();
    }

    @Test
    void aRefusedRowIsParkedAndAllOthersOfItsTransactionAreApplied() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(1, "a")));
        parks.accept(
                whole(
                        120,
                        insert(2, "b"),
                        insert(3, MemoryTarget.REFUSED),
                        update(9, "not there"),
                        insert(4, "d")));
        parks.commitGroup();
        assertThat(target.committed).containsOnlyKeys(1L, 2L, 4L);
        assertThat(target.commits).containsExactly(110L, 120L);
        assertThat(parkedKeys()).containsExactly("{\"id\":3}", "{\"id\":9}");
        DeadLetter letter = target.letters.all().getFirst();
        assertThat(letter.operation()).isEqualTo("insert");
        assertThat(letter.position()).isEqualTo(new Lsn(120).text());
        assertThat(letter.values()).contains("unique_name", MemoryTarget.REFUSED);
        assertThat(letter.reason()).doesNotContain(MemoryTarget.REFUSED);
    }

    @Test
    void laterChangesOfAParkedRowAreLeftOutAndItsNewKeyIsParkedToo() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED), insert(4, "d")));
        parks.commitGroup();
        parks.accept(whole(120, update(3, "fine"), update(4, "e")));
        parks.commitGroup();
        parks.accept(whole(130, new Update(ORDERS, Row.of(3L, Row.NOT_SENT), Row.of(5L, "fine"))));
        parks.accept(whole(140, delete(5)));
        parks.commitGroup();
        assertThat(target.committed).containsOnly(Map.entry(4L, "e"));
        assertThat(parkedKeys()).containsExactly("{\"id\":3}", "{\"id\":5}");
        assertThat(target.letters.all()).extracting(DeadLetter::changes).containsExactly(3L, 2L);
    }

    @Test
    void aDiscardedRowsChangesAreAppliedAgain() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED)));
        parks.commitGroup();
        target.letters.discardAll();
        parks.accept(whole(120, insert(3, "mended")));
        parks.commitGroup();
        assertThat(target.committed).containsOnly(Map.entry(3L, "mended"));
    }

    @Test
    void aRowThatIsTriedAgainIsWrittenOnceTheLogHasPassedTheLook() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED)));
        parks.commitGroup();
        target.letters.orderAll();
        List<Row> standing = new ArrayList<>(List.of(Row.of(3L, "at 150")));
        RowFinder finder =
                (table, key) ->
                        Optional.of(
                                new RowFinder.Looked(
                                        ORDERS,
                                        key.apply(ORDERS),
                                        new Found(standing.getFirst(), new Lsn(150))));
        parks.tendParked(finder);
        assertThat(target.committed).as("the look is ahead of the target").isEmpty();

        parks.accept(whole(120, partly(3)));
        parks.commitGroup();
        standing.set(0, Row.of(3L, "looked up anew"));
        parks.tendParked(finder);
        parks.accept(whole(160, insert(7, "g")));
        parks.tendParked(finder);
        assertThat(target.committed).containsEntry(3L, "looked up anew").hasSize(2);
        assertThat(target.letters.all()).isEmpty();

        parks.accept(whole(170, update(3, "as ever")));
        parks.commitGroup();
        assertThat(target.committed).containsEntry(3L, "as ever");
    }

    @Test
    void aChangeThatBringsTheRowWholeTakesThePlaceOfTheLook() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED)));
        parks.commitGroup();
        target.letters.orderAll();
        RowFinder finder =
                (table, key) ->
                        Optional.of(
                                new RowFinder.Looked(
                                        ORDERS,
                                        key.apply(ORDERS),
                                        new Found(Row.of(3L, "ahead"), new Lsn(900))));
        parks.tendParked(finder);
        parks.accept(whole(120, update(3, "by the log")));
        parks.tendParked(finder);
        assertThat(target.committed).containsOnly(Map.entry(3L, "by the log"));
    }

    @Test
    void aRowThatWentWithItsTableDoesNotComeBack() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED), insert(4, "d")));
        parks.commitGroup();
        target.letters.orderAll();
        parks.accept(whole(120, update(3, "by the log")));
        parks.accept(whole(130, new Truncate(List.of(ORDERS))));
        parks.tendParked(finding(null, 125));
        assertThat(target.committed).isEmpty();
        assertThat(target.letters.all()).isEmpty();
    }

    @Test
    void whatWasRolledBackIsNotWhatARowIsToBecome() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED)));
        parks.commitGroup();
        target.letters.orderAll();
        parks.accept(piece(true, List.of(update(3, "of a transaction that is cut off"))));
        parks.accept(piece(false, inserts(10, 20)));
        parks.accept(end(90, List.of()));
        parks.tendParked(finding(Row.of(3L, "as it stands"), 105));
        assertThat(target.committed).containsOnly(Map.entry(3L, "as it stands"));
    }

    private static RowFinder finding(Row row, long asOf) {
        return (table, key) ->
                Optional.of(
                        new RowFinder.Looked(
                                ORDERS, key.apply(ORDERS), new Found(row, new Lsn(asOf))));
    }

    @Test
    void aRowThatIsRefusedAgainStaysParked() {
        Applier parks = parking(5);
        parks.accept(whole(110, insert(3, MemoryTarget.REFUSED)));
        parks.commitGroup();
        target.letters.orderAll();
        parks.tendParked(
                (table, key) ->
                        Optional.of(
                                new RowFinder.Looked(
                                        ORDERS,
                                        key.apply(ORDERS),
                                        new Found(
                                                Row.of(3L, MemoryTarget.REFUSED), new Lsn(105)))));
        assertThat(target.letters.all()).extracting(DeadLetter::retry).containsExactly(false);
        parks.accept(whole(120, update(3, "left out")));
        parks.commitGroup();
        assertThat(target.committed).isEmpty();
    }

    @Test
    void aStormOfRefusedRowsStopsAll() {
        Applier parks = parking(2);
        parks.accept(
                whole(
                        110,
                        insert(1, MemoryTarget.REFUSED),
                        insert(2, MemoryTarget.REFUSED),
                        insert(3, MemoryTarget.REFUSED)));
        assertThatThrownBy(parks::commitGroup)
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("apply.maxParked");
        assertThat(target.committed).isEmpty();
    }

    @Test
    void aRefusedRowOfALargeTransactionIsParkedWithIt() {
        Applier parks = parking(5);
        parks.accept(piece(true, inserts(10, 30)));
        parks.accept(end(200, List.of(insert(40, MemoryTarget.REFUSED), insert(41, "x"))));
        assertThat(target.committed).hasSize(21).containsEntry(41L, "x");
        assertThat(parkedKeys()).containsExactly("{\"id\":40}");
    }

    @Test
    void anErrorThatMayPassIsNotTakenForARows() {
        target.failWith = ErrorClass.RETRY;
        applier.accept(whole(110, insert(1, "a")));
        assertThatThrownBy(applier::commitGroup)
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
        assertThat(target.rows).isEmpty();
    }

    @Test
    void aTransactionBegunAnewBeforeItsEndIsNotMixedWithWhatCameBefore() {
        applier.accept(piece(true, List.of(insert(1, "a"))));
        assertThatThrownBy(() -> applier.accept(whole(110, insert(1, "a"))))
                .isInstanceOf(ConnectorException.class);
    }

    @Test
    void aTransactionWithoutChangesMovesTheCheckpoint() {
        applier.accept(whole(110));
        applier.commitGroup();
        assertThat(target.commits).containsExactly(110L);
    }

    private static TransactionPiece whole(long position, Change... changes) {
        return new TransactionPiece(true, NOON, List.of(changes), Optional.of(endAt(position)));
    }

    private static TransactionPiece piece(boolean first, List<Change> changes) {
        return new TransactionPiece(first, NOON, changes, Optional.empty());
    }

    private static TransactionPiece end(long position, List<Change> changes) {
        return new TransactionPiece(false, NOON, changes, Optional.of(endAt(position)));
    }

    private static TransactionEnd endAt(long position) {
        return new TransactionEnd(new Lsn(position), NOON, new Origin("east"));
    }

    private static List<Change> inserts(int from, int to) {
        List<Change> changes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            changes.add(insert(i, "n" + i));
        }
        return changes;
    }

    private static Change insert(long id, String name) {
        return new Insert(ORDERS, Row.of(id, name));
    }

    private static Change update(long id, String name) {
        return new Update(ORDERS, Row.of(id, Row.NOT_SENT), Row.of(id, name));
    }

    /** Without the value, as of one that PostgreSQL keeps out of line. */
    private static Change partly(long id) {
        return new Update(ORDERS, Row.of(id, Row.NOT_SENT), Row.of(id, Row.NOT_SENT));
    }

    private static Change delete(long id) {
        return new Delete(ORDERS, Row.of(id, Row.NOT_SENT));
    }

    /** A target of one table of id and unique_name, with transactions. */
    private static final class MemoryTarget implements TargetSession {
        final MemoryLetters letters = new MemoryLetters();

        static final String REFUSED = "a value that the target refuses";

        final Map<Long, String> committed = new HashMap<>();
        final List<Long> commits = new ArrayList<>();
        Map<Long, String> rows = new HashMap<>();
        Map<Long, String> saved = new HashMap<>();
        boolean refuseDuplicateNamesInSets;
        ErrorClass failWith;

        @Override
        public void requireClaim() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long execute(TableOperation operation) {
            if (failWith != null) {
                rows.put(-1L, "half done");
                throw new ConnectorException(failWith, "as the test wants it");
            }
            return switch (operation) {
                case InsertRows insert -> {
                    insert.rows().forEach(row -> put(insert.rows().size(), row));
                    yield insert.rows().size();
                }
                case UpdateRows update -> {
                    long touched = 0;
                    for (int i = 0; i < update.before().size(); i++) {
                        if (rows.containsKey(update.before().get(i).get(0))) {
                            rows.remove(update.before().get(i).get(0));
                            put(update.before().size(), update.after().get(i));
                            touched++;
                        }
                    }
                    yield touched;
                }
                case DeleteRows delete ->
                        delete.before().stream()
                                .filter(row -> rows.remove(row.get(0)) != null)
                                .count();
                case TruncateTables truncate -> {
                    rows.clear();
                    yield 0;
                }
            };
        }

        private void put(int setSize, Row row) {
            String name = (String) row.get(1);
            if (REFUSED.equals(name)) {
                throw setSize == 1
                        ? new RowRefusedException(ORDERS.table(), "id=?", "refused", null)
                        : new ConnectorException(ErrorClass.ROW, "a row of the set is refused");
            }
            if (refuseDuplicateNamesInSets && rows.containsValue(name)) {
                throw new ConnectorException(ErrorClass.ROW, "the name is taken");
            }
            rows.put((Long) row.get(0), name);
        }

        @Override
        public boolean enforcesForeignKeys() {
            return false;
        }

        @Override
        public OptionalLong attempt(TableOperation operation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void savepoint() {
            saved = new HashMap<>(rows);
            letters.savepoint();
        }

        @Override
        public void rollbackToSavepoint() {
            rows = new HashMap<>(saved);
            letters.rollbackToSavepoint();
        }

        @Override
        public void rollback() {
            rows = new HashMap<>(committed);
            letters.rollback();
        }

        @Override
        public void commit(Checkpoint checkpoint) {
            committed.clear();
            committed.putAll(rows);
            letters.commit();
            commits.add(((Lsn) checkpoint.position()).value());
        }

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
        public void markDone(TableId table, TableCopy.Chunk chunk) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void settle(TableId table, SourcePosition asOf) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LetterBox letterBox() {
            return letters;
        }

        @Override
        public List<TableCopy> copies() {
            return List.of();
        }

        @Override
        public CursorStore cursors() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean hasRows(TableId table) {
            return false;
        }

        @Override
        public void close() {}
    }
}
