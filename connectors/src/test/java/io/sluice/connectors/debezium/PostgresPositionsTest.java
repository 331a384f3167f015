package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.change.Lsn;
import io.sluice.change.RowChange;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.debezium.Reading.Whole;
import io.sluice.connectors.spi.LogGapException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Where reading resumes, and what the source is told. */
class PostgresPositionsTest {

    private CaptureFixture source;

    @BeforeEach
    void makeDatabase() {
        source = new CaptureFixture();
        source.run("CREATE TABLE t (id bigint PRIMARY KEY, a text)");
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    @Test
    void nothingIsLostOrTwiceWhenReadingBreaksOffAnywhere() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        source.limits = new CaptureLimits(64, 0, 10, 1_000_000);
        Lsn from = source.publish("t");
        long rows = 0;
        for (int i = 0; i < 12; i++) {
            int copied = 1 + random.nextInt(400);
            copy(rows, rows + copied);
            rows += copied;
            source.run(
                    "INSERT INTO t SELECT i, 'x' FROM generate_series(%d, %d) i"
                            .formatted(rows, rows + 99));
            rows += 100;
        }
        List<Long> applied = new ArrayList<>();
        int breaks = 0;
        while (applied.size() < rows) {
            Reading reading = source.read(from);
            List<Long> unfinished = new ArrayList<>();
            for (int left = breaks < 25 ? 1 + random.nextInt(30) : Integer.MAX_VALUE;
                    left > 0;
                    left--) {
                TransactionPiece piece = reading.piece();
                if (piece.first()) {
                    unfinished.clear();
                }
                piece.changes()
                        .forEach(
                                change ->
                                        unfinished.add(
                                                (Long) ((RowChange.Insert) change).after().get(0)));
                if (piece.end().isPresent()) {
                    applied.addAll(unfinished);
                    unfinished.clear();
                    from = (Lsn) piece.end().get().position();
                    if (random.nextBoolean()) {
                        reading.source.acknowledge(from);
                    }
                    if (applied.size() == rows) {
                        break;
                    }
                }
            }
            reading.source.close();
            assertThat(source.confirmed()).isLessThanOrEqualTo(from);
            breaks++;
        }
        assertThat(breaks).as("seed %d", seed).isGreaterThan(15);
        assertThat(applied)
                .as("seed %d", seed)
                .isEqualTo(LongStream.range(0, rows).boxed().collect(Collectors.toList()));
    }

    @Test
    void readingResumesAtEachCommitOfSeveralThatFollowEachOther() {
        Lsn from = source.publish("t");
        for (int i = 0; i < 8; i++) {
            source.run("INSERT INTO t VALUES (%d), (%d)".formatted(i * 2, i * 2 + 1));
        }
        for (int i = 0; i < 8; i++) {
            Reading reading = source.read(from);
            Whole next = reading.transaction();
            assertThat(next.changes()).hasSize(2);
            assertThat(((RowChange.Insert) next.changes().getFirst()).after().get(0))
                    .isEqualTo(i * 2L);
            from = next.position();
            reading.source.close();
        }
    }

    @Test
    void theSourceHearsWhatWasAcknowledgedAndNothingElse() {
        Reading reading = source.read(source.publish("t"));
        Lsn start = source.confirmed();
        List<Lsn> ends = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            source.run("INSERT INTO t VALUES (%d)".formatted(i));
            ends.add(reading.transaction().position());
        }
        // Status goes to the server every second; several have passed by then.
        await().during(Duration.ofMillis(2_500))
                .atMost(Duration.ofSeconds(30))
                .until(() -> source.confirmed().equals(start));
        for (Lsn end : List.of(ends.get(2), ends.get(3), ends.get(9))) {
            reading.source.acknowledge(end);
            await().atMost(Duration.ofSeconds(30)).until(() -> source.confirmed().equals(end));
        }
        // An older position changes nothing.
        reading.source.acknowledge(ends.get(0));
        source.run("INSERT INTO t VALUES (100)");
        reading.transaction();
        await().during(Duration.ofMillis(1_500))
                .atMost(Duration.ofSeconds(30))
                .until(() -> source.confirmed().equals(ends.get(9)));
    }

    @Test
    void closingTellsTheSourceNothingNew() {
        Reading reading = source.read(source.publish("t"));
        Lsn start = source.confirmed();
        source.run("INSERT INTO t SELECT i FROM generate_series(1, 100) i");
        reading.transaction();
        reading.source.close();
        assertThat(source.confirmed()).isEqualTo(start);
        Reading again = source.read(start);
        assertThat(again.transaction().changes()).hasSize(100);
    }

    @Test
    void aSlotThatIsGoneIsAGapAndIsNotMadeAnew() {
        Lsn from = source.publish("t");
        source.run("SELECT pg_drop_replication_slot('%s')".formatted(source.database));
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOf(LogGapException.class)
                .hasMessageContaining(from.text());
        assertThat(
                        source.ask(
                                "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '%s'"
                                        .formatted(source.database)))
                .isEqualTo("0");
    }

    @Test
    void aSlotThatIsAheadOfTheCheckpointIsAGap() {
        Lsn from = source.publish("t");
        source.run(
                "SET synchronous_commit = on", // a slot does not pass what is not on disk
                "INSERT INTO t VALUES (1)",
                "SELECT pg_replication_slot_advance('%s', pg_current_wal_lsn())"
                        .formatted(source.database));
        Lsn ahead = source.confirmed();
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOfSatisfying(
                        LogGapException.class,
                        gap -> {
                            assertThat(gap.from()).isEqualTo(from.text());
                            assertThat(gap.to()).isEqualTo(ahead.text());
                        });
    }

    @Test
    void aCheckpointBeyondTheEndOfTheLogIsAGap() {
        Lsn from = source.publish("t");
        assertThatThrownBy(() -> source.read(new Lsn(from.value() + (1L << 40))))
                .isInstanceOf(LogGapException.class)
                .hasMessageContaining("ends at");
    }

    @Test
    void transactionsOfMoreChangesThanFitComeInBoundedPieces() {
        source.limits = new CaptureLimits(1_000, 0, 500, 20_000);
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 10000) i");
        long seen = 0;
        for (boolean ended = false; !ended; ) {
            TransactionPiece piece = reading.piece();
            assertThat(piece.first()).isEqualTo(seen == 0);
            assertThat(piece.changes()).hasSizeLessThanOrEqualTo(500);
            // One change may exceed the bound, and the piece has its own 64 bytes.
            assertThat(piece.sizeInBytes()).isLessThan(20_000 + 1_000);
            seen += piece.changes().size();
            ended = piece.end().isPresent();
        }
        assertThat(seen).isEqualTo(10_000);
    }

    @Test
    @Tag("slow")
    void aMillionRowsInOneTransactionArriveInBoundedPieces() {
        source.run("INSERT INTO t VALUES (0)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 1000000) i");
        long rows = 0;
        for (boolean ended = false; !ended; ) {
            TransactionPiece piece = reading.piece();
            assertThat(piece.changes()).hasSizeLessThanOrEqualTo(CaptureLimits.DEFAULT.pieceRows());
            rows += piece.changes().size();
            ended = piece.end().isPresent();
        }
        assertThat(rows).isEqualTo(1_000_000);
    }

    private void copy(long first, long end) throws Exception {
        String rows =
                IntStream.range((int) first, (int) end)
                        .mapToObj(i -> i + "\tx\n")
                        .collect(Collectors.joining());
        source.connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY t FROM STDIN", new StringReader(rows));
    }
}
