package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.debezium.Reading.Whole;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where reading of a binary log resumes. */
class MySqlPositionsTest {

    private MySqlFixture source;

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    private BinlogPosition start(boolean gtids) {
        source = MySqlFixture.shared(gtids);
        source.run("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a text)");
        return source.publish("t");
    }

    private static List<Object> ids(Whole whole) {
        return whole.changes().stream()
                .map(MySqlChangesTest::after)
                .map(row -> row.get(0))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRestartAtAnyCommitLosesAndRepeatsNothing(boolean gtids) {
        BinlogPosition from = start(gtids);
        for (int i = 0; i < 6; i++) {
            source.run(
                    "BEGIN",
                    "INSERT INTO t (a) VALUES ('a'), ('b')",
                    "INSERT INTO t (a) VALUES ('c')",
                    "COMMIT");
            if (i == 2) {
                source.run("FLUSH BINARY LOGS");
            }
            if (i == 3) {
                source.run("CREATE TABLE other_%d (id int)".formatted(i));
            }
        }
        List<Whole> all = new ArrayList<>();
        Reading whole = source.read(from);
        // Without GTIDs the new file is a step of its own.
        for (int i = 0; i < (gtids ? 7 : 8); i++) {
            all.add(whole.transaction());
        }
        for (int i = 0; i < all.size() - 1; i++) {
            Reading rest = source.read((BinlogPosition) all.get(i).end().position());
            for (int j = i + 1; j < all.size(); j++) {
                Whole again = rest.transaction();
                assertThat(again.end()).isEqualTo(all.get(j).end());
                assertThat(ids(again)).isEqualTo(ids(all.get(j)));
            }
            rest.source.close();
            assertThat(rest.pieces).isEmpty();
        }
        assertThat(all.getLast().end().position()).isEqualTo(source.now());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReaderThatBreaksOffInATransactionGetsItWholeTheNextTime(boolean gtids) {
        BinlogPosition from = start(gtids);
        source.limits = new CaptureLimits(64, 0, 10, 1_000_000);
        source.run("BEGIN");
        for (int i = 0; i < 100; i++) {
            source.run("INSERT INTO t (a) VALUES ('x')");
        }
        source.run("COMMIT");
        Reading broken = source.read(from);
        TransactionPiece piece = broken.piece();
        assertThat(piece.first()).isTrue();
        assertThat(piece.end()).isEmpty();
        assertThat(broken.piece().first()).isFalse();
        broken.source.close();
        assertThat(source.read(from).transaction().changes()).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLogGoesOnInTheNextFileAndOverARestartOfTheServer(boolean gtids) throws Exception {
        source = MySqlFixture.own(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO t VALUES (2)");
        assertThat(ids(reading.transaction())).containsExactly(1L);
        if (!gtids) {
            assertThat(reading.transaction().changes()).isEmpty();
        }
        Whole second = reading.transaction();
        assertThat(ids(second)).containsExactly(2L);
        assertThat(second.end().position()).isEqualTo(source.now());
        source.connection.close();
        source.server.kill();
        assertThat(reading.failure().errorClass().name()).isEqualTo("RETRY");
        source.server.start();
        source.connection = source.server.connect(source.database);
        source.run("INSERT INTO t VALUES (3)");
        Reading again = source.read((BinlogPosition) second.end().position());
        if (!gtids) {
            assertThat(again.transaction().changes()).isEmpty();
        }
        Whole third = again.transaction();
        assertThat(ids(third)).containsExactly(3L);
        assertThat(third.end().position()).isEqualTo(source.now());
    }

    @Test
    void anIdleLogsNewFileIsAPlaceToResumeAt() {
        BinlogPosition from = start(false);
        Reading reading = source.read(from);
        source.run("FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        Whole first = reading.transaction();
        Whole second = reading.transaction();
        assertThat(first.changes()).isEmpty();
        assertThat(second.end().position()).isEqualTo(source.now());
        assertThat(second.end().commitTime()).isAfter(Instant.now().minusSeconds(600));
        reading.source.close();
        for (Whole resumed : List.of(first, second)) {
            source.run("INSERT INTO t (a) VALUES ('%s')".formatted(resumed.end().position()));
        }
        Reading rest = source.read((BinlogPosition) first.end().position());
        assertThat(rest.transaction().end()).isEqualTo(second.end());
        assertThat(ids(rest.transaction())).containsExactly(1L);
        assertThat(ids(source.read((BinlogPosition) second.end().position()).transaction()))
                .containsExactly(1L);
    }

    /** A server that took over may have committed in another order than the one before it. */
    @Test
    void aStatementIsToldOnceAndRememberedByItsOwnGtid() {
        BinlogPosition from = start(true);
        GtidSet other = GtidSet.parse("%s:1".formatted(UUID.randomUUID()));
        BinlogPosition later =
                new BinlogPosition(
                        from.file(),
                        from.offset(),
                        Objects.requireNonNull(from.gtids()).plus(other));
        source.run("ALTER TABLE t ADD COLUMN b int");
        int before = source.history.records.size();
        // There the other transaction was committed before the statement; here it is after it.
        source.read(later).transaction();
        assertThat(source.history.records).hasSize(before + 1);
        source.run(
                "SET SESSION gtid_next = '%s'".formatted(other.text()),
                "INSERT INTO t (a, b) VALUES ('x', 7)",
                "SET SESSION gtid_next = 'AUTOMATIC'");
        Reading told = source.read(from);
        BinlogPosition altered = (BinlogPosition) told.transaction().end().position();
        assertThat(told.transaction().only(Insert.class).after().get(2)).isEqualTo(7L);
        assertThat(source.history.records).hasSize(before + 1);
        assertThat(source.read(altered).transaction().only(Insert.class).after().get(2))
                .isEqualTo(7L);
    }

    @Test
    void taggedTransactionsAreCovered() {
        BinlogPosition from = start(true);
        source.run(
                "SET SESSION gtid_next = 'AUTOMATIC:blue'",
                "INSERT INTO t (a) VALUES ('x')",
                "SET SESSION gtid_next = 'AUTOMATIC'",
                "INSERT INTO t (a) VALUES ('y')");
        Reading reading = source.read(from);
        Whole tagged = reading.transaction();
        assertThat(tagged.end().position().text()).contains(":blue:1");
        assertThat(tagged.end().commitTime().getNano()).isNotZero();
        Whole last = reading.transaction();
        assertThat(last.end().position()).isEqualTo(source.now());
        Reading rest = source.read((BinlogPosition) tagged.end().position());
        assertThat(rest.transaction().only(Insert.class).after().get(1)).isEqualTo("y");
    }
}
