package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.Truncate;
import io.sluice.connectors.debezium.Reading.Whole;
import io.sluice.connectors.spi.ErrorClass;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** What comes out of the log for what was done to tables. */
class PostgresChangesTest {

    /** Text that does not compress, so that it is kept out of line. */
    private static final String LONG_TEXT =
            "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) i)";

    private CaptureFixture source;

    @BeforeEach
    void makeDatabase() {
        source = new CaptureFixture();
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    @Test
    void insertsUpdatesAndDeletesArriveInOrderWithTheirCommits() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, name text, n bigint NOT NULL DEFAULT 7)");
        Reading reading = source.read(source.publish("t"));
        Instant before =
                Instant.parse(
                        source.ask(
                                "SELECT to_json(clock_timestamp() AT TIME ZONE 'UTC') #>> '{}' || 'Z'"));
        source.run(
                "BEGIN; INSERT INTO t VALUES (1, 'a'), (2, NULL); INSERT INTO t VALUES (3, 'c', 9); COMMIT",
                "UPDATE t SET name = 'b' WHERE id = 2",
                "DELETE FROM t WHERE id = 1");

        Whole inserts = reading.transaction();
        assertThat(inserts.changes())
                .extracting(PostgresChangesTest::after)
                .containsExactly(Row.of(1L, "a", 7L), Row.of(2L, null, 7L), Row.of(3L, "c", 9L));
        assertThat(inserts.end().commitTime()).isBetween(before, before.plusSeconds(30));
        assertThat(inserts.end().commitTime().getNano() % 1000).isZero();
        assertThat(inserts.end().origin().name()).isEqualTo("east");

        Update update = reading.transaction().only(Update.class);
        assertThat(update.before()).isEqualTo(Row.of(2L, Row.NOT_SENT, Row.NOT_SENT));
        assertThat(update.after()).isEqualTo(Row.of(2L, "b", 7L));
        assertThat(update.table().keyNames()).containsExactly("id");

