package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SnapshotReader.Cut;
import io.sluice.connectors.spi.SourceDatabase.Found;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables cut into ranges of blocks, each range read by itself, as text and in binary. */
class PostgresCutTest {

    private static final long CHUNK = 32 << 10;

    private Database database;

    @BeforeEach
    void open() {
        database = Database.create();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void rangesTogetherHoldEachRowOnce() {
        fill();
        try (SnapshotReader snapshot = start()) {
            Cut cut = snapshot.cut(definition("t"), CHUNK);
            assertThat(cut.ranges()).hasSizeGreaterThan(5);
            assertThat(rows(snapshot, "t", cut))
                    .containsExactlyInAnyOrderElementsOf(rows(snapshot, "t", whole()))
                    .hasSize(3000);
        }
    }

    @Test
    void partitionsAreCutEachByItself() {
        database.run(
                "CREATE TABLE t (id int, word text) PARTITION BY LIST (id)",
                "CREATE TABLE \"t one\" PARTITION OF t FOR VALUES IN (1)",
                "CREATE TABLE t_rest PARTITION OF t DEFAULT PARTITION BY RANGE (id)",
                "CREATE TABLE t_low PARTITION OF t_rest FOR VALUES FROM (2) TO (10)",
                "CREATE TABLE t_high PARTITION OF t_rest DEFAULT",
                "INSERT INTO t SELECT i % 15, repeat('x', 100) FROM generate_series(1, 3000) i",
                "ALTER TABLE t REPLICA IDENTITY FULL",
                "ALTER TABLE t_rest REPLICA IDENTITY FULL",
                "ALTER TABLE \"t one\" REPLICA IDENTITY FULL",
                "ALTER TABLE t_low REPLICA IDENTITY FULL",
                "ALTER TABLE t_high REPLICA IDENTITY FULL");
        try (SnapshotReader snapshot = start()) {
            Cut cut = snapshot.cut(definition("t"), CHUNK);
            assertThat(cut.ranges()).hasSizeGreaterThan(5);
            assertThat(rows(snapshot, "t", cut))
                    .containsExactlyInAnyOrderElementsOf(rows(snapshot, "t", whole()))
                    .hasSize(3000);
        }
    }

    @Test
    void aLaterSnapshotGoesOnWithRangesOfAnEarlierOne() {
        fill();
        Cut cut;
        try (SnapshotReader first = start()) {
            cut = first.cut(definition("t"), CHUNK);
            String slot = LogNames.slot(Database.PIPELINE);
            database.run(
                    "INSERT INTO t SELECT i, 'later' FROM generate_series(5000, 9000) i",
                    "DELETE FROM t WHERE id < 100",
                    "UPDATE t SET word = 'moved' WHERE id < 500",
                    "VACUUM t");
            try (SnapshotReader later = database.source.snapshot(Database.PIPELINE, tables(), 2)) {
                assertThat(later.position().covers(first.position())).isTrue();
                assertThat(first.position().covers(later.position())).isFalse();
                assertThat(later.cut(definition("t"), CHUNK).layout()).isEqualTo(cut.layout());
                assertThat(rows(later, "t", cut))
                        .containsExactlyInAnyOrderElementsOf(rows(later, "t", whole()))
                        .hasSize(3000 - 99 + 4001);
                assertThat(rows(first, "t", cut)).hasSize(3000);
            }
            Awaitility.await("the log is kept, the snapshot's slot goes")
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    database.rows(
                                                            "SELECT slot_name FROM"
                                                                    + " pg_replication_slots"))
                                            .containsExactly(slot));
        }
    }

    @Test
    void aTableThatIsWrittenAnewHasAnotherLayout() {
        fill();
        Cut cut;
        try (SnapshotReader snapshot = start()) {
            cut = snapshot.cut(definition("t"), CHUNK);
        }
        database.run("VACUUM FULL t");
        try (SnapshotReader later = database.source.snapshot(Database.PIPELINE, tables(), 1)) {
            assertThat(later.cut(definition("t"), CHUNK).layout()).isNotEqualTo(cut.layout());
        }
    }

    @Test
    void binaryPassesThroughWhereBothSidesMeanTheSame() {
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, a numeric(12,2), b text, c timestamptz(3), d"
                        + " bytea, e double precision[], f jsonb, g interval, h uuid, i bit(3))",
                "INSERT INTO t SELECT i, i / 7.0, 'Ä☂' || i, now(), decode(md5(i::text), 'hex'),"
                        + " ARRAY['NaN', NULL, '-Infinity']::float8[], '{\"a\": [1, null]}',"
                        + " interval '1 mon -3 days', md5(i::text)::uuid, B'101'"
                        + " FROM generate_series(1, 500) i",
                "INSERT INTO t (id) VALUES (1000)",
                "CREATE TABLE copy (LIKE t INCLUDING ALL)");
        TableDefinition source = definition("t");
        TableDefinition standing = definition("copy");
        assertThat(database.target.copyFormat(source, source, standing))
                .isEqualTo(CopyFormat.POSTGRES_BINARY);
        List<String> columns =
                source.schema().columns().stream().map(column -> column.name()).toList();
        var claim = database.claim();
        try (SnapshotReader snapshot = start();
                TargetSession session = database.target.session(claim, Duration.ofSeconds(30))) {
            long read = 0;
            long written = 0;
            for (String range : snapshot.cut(source, CHUNK).ranges()) {
                try (CopyWriter copy =
                        session.copyInto(standing.schema(), CopyFormat.POSTGRES_BINARY)) {
                    read +=
                            snapshot.read(
                                    source,
                                    columns,
                                    range,
                                    CopyFormat.POSTGRES_BINARY,
                                    copy::write);
                    written += copy.finish();
                }
            }
            assertThat(read).isEqualTo(501);
            assertThat(written).isEqualTo(501);
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(
                        database.rows(
                                "(TABLE t EXCEPT TABLE copy) UNION ALL (TABLE copy EXCEPT TABLE t)"))
                .isEmpty();
    }

    @Test
    void whatHangsOnTheCatalogOrALocaleTravelsAsText() {
        database.run(
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE TABLE c (id int PRIMARY KEY, v regclass)",
                "CREATE TABLE m (id int PRIMARY KEY, v money)",
                "CREATE TABLE e (id int PRIMARY KEY, v mood[])",
                "CREATE TABLE i (id int PRIMARY KEY)",
                "CREATE TABLE b (id bigint PRIMARY KEY)");
        for (String table : List.of("c", "m", "e")) {
            TableDefinition same = definition(table);
            assertThat(database.target.copyFormat(same, same, same)).isEqualTo(CopyFormat.TEXT);
        }
        assertThat(database.target.copyFormat(definition("i"), definition("i"), definition("b")))
                .as("a column of another type on the target")
                .isEqualTo(CopyFormat.TEXT);
    }

    @Test
    void aRowIsLookedUpAsItIsNow() {
        database.run(
                "CREATE TABLE t (id int, \"the key\" text, word text, raw bytea, PRIMARY KEY (id, \"the key\"))",
                "INSERT INTO t VALUES (1, E'it''s\\\\', E'a\\tb', '\\x00ff'), (2, 'x', NULL, NULL)");
        TableSchema schema = database.schema("t");
        Found found = database.source.find(schema, Row.of(1L, "it's\\", Row.NOT_SENT, null));
        assertThat(found.row()).isEqualTo(Row.of(1L, "it's\\", "a\tb", new byte[] {0, -1}));
        assertThat(found.asOf().covers(database.position())).isTrue();
        assertThat(database.source.find(schema, Row.of(1L, "x", null, null)).row()).isNull();
    }

    private void fill() {
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, word text)",
                "INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 3000) i");
    }

    private SnapshotReader start() {
        return database.source.startLog(Database.PIPELINE, tables(), database.history(), 2);
    }

    private List<TableDefinition> tables() {
        return database.source.tables();
    }

    private TableDefinition definition(String table) {
        return database.target.tables(List.of(new TableId("public", table))).getFirst();
    }

    private static Cut whole() {
        return new Cut("", List.of(""));
    }

    private List<String> rows(SnapshotReader snapshot, String table, Cut cut) {
        List<String> rows = new ArrayList<>();
        for (String range : cut.ranges()) {
            long read =
                    snapshot.read(
                            definition(table),
                            List.of("id", "word"),
                            range,
                            CopyFormat.TEXT,
                            line -> rows.add(new String(line, StandardCharsets.UTF_8)));
            assertThat(read).isNotNegative();
        }
        return rows;
    }
}
