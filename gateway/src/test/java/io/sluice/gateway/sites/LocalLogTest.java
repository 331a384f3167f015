package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.AppliedMark;
import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.OwnWrites;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class LocalLogTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final ReadingPoint START =
            new ReadingPoint(new Lsn(10), HybridTimestamp.ZERO, "");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("n", LogicalType.INTEGER)),
                    List.of(0));

    private static final BooleanSupplier NOT_STOPPING = () -> false;

    private final LocalLog log = begun();

    private static LocalLog begun() {
        LocalLog log = new LocalLog(EAST, WEST, Map.of("r:west->east", WEST), LocalLogTest::policy);
        log.begin(START, urgent -> {});
        return log;
    }

    @Test
    void aWriteIsLaterThanAllThatWasThereBeforeWhateverTheClockSays() throws Exception {
        Stamp first = local(log, 20, 1000, insert(1)).orElseThrow();
        assertThat(applied(log, 30, "r:west->east", 5000)).isEmpty();
        Stamp second = local(log, 40, 900, insert(2)).orElseThrow();

        assertThat(first.version().at()).isEqualTo(new HybridTimestamp(1000, 0));
        assertThat(first.seen().upTo()).doesNotContainKey(WEST);
        assertThat(second.version().at()).isEqualTo(new HybridTimestamp(5000, 1));
        assertThat(second.seen().upTo())
                .containsEntry(WEST, new HybridTimestamp(5000, 0))
                .containsEntry(EAST, second.version().at());
    }

    @Test
    void theMarkOfAnotherPipelineMovesTheClockAndNothingElse() throws Exception {
        applied(log, 20, "other:south->east", 5000);
        Stamp stamp = local(log, 30, 900, insert(1)).orElseThrow();
        assertThat(stamp.version().at()).isEqualTo(new HybridTimestamp(5000, 1));
        assertThat(stamp.seen().upTo()).doesNotContainKey(WEST);
    }

    /** Each site is told by its writer, so what one has seen is of all. */
    @Test
    void whatASiteHasSeenIsToldByAllWhoApplyThere() throws Exception {
        Origin south = new Origin("south");
        LocalLog mesh =
                new LocalLog(
                        EAST,
                        WEST,
                        Map.of("r:west->east", WEST, "r:south->east", south),
                        LocalLogTest::policy);
        mesh.begin(START, urgent -> {});
        applied(mesh, 20, "r:west->east", 4000);
        applied(mesh, 30, "r:south->east", 5000);
        applied(mesh, 40, "r:*->east", 6000);
        Stamp stamp = local(mesh, 50, 900, insert(1)).orElseThrow();
        assertThat(stamp.version().at()).isEqualTo(new HybridTimestamp(6000, 1));
        assertThat(stamp.seen().upTo())
                .containsOnly(
                        Map.entry(WEST, new HybridTimestamp(4000, 0)),
                        Map.entry(south, new HybridTimestamp(5000, 0)),
                        Map.entry(EAST, stamp.version().at()));
    }

    /** Others wait for what a site is said to have written; there has to be such a write. */
    @Test
    void wordWithoutAWriteIsOfTheLastWriteWhereThereAreThirds() throws Exception {
        LocalLog mesh =
                new LocalLog(
                        EAST,
                        WEST,
                        Map.of("r:west->east", WEST, "r:*->east", EAST),
                        LocalLogTest::policy);
        mesh.begin(new ReadingPoint(new Lsn(10), HybridTimestamp.ZERO, "east=0"), urgent -> {});
        Stamp none = local(mesh, 15, 500).orElseThrow();
        local(mesh, 20, 1000, insert(1));
        applied(mesh, 30, "r:west->east", 5000);
        Stamp empty = local(mesh, 40, 6000).orElseThrow();

        assertThat(none.version().at()).isEqualTo(HybridTimestamp.ZERO);
        assertThat(empty.version().at()).isEqualTo(new HybridTimestamp(1000, 0));
        assertThat(empty.seen().upTo()).containsEntry(WEST, new HybridTimestamp(5000, 0));
        assertThat(mesh.clock()).isEqualTo(new HybridTimestamp(5000, 0));
        mesh.peerHasSeen(new HybridTimestamp(1000, 0));
        assertThat(mesh.readingPoint(new Lsn(40)).position())
                .as("what others wrote holds no log up")
                .isEqualTo(new Lsn(40));
        applied(mesh, 50, "r:*->east", 7000);
        assertThat(local(mesh, 60, 6000).orElseThrow().version().at())
                .as("what its readers agree on is as a write")
                .isEqualTo(new HybridTimestamp(7000, 0));
    }

    /** A server need not show every reader the same transactions that hold nothing for it. */
    @Test
    void readersThatAreNotToldOfTheSameEmptyTransactionsGiveTheSameTimes() throws Exception {
        LocalLog other =
                new LocalLog(
                        EAST,
                        WEST,
                        Map.of("r:south->east", new Origin("south")),
                        LocalLogTest::policy);
        other.begin(START, urgent -> {});
        applied(log, 20, "r:west->east", 5000);
        applied(other, 20, "r:west->east", 5000);
        Stamp empty = local(log, 30, 900).orElseThrow();
        Stamp one = local(log, 40, 950, insert(1)).orElseThrow();
        Stamp same = local(other, 40, 950, insert(1)).orElseThrow();
        assertThat(empty.version().at()).isLessThan(one.version().at());
        assertThat(same.version()).isEqualTo(one.version());
    }

    @Test
    void piecesOfATransactionHaveOneStampAndABeginningThatIsVoidChangesNothing() throws Exception {
        Stamp begun =
                log.hear(piece(true, 1000, List.of(insert(1)), Optional.empty())).orElseThrow();
        Stamp again =
                log.hear(piece(true, 1000, List.of(insert(1)), Optional.empty())).orElseThrow();
        Stamp ended = log.hear(piece(false, 1000, List.of(insert(2)), end(20, 1000))).orElseThrow();
        assertThat(again).isEqualTo(begun);
        assertThat(ended).isEqualTo(begun);
    }

    @Test
    void rowsAreKnownUntilThePeerHasSeenThem() throws Exception {
        Stamp first = local(log, 20, 1000, insert(1), insert(2)).orElseThrow();
        Stamp second = local(log, 30, 2000, delete(2), rekeyed(1, 3)).orElseThrow();

        assertThat(unseen(1)).map(RowVersion::deleted).contains(true);
        assertThat(unseen(2)).map(RowVersion::deleted).contains(true);
        assertThat(unseen(3)).map(RowVersion::last).contains(second.version());

        log.peerHasSeen(first.version().at());
        assertThat(unseen(2)).map(RowVersion::last).contains(second.version());
        log.peerHasSeen(second.version().at());
        assertThat(unseen(1)).isEmpty();
        assertThat(unseen(2)).isEmpty();
        assertThat(unseen(3)).isEmpty();
    }

    /** A gateway that was killed begins at a point that was durable. */
    @Test
    void readAgainFromItsPointTheLogSaysTheSame() throws Exception {
        List<Stamp> stamps = new ArrayList<>();
        local(log, 20, 1000, insert(1));
        applied(log, 30, "r:west->east", 5000);
        local(log, 40, 1100, insert(2));
        log.peerHasSeen(new HybridTimestamp(5000, 1));
        ReadingPoint point = log.readingPoint(new Lsn(40));
        stamps.add(local(log, 50, 1200, insert(3)).orElseThrow());
        applied(log, 60, "r:west->east", 9000);
        stamps.add(local(log, 70, 1300, delete(2)).orElseThrow());

        LocalLog again =
                new LocalLog(EAST, WEST, Map.of("r:west->east", WEST), LocalLogTest::policy);
        again.begin(point, urgent -> {});
        List<Stamp> same = new ArrayList<>();
        same.add(local(again, 50, 1200, insert(3)).orElseThrow());
        applied(again, 60, "r:west->east", 9000);
        same.add(local(again, 70, 1300, delete(2)).orElseThrow());

        assertThat(point.position()).isEqualTo(new Lsn(40));
        assertThat(same).isEqualTo(stamps);
        assertThat(again.unseen(key(3))).isEqualTo(log.unseen(key(3))).isPresent();
        assertThat(again.unseen(key(2))).isEqualTo(log.unseen(key(2))).isPresent();
    }

    @Test
    void thePointIsNeitherBeyondTheCheckpointNorBeyondWhatThePeerHasSeen() throws Exception {
        local(log, 20, 1000, insert(1));
        local(log, 30, 2000, insert(2));
        assertThat(log.readingPoint(new Lsn(30))).isEqualTo(START);
        log.peerHasSeen(new HybridTimestamp(2000, 0));
        assertThat(log.readingPoint(new Lsn(25)).position()).isEqualTo(new Lsn(20));
        assertThat(log.readingPoint(new Lsn(30)).position()).isEqualTo(new Lsn(30));
    }

    @Test
    void whoWaitsForALogThatNobodyReadsIsTold() throws Exception {
        local(log, 20, 1000);
        log.awaitRead(new Lsn(20), Duration.ZERO, NOT_STOPPING);
        assertThatThrownBy(() -> log.awaitRead(new Lsn(21), Duration.ofMillis(1), NOT_STOPPING))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("east->west");
        log.end();
        assertThatThrownBy(() -> log.awaitRead(new Lsn(20), Duration.ofMillis(1), NOT_STOPPING))
                .isInstanceOf(ConnectorException.class);
    }

    /** Else what is asked while the log is read anew would find no trace of any local write. */
    @Test
    void whatWasToldCountsForThatReadingAlone() throws Exception {
        local(log, 20, 1000, insert(1));
        long told = log.awaitRead(new Lsn(20), Duration.ZERO, NOT_STOPPING);
        assertThat(log.isSameReading(told)).isTrue();
        log.end();
        assertThat(log.isSameReading(told)).isFalse();
        log.begin(START, urgent -> {});
        assertThat(unseen(1)).isEmpty();
        assertThat(log.isSameReading(told)).isFalse();
        local(log, 20, 1000, insert(1));
        long again = log.awaitRead(new Lsn(20), Duration.ZERO, NOT_STOPPING);
        assertThat(log.isSameReading(again)).isTrue();
    }

    @Test
    void whoIsToStopWaitsForNothing() {
        assertThatThrownBy(() -> log.awaitRead(new Lsn(20), Duration.ofHours(1), () -> true))
                .isInstanceOf(CancellationException.class);
    }

    /** The peer sees nothing of it before its end, so waiting there would be for ever. */
    @Test
    void aTransactionOfMoreRowsThanAreKeptIsReadToItsEndUpToALimit() throws Exception {
        LocalLog small =
                new LocalLog(EAST, WEST, Map.of("r:west->east", WEST), LocalLogTest::policy, 2, 20);
        small.begin(START, urgent -> {});
        List<Change> many = List.of(insert(1), insert(2), insert(3));
        small.hear(piece(true, 1000, many, Optional.empty()));
        small.hear(piece(false, 1000, List.of(insert(4)), end(20, 1000)));
        assertThat(small.unseen(key(4))).isPresent();

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> local(small, 30, 2000, insert(5)))
                .isInstanceOf(InterruptedException.class);
        small.peerHasSeen(new HybridTimestamp(1000, 0));
        local(small, 30, 2000, insert(5));

        List<Change> tooMany = LongStream.range(10, 40).mapToObj(LocalLogTest::insert).toList();
        assertThatThrownBy(() -> small.hear(piece(false, 3000, tooMany, Optional.empty())))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("more than 20 rows");
    }

    private static TablePolicy policy(TableSchema table) {
        return TablePolicy.create(
                PolicyCatalog.installed(), TableChoice.of(TableChoice.DEFAULT), table);
    }

    private Optional<RowVersion> unseen(long id) {
        return log.unseen(key(id)).map(OwnWrites::version);
    }

    private static RowKey key(long id) {
        return RowKey.of(TABLE, Row.of(id, 0L));
    }

    private static Change insert(long id) {
        return new RowChange.Insert(TABLE, Row.of(id, 0L));
    }

    private static Change delete(long id) {
        return new RowChange.Delete(TABLE, Row.of(id, 0L));
    }

    private static Change rekeyed(long from, long to) {
        return new RowChange.Update(TABLE, Row.of(from, 0L), Row.of(to, 0L));
    }

    private static Optional<Stamp> local(LocalLog log, long end, long micros, Change... changes)
            throws InterruptedException {
        return log.hear(piece(true, micros, List.of(changes), end(end, micros)));
    }

    private static Optional<Stamp> applied(LocalLog log, long end, String pipeline, long clock)
            throws InterruptedException {
        AppliedMark mark = new AppliedMark(pipeline, new Lsn(1), new HybridTimestamp(clock, 0));
        return log.hear(
                piece(
                        true,
                        1,
                        List.of(),
                        Optional.of(
                                new TransactionEnd(
                                        new Lsn(end), instant(1), EAST, Optional.of(mark)))));
    }

    private static Optional<TransactionEnd> end(long position, long micros) {
        return Optional.of(new TransactionEnd(new Lsn(position), instant(micros), EAST));
    }

    private static TransactionPiece piece(
            boolean first, long micros, List<Change> changes, Optional<TransactionEnd> end) {
        return new TransactionPiece(first, instant(micros), changes, end);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plusNanos(micros * 1000);
    }
}
