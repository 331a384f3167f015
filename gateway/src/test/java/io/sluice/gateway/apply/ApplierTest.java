package io.sluice.gateway.apply;

import static io.sluice.gateway.apply.ApplierFixture.delete;
import static io.sluice.gateway.apply.ApplierFixture.end;
import static io.sluice.gateway.apply.ApplierFixture.insert;
import static io.sluice.gateway.apply.ApplierFixture.inserts;
import static io.sluice.gateway.apply.ApplierFixture.piece;
import static io.sluice.gateway.apply.ApplierFixture.update;
import static io.sluice.gateway.apply.ApplierFixture.whole;
import static io.sluice.gateway.apply.MemoryTarget.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowRefusedException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApplierTest {

    private final ApplierFixture on = new ApplierFixture();
    private final MemoryTarget target = on.target;
    private final Applier applier = on.applier();

    @Test
    void smallTransactionsShareATargetTransaction() {
        applier.accept(whole(110, insert(1, "a")));
        applier.accept(whole(120, insert(2, "b"), delete(1)));
        assertThat(target.commits).isEmpty();
        applier.commitGroup();
        assertThat(target.commits).containsExactly(120L);
        assertThat(on.durable).containsExactly(110L, 120L);
        assertThat(target.rows).containsOnlyKeys(2L);
        assertThat(on.counts)
                .containsOnly(Map.entry(Operation.INSERT, 2L), Map.entry(Operation.DELETE, 1L));
        assertThat(on.changed.values()).containsExactly(on.counts);
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
        assertThat(on.counts.get(Operation.INSERT)).isEqualTo(26);
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
        assertThat(on.durable).containsExactly(110L);
        assertThat(on.skipped).containsExactly(110L, 90L, 110L);
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
        assertThat(on.durable).containsExactly(101L, 102L, 103L, 104L, 105L, 106L, 107L);
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
        assertThat(on.durable).containsExactly(110L, 120L);
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
        assertThat(on.durable).containsExactly(110L);
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
}
