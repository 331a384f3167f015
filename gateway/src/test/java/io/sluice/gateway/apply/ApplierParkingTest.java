package io.sluice.gateway.apply;

import static io.sluice.gateway.apply.ApplierFixture.delete;
import static io.sluice.gateway.apply.ApplierFixture.end;
import static io.sluice.gateway.apply.ApplierFixture.insert;
import static io.sluice.gateway.apply.ApplierFixture.inserts;
import static io.sluice.gateway.apply.ApplierFixture.partly;
import static io.sluice.gateway.apply.ApplierFixture.piece;
import static io.sluice.gateway.apply.ApplierFixture.update;
import static io.sluice.gateway.apply.ApplierFixture.whole;
import static io.sluice.gateway.apply.MemoryTarget.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Update;
import io.sluice.change.Truncate;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.SourceDatabase.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of rows that the target refuses where these may be put aside. */
class ApplierParkingTest {

    private final ApplierFixture on = new ApplierFixture();
    private final MemoryTarget target = on.target;

    private Applier parking(int most) {
        return on.applier(new Parking(true, most, table -> {}), Settling.NONE);
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
}
