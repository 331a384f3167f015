package io.sluice.gateway.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ApplyPlanTest {

    private static final TableSchema ORDERS = schema("orders", List.of(0));
    private static final TableSchema ITEMS = schema("items", List.of(0));
    private static final TableSchema LOG = schema("log", List.of());

    @Test
    void foldsWhatHappenedToARowIntoOneOperation() {
        assertThat(folded(insert(1, "a", "x"), update(1, "b", "y")))
                .containsExactly(new InsertRows(ORDERS, List.of(row(1, "b", "y"))));
        assertThat(folded(update(1, "b", "x"), update(1, "c", "y")))
                .containsExactly(
                        new UpdateRows(
                                ORDERS,
                                List.of(1, 2),
                                List.of(identity(1)),
                                List.of(row(1, "c", "y"))));
        assertThat(folded(update(1, "b", "x"), delete(1)))
                .containsExactly(new DeleteRows(ORDERS, List.of(identity(1))));
        assertThat(folded(insert(1, "a", "x"), delete(1))).isEmpty();
    }

    @Test
    void aRowThatWasDeletedAndCameBackIsDeletedAndInserted() {
        assertThat(folded(delete(1), insert(1, "a", "x"), update(1, "b", "x")))
                .containsExactly(
                        new DeleteRows(ORDERS, List.of(identity(1))),
                        new InsertRows(ORDERS, List.of(row(1, "b", "x"))));
    }

    @Test
    void writesOnlyTheColumnsThatWereSent() {
        Change first = new Update(ORDERS, identity(1), Row.of(1L, "b", Row.NOT_SENT));
        Change second = new Update(ORDERS, identity(2), Row.of(2L, Row.NOT_SENT, "y"));
        assertThat(ApplyPlan.folded(List.of(first, second)))
                .extracting(o -> ((UpdateRows) o).written())
                .containsExactly(List.of(1), List.of(2));
    }

    @Test
    void anUpdateFoldsIntoAnInsertWithWhatItDidNotSend() {
        assertThat(
                        folded(
                                insert(1, "a", "large"),
                                new Update(ORDERS, identity(1), Row.of(1L, "b", Row.NOT_SENT))))
                .containsExactly(new InsertRows(ORDERS, List.of(row(1, "b", "large"))));
    }

    @Test
    void aChangedKeyIsOneUpdateAtItsPlaceInTheOrder() {
        List<TableOperation> plan =
                folded(
                        update(1, "b", "x"),
                        new Update(ORDERS, identity(1), row(9, "b", "x")),
                        update(9, "c", "x"));
        assertThat(plan).hasSize(3);
        UpdateRows move = (UpdateRows) plan.get(1);
        assertThat(move.written()).containsExactly(0, 1, 2);
        assertThat(move.before()).containsExactly(identity(1));
        assertThat(((UpdateRows) plan.get(2)).before()).containsExactly(identity(9));
    }

    @Test
    void aTruncateMakesWhatCameBeforeItVoidAndKeepsWhatComesAfter() {
        assertThat(
                        folded(
                                insert(1, "a", "x"),
                                new Truncate(List.of(ORDERS, ITEMS)),
                                insert(2, "b", "y")))
                .containsExactly(
                        new TruncateTables(List.of(ORDERS.table(), ITEMS.table())),
                        new InsertRows(ORDERS, List.of(row(2, "b", "y"))));
    }

    @Test
    void rowsWithoutAKeyAreCountedAndWhatCameAndWentLeavesNoTrace() {
        Row a = row(1, "a", "x");
        Row b = row(1, "b", "x");
        Row c = row(1, "c", "x");
        assertThat(
                        ApplyPlan.folded(
                                List.of(
                                        new Insert(LOG, a),
                                        new Insert(LOG, a),
                                        new Update(LOG, a, b),
                                        new Delete(LOG, a),
                                        new Delete(LOG, a),
                                        new Insert(LOG, a),
                                        new Update(LOG, c, a),
                                        new Delete(LOG, c))))
                .containsExactly(
                        new DeleteRows(LOG, List.of(a, c)),
                        new UpdateRows(LOG, List.of(0, 1, 2), List.of(c), List.of(a)),
                        new InsertRows(LOG, List.of(b, a)));
    }

    /** Each row that a plan touches must be there at that time, as often as it is touched. */
    @RepeatedTest(200)
    void everyPlanOfRowsWithoutAKeyLeadsToWhereTheChangesLead(RepetitionInfo repetition) {
        long seed = 104_729L * repetition.getCurrentRepetition();
        Random random = new Random(seed);
        List<Row> before = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            before.add(row(random.nextInt(4), "a", "x"));
        }
        List<Row> after = new ArrayList<>(before);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Row written = row(random.nextInt(4), "a", "x");
            int kind = after.isEmpty() ? 0 : random.nextInt(3);
            if (kind == 0) {
                changes.add(new Insert(LOG, written));
                after.add(written);
                continue;
            }
            Row old = after.remove(random.nextInt(after.size()));
            if (kind == 1) {
                changes.add(new Delete(LOG, old));
            } else {
                changes.add(new Update(LOG, old, written));
                after.add(written);
            }
        }
        for (List<TableOperation> plan :
                List.of(ApplyPlan.folded(changes), ApplyPlan.inOrder(changes))) {
            assertThat(counted(before, plan))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(after);
        }
    }

    private static List<Row> counted(List<Row> before, List<TableOperation> plan) {
        List<Row> rows = new ArrayList<>(before);
        for (TableOperation operation : plan) {
            switch (operation) {
                case InsertRows insert -> rows.addAll(insert.rows());
                case DeleteRows delete -> delete.before().forEach(row -> take(rows, row));
                case UpdateRows update -> {
                    update.before().forEach(row -> take(rows, row));
                    rows.addAll(update.after());
                }
                case TruncateTables truncate -> rows.clear();
            }
        }
        return rows;
    }

    private static void take(List<Row> rows, Row row) {
        assertThat(rows.remove(row)).as("there is such a row").isTrue();
    }

    @Test
    void inOrderNeverMovesAChangeBeforeAnotherOfAnotherTable() {
        Change parent = insert(1, "a", "x");
        Change child = new Insert(ITEMS, row(1, "i", "x"));
        Change secondParent = insert(2, "b", "x");
        assertThat(ApplyPlan.inOrder(List.of(parent, child, secondParent)))
                .containsExactly(
                        new InsertRows(ORDERS, List.of(row(1, "a", "x"))),
                        new InsertRows(ITEMS, List.of(row(1, "i", "x"))),
                        new InsertRows(ORDERS, List.of(row(2, "b", "x"))));
    }

    @RepeatedTest(200)
    void everyPlanLeadsToWhereTheChangesLead(RepetitionInfo repetition) {
        long seed = 7919L * repetition.getCurrentRepetition();
        History history = new History(new Random(seed));
        List<Change> changes = history.changes(60);
        assertThat(history.applied(ApplyPlan.folded(changes)))
                .as("folded, seed %d", seed)
                .isEqualTo(history.after);
        assertThat(history.applied(ApplyPlan.inOrder(changes)))
                .as("in order, seed %d", seed)
                .isEqualTo(history.after);
        List<TableOperation> singles = new ArrayList<>();
        changes.forEach(change -> singles.addAll(ApplyPlan.single(change)));
        assertThat(history.applied(singles)).as("single, seed %d", seed).isEqualTo(history.after);
    }

    /** A random history of one table, and a naive target that refuses what a database would. */
    private static final class History {

        private final Random random;
        private final Map<Object, Row> before = new HashMap<>();
        private final Map<Object, Row> after = new HashMap<>();

        History(Random random) {
            this.random = random;
            for (long id = 0; id < 5; id++) {
                before.put(id, row(id, "old" + id, "large" + id));
            }
            after.putAll(before);
        }

        List<Change> changes(int count) {
            List<Change> changes = new ArrayList<>();
            while (changes.size() < count) {
                long id = random.nextInt(8);
                Row standing = after.get(id);
                if (standing == null) {
                    Row inserted = row(id, "v" + random.nextInt(100), "w" + random.nextInt(100));
                    after.put(id, inserted);
                    changes.add(new Insert(ORDERS, inserted));
                    continue;
                }
                switch (random.nextInt(10)) {
                    case 0, 1 -> {
                        after.remove(id);
                        changes.add(delete(id));
                    }
                    case 2 -> {
                        long other = random.nextInt(8);
                        if (!after.containsKey(other)) {
                            Row moved = Row.of(other, standing.get(1), Row.NOT_SENT);
                            after.remove(id);
                            after.put(other, moved.over(standing));
                            changes.add(new Update(ORDERS, identity(id), moved));
                        }
                    }
                    case 3 -> {
                        if (random.nextInt(4) == 0) {
                            after.clear();
                            changes.add(new Truncate(List.of(ORDERS)));
                        }
                    }
                    default -> {
                        Row written =
                                random.nextBoolean()
                                        ? Row.of(id, "v" + random.nextInt(100), Row.NOT_SENT)
                                        : row(id, "v" + random.nextInt(100), "w");
                        after.put(id, written.over(standing));
                        changes.add(new Update(ORDERS, identity(id), written));
                    }
                }
            }
            return changes;
        }

        Map<Object, Row> applied(List<TableOperation> plan) {
            Map<Object, Row> target = new HashMap<>(before);
            for (TableOperation operation : plan) {
                switch (operation) {
                    case InsertRows insert ->
                            insert.rows()
                                    .forEach(
                                            row ->
                                                    assertThat(target.put(row.get(0), row))
                                                            .as("insert of a row that stands")
                                                            .isNull());
                    case DeleteRows delete ->
                            delete.before()
                                    .forEach(
                                            row ->
                                                    assertThat(target.remove(row.get(0)))
                                                            .as("delete of a row not there")
                                                            .isNotNull());
                    case TruncateTables truncate -> target.clear();
                    case UpdateRows update -> {
                        for (int i = 0; i < update.before().size(); i++) {
                            Row standing = target.remove(update.before().get(i).get(0));
                            assertThat(standing).as("update of a row not there").isNotNull();
                            Row written = update.after().get(i);
                            Object[] values = new Object[3];
                            for (int c = 0; c < 3; c++) {
                                values[c] =
                                        update.written().contains(c)
                                                ? written.get(c)
                                                : standing.get(c);
                            }
                            target.put(values[0], Row.of(values));
                        }
                    }
                }
            }
            return target;
        }
    }

    private static TableSchema schema(String name, List<Integer> key) {
        return new TableSchema(
                new TableId("public", name),
                List.of(
                        new Column("id", LogicalType.INTEGER),
                        new Column("a", LogicalType.TEXT),
                        new Column("b", LogicalType.TEXT)),
                key);
    }

    private static List<TableOperation> folded(Change... changes) {
        return ApplyPlan.folded(List.of(changes));
    }

    private static Row row(long id, String a, String b) {
        return Row.of(id, a, b);
    }

    private static Row identity(long id) {
        return Row.of(id, Row.NOT_SENT, Row.NOT_SENT);
    }

    private static Change insert(long id, String a, String b) {
        return new Insert(ORDERS, row(id, a, b));
    }

    private static Change update(long id, String a, String b) {
        return new Update(ORDERS, identity(id), row(id, a, b));
    }

    private static Change delete(long id) {
        return new Delete(ORDERS, identity(id));
    }
}
