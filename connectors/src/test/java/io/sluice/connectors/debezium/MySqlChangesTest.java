package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.BinlogPosition;
import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.Truncate;
import io.sluice.connectors.debezium.Reading.Whole;
import java.sql.Connection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out of the binary log for what was done to tables, with GTIDs and without. */
class MySqlChangesTest {

    private MySqlFixture source;

    private void start(boolean gtids) {
        source = MySqlFixture.shared(gtids);
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    static Row after(Change change) {
        return switch (change) {
            case Insert insert -> insert.after();
            case Update update -> update.after();
            default -> throw new AssertionError(change);
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void insertsUpdatesAndDeletesArriveInOrderWithTheirCommits(boolean gtids) {
        start(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, name text, n bigint NOT NULL DEFAULT 7)");
        BinlogPosition from = source.publish("t");
        Reading reading = source.read(from);
        Instant before = Instant.now();
        source.run(
                "BEGIN",
                "INSERT INTO t VALUES (1, 'a', 7), (2, NULL, 7)",
                "INSERT INTO t VALUES (3, 'c', 9)",
                "COMMIT",
                "UPDATE t SET name = 'b' WHERE id = 2",
                "UPDATE t SET id = id + 10 WHERE id > 1 ORDER BY id DESC",
                "DELETE FROM t WHERE id = 1");

        Whole inserts = reading.transaction();
        assertThat(inserts.changes())
                .extracting(MySqlChangesTest::after)
                .containsExactly(Row.of(1L, "a", 7L), Row.of(2L, null, 7L), Row.of(3L, "c", 9L));
        assertThat(inserts.end().commitTime()).isBetween(before, before.plusSeconds(30));
        assertThat(inserts.end().commitTime().getNano() % 1000).isZero();
        assertThat(inserts.end().commitTime().getNano()).isNotZero();
        assertThat(inserts.end().origin().name()).isEqualTo("east");

        Update update = reading.transaction().only(Update.class);
        assertThat(update.before()).isEqualTo(Row.of(2L, null, 7L));
        assertThat(update.after()).isEqualTo(Row.of(2L, "b", 7L));
        assertThat(update.table().keyNames()).containsExactly("id");

        Whole keys = reading.transaction();
        assertThat(keys.changes())
                .allSatisfy(change -> assertThat(((Update) change).changesKey()).isTrue())
                .extracting(MySqlChangesTest::after)
                .containsExactly(Row.of(13L, "c", 9L), Row.of(12L, "b", 7L));

        Whole last = reading.transaction();
        assertThat(last.only(Delete.class).before()).isEqualTo(Row.of(1L, "a", 7L));
        assertThat(last.end().position()).isEqualTo(source.now());
        assertThat(last.end().position().covers(inserts.end().position())).isTrue();
        assertThat(inserts.end().position().covers(last.end().position())).isFalse();
        assertThat(inserts.end().position().covers(from)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void interleavedSessionsArriveWholeAndRolledBackPartsDoNot(boolean gtids) throws Exception {
        start(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, who int)");
        Reading reading = source.read(source.publish("t"));
        List<Connection> sessions = new ArrayList<>();
        for (int who = 0; who < 3; who++) {
            sessions.add(source.server.connect(source.database));
            MySqlFixture.run(sessions.get(who), "BEGIN");
        }
        for (int i = 0; i < 30; i++) {
            int who = i % 3;
            MySqlFixture.run(
                    sessions.get(who),
                    "INSERT INTO t VALUES (%d, %d)".formatted(i, who),
                    "SAVEPOINT s",
                    "UPDATE t SET who = 99 WHERE id = " + i,
                    "ROLLBACK TO SAVEPOINT s");
        }
        MySqlFixture.run(sessions.get(1), "COMMIT");
        MySqlFixture.run(sessions.get(0), "ROLLBACK");
        MySqlFixture.run(sessions.get(2), "COMMIT");
        for (Connection session : sessions) {
            session.close();
        }
        for (int who : List.of(1, 2)) {
            assertThat(reading.transaction().changes())
                    .hasSize(10)
                    .allSatisfy(change -> assertThat(after(change).get(1)).isEqualTo((long) who));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatConcernsOtherTablesMovesThePositionAlone(boolean gtids) {
        start(gtids);
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE other (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO other VALUES (1)");
        assertEmptyAt(reading.transaction());
        String elsewhere = source.database + "_else";
        source.run("CREATE DATABASE " + elsewhere);
        assertEmptyAt(reading.transaction());
        source.run("CREATE TABLE %s.t (id int, x json)".formatted(elsewhere));
        assertEmptyAt(reading.transaction());
        source.run("INSERT INTO %s.t VALUES (1, '{}')".formatted(elsewhere));
        assertEmptyAt(reading.transaction());
        source.run("CREATE USER u_%s".formatted(source.database));
        assertEmptyAt(reading.transaction());
        source.run("DROP USER u_%s".formatted(source.database));
        assertEmptyAt(reading.transaction());
        source.run("CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (5); DELETE FROM t; END");
        assertEmptyAt(reading.transaction());
        source.run("CREATE VIEW v AS SELECT * FROM t");
        assertEmptyAt(reading.transaction());
        source.run("DROP DATABASE " + elsewhere);
        assertEmptyAt(reading.transaction());
        source.run("INSERT INTO t VALUES (1)");
        assertThat(reading.transaction().only(Insert.class).after()).isEqualTo(Row.of(1L));
    }

    private void assertEmptyAt(Whole transaction) {
        assertThat(transaction.changes()).isEmpty();
        assertThat(transaction.end().position()).isEqualTo(source.now());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTruncateIsATransactionOfItsOwn(boolean gtids) {
        start(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, a float, b blob)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1, 1, 'x')", "TRUNCATE t", "/* why */ truncate table t");
        reading.transaction();
        Whole first = reading.transaction();
        assertThat(first.only(Truncate.class).tables()).hasSize(1);
        Whole second = reading.transaction();
        assertThat(second.only(Truncate.class).tables().getFirst().keyNames())
                .containsExactly("id");
        assertThat(second.end().position()).isEqualTo(source.now());
        source.run("INSERT INTO t VALUES (2, 1, 'x')");
        assertThat(reading.transaction().only(Insert.class).table())
                .isEqualTo(second.only(Truncate.class).tables().getFirst());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLargeTransactionComesInBoundedPieces(boolean gtids) {
        start(gtids);
        source.limits = new CaptureLimits(64, 1_000_000, 500, 200_000);
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a varchar(40))",
                "CREATE TABLE numbers (n int PRIMARY KEY)",
                "SET SESSION cte_max_recursion_depth = 1000000",
                "INSERT INTO numbers WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM s"
                        + " WHERE n < 200000) SELECT n FROM s");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t SELECT n, concat('row ', n) FROM numbers ORDER BY n");
        Whole whole = reading.transaction();
        assertThat(whole.changes()).hasSize(200_000);
        assertThat(whole.pieces()).isGreaterThanOrEqualTo(400);
        for (int i = 0; i < 200_000; i++) {
            assertThat(after(whole.changes().get(i)).get(0)).isEqualTo(i + 1L);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCompressedTransactionIsReadLikeAnyOther(boolean gtids) {
        start(gtids);
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "SET SESSION binlog_transaction_compression = ON",
                "BEGIN",
                "INSERT INTO t VALUES (1, repeat('a', 5000)), (2, repeat('b', 5000))",
                "UPDATE t SET a = 'c' WHERE id = 1",
                "COMMIT",
                "SET SESSION binlog_transaction_compression = OFF",
                "INSERT INTO t VALUES (3, 'd')");
        Whole compressed = reading.transaction();
        assertThat(compressed.changes()).hasSize(3);
        assertThat(after(compressed.changes().get(2))).isEqualTo(Row.of(1L, "c"));
        Whole last = reading.transaction();
        assertThat(after(last.only(Insert.class))).isEqualTo(Row.of(3L, "d"));
        assertThat(last.end().position()).isEqualTo(source.now());
        Reading again = source.read((BinlogPosition) compressed.end().position());
        assertThat(again.transaction().end()).isEqualTo(last.end());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTableWithoutAKeyIsKnownByItsWholeRows(boolean gtids) {
        start(gtids);
        source.run(
                "CREATE TABLE t (a int, b int)",
                "CREATE TABLE u (a int NOT NULL, b int, UNIQUE (b), UNIQUE (a))",
                "CREATE TABLE g (id int PRIMARY KEY, a int, d int AS (a * 2) VIRTUAL, e int AS (a + 1)"
                        + " STORED, z int, ts timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP)");
        Reading reading = source.read(source.publish("t", "u", "g"));
        source.run(
                "INSERT INTO t VALUES (1, NULL)",
                "INSERT INTO u VALUES (1, 2)",
                "INSERT INTO g (id, a, z) VALUES (1, 2, 3)");
        assertThat(reading.transaction().only(Insert.class).table().hasKey()).isFalse();
        Insert unique = reading.transaction().only(Insert.class);
        assertThat(unique.after()).isEqualTo(Row.of(1L, 2L));
        Insert generated = reading.transaction().only(Insert.class);
        assertThat(generated.table().columns())
                .extracting(Column::name)
                .containsExactly("id", "a", "z", "ts");
        assertThat(generated.after()).isEqualTo(Row.of(1L, 2L, 3L, null));
    }
}
