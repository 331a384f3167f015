package io.sluice.gateway.apply;

import static io.sluice.gateway.apply.ApplierFixture.insert;
import static io.sluice.gateway.apply.ApplierFixture.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Change;
import io.sluice.change.TransactionEnd;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.DeadLetter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows that others write while a transaction is written row by row. */
class ApplierRaceTest {

    private final ApplierFixture on = new ApplierFixture();
    private final MemoryTarget target = on.target;
    private final Racing racing = new Racing();
    private final Applier applier = on.applier(new Parking(true, 5, table -> {}), racing);

    @Test
    void whatRacedRowByRowIsWrittenAnewAtOnce() {
        acceptRefused();
        racing.changes = 3;
        racing.confirmations = 1;
        applier.commitGroup();
        assertThat(target.committed).containsOnlyKeys(1L, 2L);
        assertThat(target.letters.all()).extracting(DeadLetter::key).containsExactly("{\"id\":3}");
        assertThat(target.commits).containsExactly(110L, 120L);
        assertThat(racing.undone).isGreaterThanOrEqualTo(4);
    }

    @Test
    void whatRacesAgainAndAgainEndsTheAttemptAndLeavesNothing() {
        acceptRefused();
        racing.changes = Integer.MAX_VALUE;
        assertThatThrownBy(applier::commitGroup).isInstanceOf(RacedException.class);
        assertThat(target.rows).containsOnlyKeys(1L);
        assertThat(target.letters.all()).isEmpty();
        assertThat(target.commits).containsExactly(110L);
    }

    /** Only row by row does the second transaction pass, but for a row that is put aside. */
    private void acceptRefused() {
        applier.accept(whole(110, insert(1, "a")));
        applier.commitGroup();
        applier.accept(whole(120, insert(2, "b"), insert(3, MemoryTarget.REFUSED)));
    }

    /** Each row, and each commit, is in a race so often. */
    private static final class Racing implements Settling {
        int changes;
        int confirmations;
        int undone;
        private boolean rowByRow;

        @Override
        public List<Change> settle(List<Change> settled, boolean converging) {
            rowByRow = settled.size() == 1;
            if (rowByRow && changes > 0) {
                changes--;
                throw new RacedException("a row was written meanwhile");
            }
            return settled;
        }

        @Override
        public void confirm() {
            if (rowByRow && confirmations > 0) {
                confirmations--;
                throw new RacedException("a row was written meanwhile");
            }
        }

        @Override
        public void savepoint() {}

        @Override
        public void rolledBackToSavepoint() {}

        @Override
        public void rolledBack() {
            undone++;
        }

        @Override
        public Checkpoint committing(Checkpoint next, TransactionEnd last) {
            return next;
        }

        @Override
        public void committed(Checkpoint checkpoint) {}

        @Override
        public void skipped(TransactionEnd end) {}
    }
}