        Whole last = reading.transaction();
        assertThat(last.only(Delete.class).before())
                .isEqualTo(Row.of(1L, Row.NOT_SENT, Row.NOT_SENT));
        assertThat(last.position()).isGreaterThan(inserts.position());
    }

    @Test
    void nullInAColumnWithADefaultStaysNull() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5, b text DEFAULT 'd',"
                        + " c timestamptz DEFAULT '2020-01-01', d text[] DEFAULT '{x}', e bool DEFAULT true)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t VALUES (1, NULL, NULL, NULL, NULL, NULL)",
                "INSERT INTO t VALUES (2)");

        assertThat(after(reading.transaction().only(Insert.class)))
                .isEqualTo(Row.of(1L, null, null, null, null, null));
        assertThat(after(reading.transaction().only(Insert.class)))
                .isEqualTo(Row.of(2L, 5L, "d", "2020-01-01 00:00:00+00", "{x}", true));
    }

    @Test
    void unchangedLongValuesOfAnyTypeAreNotSent() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int, a text, b bytea, c jsonb, d text[], e numeric,"
                        + " f int[], g json, h float8[], i bytea[], j date[], k uuid[], l varchar(20000), m xml, o money[])",
                "ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL,"
                        + " ALTER c SET STORAGE EXTERNAL, ALTER d SET STORAGE EXTERNAL, ALTER e SET STORAGE EXTERNAL,"
                        + " ALTER f SET STORAGE EXTERNAL, ALTER g SET STORAGE EXTERNAL, ALTER h SET STORAGE EXTERNAL,"
                        + " ALTER i SET STORAGE EXTERNAL, ALTER j SET STORAGE EXTERNAL, ALTER k SET STORAGE EXTERNAL,"
                        + " ALTER l SET STORAGE EXTERNAL, ALTER m SET STORAGE EXTERNAL, ALTER o SET STORAGE EXTERNAL");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t SELECT 1, 1, x, x::bytea, to_jsonb(x), ARRAY[x], repeat('7', 8000)::numeric,"
                        + " (SELECT array_agg(s) FROM generate_series(1, 3000) s), to_json(x),"
                        + " (SELECT array_agg(s / 3.0) FROM generate_series(1, 3000) s), ARRAY[x::bytea],"
                        + " (SELECT array_agg('2020-01-01'::date + s) FROM generate_series(1, 3000) s),"
                        + " (SELECT array_agg(gen_random_uuid()) FROM generate_series(1, 1000)), x,"
                        + " xmlelement(name v, x), (SELECT array_agg(s::money) FROM generate_series(1, 3000) s)"
                        + " FROM (SELECT "
                        + LONG_TEXT
                        + " x) v",
                "UPDATE t SET n = 2");
        assertThat(reading.transaction().only(Insert.class).after().isWhole()).isTrue();

        Row after = reading.transaction().only(Update.class).after();
        assertThat(after.get(1)).isEqualTo(2L);
        assertThat(IntStream.range(2, after.size()).filter(after::isSent)).isEmpty();
    }

    @Test
    void aValueThatReadsLikeAPlaceholderIsAValue() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t VALUES (1, '__debezium_unavailable_value'), (2, 'not sent')",
                "UPDATE t SET a = 'not sent' WHERE id = 1");
        assertThat(reading.transaction().changes())
                .extracting(PostgresChangesTest::after)
                .containsExactly(
                        Row.of(1L, "__debezium_unavailable_value"), Row.of(2L, "not sent"));
        assertThat(after(reading.transaction().only(Update.class)))
                .isEqualTo(Row.of(1L, "not sent"));
    }

    @Test
    void aChangedKeyIsOneUpdateAndKeepsWhatWasNotSent() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a text, n int NOT NULL)",
                "ALTER TABLE t ALTER a SET STORAGE EXTERNAL",
                "CREATE TABLE two (a int, b text, c int, PRIMARY KEY (b, a))");
        Reading reading = source.read(source.publish("t, two"));
        source.run(
                "INSERT INTO t SELECT 1, x, 5 FROM (SELECT " + LONG_TEXT + " x) v",
                "UPDATE t SET id = 2",
                "INSERT INTO two VALUES (1, 'x', 3), (2, 'y', 4)",
                "BEGIN; UPDATE two SET a = a + 10; UPDATE two SET c = 0 WHERE b = 'y'; UPDATE two SET b = 'z', c = 9 WHERE a = 11; COMMIT");
        reading.transaction();

        Update moved = reading.transaction().only(Update.class);
        assertThat(moved.changesKey()).isTrue();
        assertThat(moved.before()).isEqualTo(Row.of(1L, Row.NOT_SENT, Row.NOT_SENT));
        assertThat(moved.after()).isEqualTo(Row.of(2L, Row.NOT_SENT, 5L));

        reading.transaction();
        assertThat(reading.transaction().changes())
                .extracting(PostgresChangesTest::before, PostgresChangesTest::after)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Row.of(1L, "x", Row.NOT_SENT), Row.of(11L, "x", 3L)),
                        org.assertj.core.groups.Tuple.tuple(
                                Row.of(2L, "y", Row.NOT_SENT), Row.of(12L, "y", 4L)),
                        org.assertj.core.groups.Tuple.tuple(
                                Row.of(12L, "y", Row.NOT_SENT), Row.of(12L, "y", 0L)),
                        org.assertj.core.groups.Tuple.tuple(
                                Row.of(11L, "x", Row.NOT_SENT), Row.of(11L, "z", 9L)));
    }

    @Test
    void aLongKeyThatDidNotChangeIsKnown() {
        source.run(
                "CREATE TABLE t (k text, n int, m text)",
                "ALTER TABLE t ALTER k SET STORAGE EXTERNAL, ALTER m SET STORAGE EXTERNAL",
                "ALTER TABLE t ADD PRIMARY KEY (k, n)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t VALUES ((SELECT string_agg(md5(i::text), '') FROM generate_series(1, 76) i), 1, "
                        + LONG_TEXT
                        + ")",
                "UPDATE t SET n = 2",
                "DELETE FROM t");
        String key = (String) after(reading.transaction().only(Insert.class)).get(0);
        Update update = reading.transaction().only(Update.class);
        assertThat(update.before()).isEqualTo(Row.of(key, 1L, Row.NOT_SENT));
        assertThat(update.after()).isEqualTo(Row.of(key, 2L, Row.NOT_SENT));
        assertThat(reading.transaction().only(Delete.class).before())
                .isEqualTo(Row.of(key, 2L, Row.NOT_SENT));
    }

    @Test
    void tablesWithoutAKeySendTheWholeOldRow() {
        source.run(
                "CREATE TABLE t (a int, b text, c text)",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "ALTER TABLE t ALTER b SET STORAGE EXTERNAL",
                "CREATE TABLE u (a int UNIQUE, b text)",
                "ALTER TABLE u REPLICA IDENTITY FULL");
        Reading reading = source.read(source.publish("t, u"));
        source.run(
                "INSERT INTO t SELECT 1, x FROM (SELECT " + LONG_TEXT + " x) v",
                "UPDATE t SET c = 'new'",
                "DELETE FROM t",
                "INSERT INTO u VALUES (1, NULL), (1 + 1, NULL), (NULL, 'x')",
                "UPDATE u SET a = 5 WHERE a = 1",
                "DELETE FROM u WHERE a IS NULL");
        Row inserted = after(reading.transaction().only(Insert.class));
        Update update = reading.transaction().only(Update.class);
        assertThat(update.table().hasKey()).isFalse();
        assertThat(update.before()).isEqualTo(inserted);
        assertThat(update.after()).isEqualTo(Row.of(1L, inserted.get(1), "new"));
        assertThat(reading.transaction().only(Delete.class).before()).isEqualTo(update.after());

        reading.transaction();
        Update moved = reading.transaction().only(Update.class);
        assertThat(moved.before()).isEqualTo(Row.of(1L, null));
        assertThat(moved.after()).isEqualTo(Row.of(5L, null));
        assertThat(reading.transaction().only(Delete.class).before()).isEqualTo(Row.of(null, "x"));
    }

    @Test
    void fullIdentityWithAKeySendsTheWholeOldRow() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a text, b int)",
                "ALTER TABLE t REPLICA IDENTITY FULL");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "INSERT INTO t VALUES (1, 'x', 0)",
                "UPDATE t SET a = 'y'",
                "UPDATE t SET id = 2",
                "DELETE FROM t");
        reading.transaction();
        assertThat(reading.transaction().only(Update.class).before())
                .isEqualTo(Row.of(1L, "x", 0L));
        assertThat(reading.transaction().only(Update.class).before())
                .isEqualTo(Row.of(1L, "y", 0L));
        assertThat(reading.transaction().only(Delete.class).before())
                .isEqualTo(Row.of(2L, "y", 0L));
    }

    @Test
    void anIdentityIndexIsTheKey() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL, n int NOT NULL, UNIQUE (code))",
                "ALTER TABLE t REPLICA IDENTITY USING INDEX t_code_key",
                "CREATE TABLE u (code text NOT NULL UNIQUE, n int)",
                "ALTER TABLE u REPLICA IDENTITY USING INDEX u_code_key");
        Reading reading = source.read(source.publish("t, u"));
        source.run(
                "INSERT INTO t VALUES (1, 'x', 4)",
                "UPDATE t SET n = 5",
                "UPDATE t SET code = 'y'",
                "UPDATE t SET id = 2",
                "DELETE FROM t",
                "INSERT INTO u VALUES ('a', 1)",
                "UPDATE u SET code = 'b'");
        reading.transaction();
        assertThat(reading.transaction().only(Update.class).before())
                .isEqualTo(Row.of(Row.NOT_SENT, "x", Row.NOT_SENT));
        Update recoded = reading.transaction().only(Update.class);
        assertThat(recoded.before()).isEqualTo(Row.of(Row.NOT_SENT, "x", Row.NOT_SENT));
        assertThat(recoded.after()).isEqualTo(Row.of(1L, "y", 5L));
        Update renumbered = reading.transaction().only(Update.class);
        assertThat(renumbered.before()).isEqualTo(Row.of(Row.NOT_SENT, "y", Row.NOT_SENT));
        assertThat(renumbered.after()).isEqualTo(Row.of(2L, "y", 5L));
        assertThat(reading.transaction().only(Delete.class).before())
                .isEqualTo(Row.of(Row.NOT_SENT, "y", Row.NOT_SENT));
        reading.transaction();
        assertThat(reading.transaction().only(Update.class).before())
                .isEqualTo(Row.of("a", Row.NOT_SENT));
    }

    @Test
    void tablesTruncatedTogetherStayTogether() {
        source.run(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE b (id int PRIMARY KEY REFERENCES a)",
                "CREATE TABLE c (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("a, b, c"));
        source.run(
                "TRUNCATE a, b",
                "BEGIN; INSERT INTO a VALUES (1); TRUNCATE c; TRUNCATE a CASCADE; INSERT INTO a VALUES (1); COMMIT");
        assertThat(names(reading.transaction().only(Truncate.class)))
                .containsExactlyInAnyOrder("a", "b");
        List<Change> mixed = reading.transaction().changes();
        assertThat(mixed).hasSize(4);
        assertThat(names((Truncate) mixed.get(1))).containsExactly("c");
        assertThat(names((Truncate) mixed.get(2))).containsExactlyInAnyOrder("a", "b");
        assertThat(mixed.get(3)).isInstanceOf(Insert.class);
    }

    @Test
    void whatWasRolledBackDoesNotArrive() {
        source.run("CREATE TABLE t (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "BEGIN; INSERT INTO t VALUES (1); SAVEPOINT s; INSERT INTO t VALUES (2);"
                        + " ROLLBACK TO s; INSERT INTO t VALUES (3); SAVEPOINT r; INSERT INTO t VALUES (4); RELEASE r; COMMIT",
                "BEGIN; INSERT INTO t VALUES (9); ROLLBACK",
                "INSERT INTO t VALUES (5)");
        assertThat(reading.transaction().changes())
                .extracting(change -> after(change).get(0))
                .containsExactly(1L, 3L, 4L);
        assertThat(reading.transaction().changes())
                .extracting(change -> after(change).get(0))
                .containsExactly(5L);
    }

    @Test
    void interleavedTransactionsArriveInCommitOrderAndWhole() throws Exception {
        source.run("CREATE TABLE t (id int PRIMARY KEY, n int)");
        Reading reading = source.read(source.publish("t"));
        try (Connection one = source.server.connect(source.database);
                Connection two = source.server.connect(source.database);
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            first.execute("INSERT INTO t VALUES (1, 1)");
            second.execute("INSERT INTO t SELECT i, 2 FROM generate_series(100, 104) i");
            first.execute("INSERT INTO t VALUES (2, 1)");
            two.commit();
            first.execute("UPDATE t SET n = 3 WHERE id IN (1, 2)");
            one.commit();
        }
        Whole earlier = reading.transaction();
        assertThat(earlier.changes()).hasSize(5);
        Whole later = reading.transaction();
        assertThat(later.changes())
                .extracting(change -> after(change).get(0))
                .containsExactly(1L, 2L, 1L, 2L);
        assertThat(later.position()).isGreaterThan(earlier.position());
        assertThat(later.end().commitTime()).isAfterOrEqualTo(earlier.end().commitTime());
    }

    @Test
    void transactionsWithoutReplicatedChangesMoveThePosition() {
        source.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE unpublished (id int)");
        Reading reading = source.read(source.publish("t"));
        source.run(
                "SELECT pg_logical_emit_message(true, 'sluice', 'mark')",
                "INSERT INTO unpublished VALUES (1)",
                "SELECT pg_logical_emit_message(false, 'sluice', 'outside of any transaction')",
                "BEGIN; SELECT pg_logical_emit_message(true, 'sluice', 'x'); INSERT INTO t VALUES (1);"
                        + " SELECT pg_logical_emit_message(false, 'sluice', 'y'); COMMIT");
        Whole mark = reading.transaction();
        assertThat(mark.changes()).isEmpty();
        Whole row = reading.transaction();
        assertThat(row.changes()).hasSize(1);
        assertThat(row.position()).isGreaterThan(mark.position());
    }

    @Test
    void partitionsArriveAsTheirRoot() {
        source.run(
                "CREATE TABLE t (id int, region text, n int, PRIMARY KEY (id, region)) PARTITION BY LIST (region)",
                "CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu')",
                "CREATE TABLE t_us (n int, region text NOT NULL, id int NOT NULL)",
                "ALTER TABLE t ATTACH PARTITION t_us FOR VALUES IN ('us')",
                "CREATE PUBLICATION "
                        + source.database
                        + " FOR TABLE t WITH (publish_via_partition_root = true)");
        Reading reading = source.read(source.makeSlot());
        source.run(
                "INSERT INTO t VALUES (1, 'eu', 10), (2, 'us', 20)",
                "UPDATE t SET n = 21 WHERE id = 2",
                "UPDATE t SET region = 'us' WHERE id = 1",
                "TRUNCATE t");
        Whole inserts = reading.transaction();
        assertThat(inserts.changes())
                .extracting(PostgresChangesTest::after)
                .containsExactly(Row.of(1L, "eu", 10L), Row.of(2L, "us", 20L));
        assertThat(inserts.changes())
                .extracting(change -> ((RowChange) change).table().table())
                .containsOnly(new TableId("public", "t"));
        assertThat(after(reading.transaction().only(Update.class)))
                .isEqualTo(Row.of(2L, "us", 21L));
        // A row that moves to another partition is deleted there and inserted here by the server.
        assertThat(reading.transaction().changes()).hasSize(2);
        assertThat(names(reading.transaction().only(Truncate.class))).containsExactly("t");
    }

    @Test
    void generatedColumnsAreAbsent() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) STORED, b text)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t (id, a, b) VALUES (1, 2, 'x')");
        assertThat(after(reading.transaction().only(Insert.class))).isEqualTo(Row.of(1L, 2L, "x"));
    }

    @Test
    void columnListsAndRowFiltersOfThePublicationHold() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, secret text NOT NULL, a text)");
        Reading reading = source.read(source.publish("t (id, a) WHERE (id > 1)"));
        source.run("INSERT INTO t VALUES (1, 's', 'x'), (2, 's', 'y')");
        Insert insert = reading.transaction().only(Insert.class);
        assertThat(insert.table().columns()).extracting(Column::name).containsExactly("id", "a");
        assertThat(insert.after()).isEqualTo(Row.of(2L, "y"));
    }

    @Test
    void anAlteredTableArrivesWithTheColumnsOfItsTime() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text, b int)");
        Lsn from = source.publish("t");
        // All of this is in the log before it is read: the catalog is ahead of it.
        source.run(
                "INSERT INTO t VALUES (1, 'x', 10)",
                "ALTER TABLE t ADD c text DEFAULT 'new'",
                "INSERT INTO t VALUES (2, 'y', 20, 'z')",
                "ALTER TABLE t DROP a",
                "UPDATE t SET b = 21 WHERE id = 2",
                "ALTER TABLE t RENAME b TO renamed",
                "INSERT INTO t VALUES (3, 30, 'w')",
                "ALTER TABLE t ALTER renamed TYPE text",
                "UPDATE t SET renamed = 'now text' WHERE id = 3");
        Reading reading = source.read(from);
        Insert first = reading.transaction().only(Insert.class);
        assertThat(names(first.table())).containsExactly("id", "a", "b");
        assertThat(first.after()).isEqualTo(Row.of(1L, "x", 10L));
        Insert second = reading.transaction().only(Insert.class);
        assertThat(names(second.table())).containsExactly("id", "a", "b", "c");
        Update third = reading.transaction().only(Update.class);
        assertThat(names(third.table())).containsExactly("id", "b", "c");
        assertThat(third.after()).isEqualTo(Row.of(2L, 21L, "z"));
        Insert fourth = reading.transaction().only(Insert.class);
        assertThat(names(fourth.table())).containsExactly("id", "renamed", "c");
        assertThat(fourth.after()).isEqualTo(Row.of(3L, 30L, "w"));
        Update fifth = reading.transaction().only(Update.class);
        assertThat(fifth.after()).isEqualTo(Row.of(3L, "now text", "w"));
        assertThat(fifth.table().keyNames()).containsExactly("id");
    }

    @Test
    void aTableThatChangesWhileItIsReadIsFollowed() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        Reading reading = source.read(source.publish("t"));
        source.run("INSERT INTO t VALUES (1, 'x')");
        TableSchema before = reading.transaction().only(Insert.class).table();
        source.run("ANALYZE t", "INSERT INTO t VALUES (2, 'x')");
        assertThat(reading.transaction().only(Insert.class).table()).isSameAs(before);
        source.run("ALTER TABLE t ADD b int", "INSERT INTO t VALUES (3, 'x', 5)");
        assertThat(after(reading.transaction().only(Insert.class))).isEqualTo(Row.of(3L, "x", 5L));
    }

    @Test
    void aTableThatIsGoneNowStillTellsItsInserts() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a text)",
                "CREATE TABLE u (id int PRIMARY KEY)");
        Lsn from = source.publish("t, u");
        source.run("INSERT INTO t VALUES (1, 'x')", "DROP TABLE t", "INSERT INTO u VALUES (1)");
        Reading reading = source.read(from);
        assertThat(after(reading.transaction().only(Insert.class))).isEqualTo(Row.of(1L, "x"));
        assertThat(reading.transaction().only(Insert.class).table().table().name()).isEqualTo("u");
    }

    @Test
    void aRenamedKeyColumnStopsTheSourceBecauseNobodyKnowsTheRow() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        Lsn from = source.publish("t");
        source.run("INSERT INTO t VALUES (1, 'x')", "ALTER TABLE t RENAME id TO number");
        Reading reading = source.read(from);
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(reading.failure())
                .hasMessageContaining("public.t")
                .hasMessageContaining("number");
    }

    @Test
    void copyArrivesAsOneTransaction() throws Exception {
        source.run("CREATE TABLE t (id int PRIMARY KEY, a text)");
        Reading reading = source.read(source.publish("t"));
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            rows.append(i).append("\tvalue ").append(i).append('\n');
        }
        source.connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY t FROM STDIN", new StringReader(rows.toString()));
        Whole copied = reading.transaction();
        assertThat(copied.changes()).hasSize(5_000);
        assertThat(copied.changes())
                .extracting(change -> after(change).get(0))
                .isEqualTo(IntStream.range(0, 5_000).mapToObj(Long::valueOf).toList());
        assertThat(copied.pieces()).isEqualTo(3);
    }

    @Test
    void transactionsOfAnotherReplicationCarryItsOrigin() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY)",
                "SELECT pg_replication_origin_create('%s north')".formatted(source.database));
        Reading reading = source.read(source.publish("t"));
        source.run(
                "SELECT pg_replication_origin_session_setup('%s north')".formatted(source.database),
                "INSERT INTO t VALUES (1)",
                "SELECT pg_replication_origin_session_reset()",
                "INSERT INTO t VALUES (2)");
        assertThat(reading.transaction().end().origin().name())
                .isEqualTo(source.database + " north");
        assertThat(reading.transaction().end().origin().name()).isEqualTo("east");
        source.run("SELECT pg_replication_origin_drop('%s north')".formatted(source.database));
    }

    @Test
    void aMarkOfTheSourceIsThereWithinMilliseconds() {
        source.run("CREATE TABLE t (id int PRIMARY KEY)");
        Reading reading = source.read(source.publish("t"));
        source.run("SELECT pg_logical_emit_message(true, 'sluice', 'warm up')");
        reading.transaction();
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            source.run("SELECT pg_logical_emit_message(true, 'sluice', 'x')");
            reading.transaction();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin).dividedBy(20))
                .isLessThan(Duration.ofMillis(250));
    }

    private static Row after(Change change) {
        return switch (change) {
            case Insert insert -> insert.after();
            case Update update -> update.after();
            default -> throw new AssertionError(change);
        };
    }

    private static Row before(Change change) {
        return ((Update) change).before();
    }

    private static List<String> names(Truncate truncate) {
        return truncate.tables().stream().map(table -> table.table().name()).toList();
    }

    private static List<String> names(TableSchema table) {
        return table.columns().stream().map(Column::name).toList();
    }
}
