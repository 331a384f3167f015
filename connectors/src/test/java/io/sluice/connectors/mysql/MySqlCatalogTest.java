package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.LogicalType;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MySqlCatalogTest {

    private TargetFixture db;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void columnsAreReadWithWhatTheyHold() {
        db.run(
                """
                CREATE TABLE t (
                  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
                  flag tinyint(1) DEFAULT '1', amount decimal(12,2) unsigned NOT NULL DEFAULT '1.50',
                  name varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'it''s \\\\',
                  mood enum('a','b,''c','d)') NOT NULL DEFAULT 'd)', tags set('x','y'),
                  bits bit(5) DEFAULT b'101', at timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3)
                    ON UPDATE CURRENT_TIMESTAMP(3),
                  made varchar(40) DEFAULT (concat('a''', 1)), raw varbinary(8) DEFAULT 'ab',
                  total decimal(14,2) AS (amount * 2) STORED, up varchar(30) AS (concat(name, '\\'')),
                  time time(2), day date, y year, doc json, place point SRID 4326, body mediumtext)
                """);
        TableDefinition table = db.definition("t");
        assertThat(table.engine()).isEqualTo(Engine.MYSQL);
        assertThat(table.primaryKey()).containsExactly("id");
        List<ColumnDefinition> columns = table.columns();
        assertThat(columns.stream().map(ColumnDefinition::dataType))
                .containsExactly(
                        new DataType.Int(64, true),
                        new DataType.Int(8, false),
                        new DataType.Decimal(12, 2, true),
                        new DataType.Chars(false, 20),
                        new DataType.Choice(List.of("a", "b,'c", "d)")),
                        new DataType.Choices(List.of("x", "y")),
                        new DataType.Bits(false, 5),
                        new DataType.Moment(3),
                        new DataType.Chars(false, 40),
                        new DataType.Binary(false, 8),
                        new DataType.Decimal(14, 2, false),
                        new DataType.Chars(false, 30),
                        new DataType.Time(2),
                        new DataType.Date(),
                        new DataType.Year(),
                        new DataType.Json(false),
                        new DataType.Geometry(),
                        new DataType.Chars(false, 0));
        assertThat(columns.getFirst().identity()).isEqualTo(Identity.BY_DEFAULT);
        assertThat(columns.getFirst().type()).isEqualTo(LogicalType.TEXT);
        assertThat(columns.get(3).collation()).isEqualTo("latin1_bin");
        assertThat(columns.get(16).nativeType()).isEqualTo("point SRID 4326");
        assertThat(columns.stream().map(ColumnDefinition::defaultExpression))
                .startsWith(
                        null,
                        "'1'",
                        "'1.50'",
                        "'it''s \\\\'",
                        "'d)'",
                        null,
                        "b'101'",
                        "CURRENT_TIMESTAMP(3)",
                        "(concat(_utf8mb4'a\\'',1))");
        assertThat(columns.get(10).generated()).isEqualTo("((`amount` * 2)) STORED");
        assertThat(columns.get(11).isReplicated()).isFalse();
    }

    @Test
    void aTableThatWasReadCanBeCreatedAgain() {
        db.run(
                """
                CREATE TABLE t (
                  n int NOT NULL AUTO_INCREMENT, id varchar(10) COLLATE utf8mb4_bin NOT NULL,
                  name varchar(20) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'it''s \\\\',
                  mood enum('a','b,''c') NOT NULL DEFAULT 'a', bits bit(5) DEFAULT b'101',
                  at timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3), made varchar(40)
                    DEFAULT (concat('a''\\n', 1)), raw varbinary(8) DEFAULT 'ab',
                  up varchar(30) AS (concat(name, '\\'')), twice int AS (bits * 2) STORED,
                  place point NOT NULL SRID 4326, f float(7,3), z int(5) unsigned zerofill,
                  PRIMARY KEY (id), UNIQUE KEY (name, mood), KEY (n))
                """);
        TableDefinition read = db.definition("t");
        db.run("RENAME TABLE t TO old");
        assertThat(db.target.create(List.of(read), List.of())).containsExactly(db.id("t"));
        assertThat(db.target.create(List.of(read), List.of())).isEmpty();
        TableDefinition again = db.definition("t");
        assertThat(again.columns()).isEqualTo(read.columns());
        assertThat(again.primaryKey()).isEqualTo(read.primaryKey());
        assertThat(again.uniqueKeys()).isEqualTo(read.bare().uniqueKeys());
        db.run("INSERT INTO t (id, place) VALUES ('x', ST_GeomFromText('POINT(1 2)', 4326))");
        assertThat(db.one("SELECT n, name, mood, made, up FROM t"))
                .isEqualTo("1|it's \\|a|a'\n1|it's \\'");
    }

    @Test
    void rowsAreKnownByThePrimaryKeyOrAUniqueOneThatIsNeverNull() {
        db.run(
                "CREATE TABLE p (b int, a int, u int NOT NULL UNIQUE, PRIMARY KEY (b, a))",
                "CREATE TABLE u (a int, b int NOT NULL, c int NOT NULL, UNIQUE KEY x (a),"
                        + " UNIQUE KEY y (c, b))",
                "CREATE TABLE n (a varchar(20) NOT NULL, b int NOT NULL, UNIQUE KEY x (a(5)),"
                        + " UNIQUE KEY y ((b + 1)))",
                "CREATE TABLE g (a int NOT NULL, b int AS (a + 1) STORED NOT NULL PRIMARY KEY)",
                "CREATE VIEW w AS SELECT 1 AS one",
                "CREATE TABLE part (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2");
        assertThat(db.definition("p").replicaKey()).containsExactly("b", "a");
        assertThat(db.definition("p").schema().keyNames()).containsExactly("b", "a");
        assertThat(db.definition("p").uniqueKeys()).containsExactly(List.of("u"));
        assertThat(db.definition("u").replicaKey()).containsExactly("c", "b");
        assertThat(db.definition("u").primaryKey()).isEmpty();
        assertThat(db.definition("n").replicaKey()).isEmpty();
        assertThat(db.definition("n").uniqueKeys()).isEmpty();
        assertThat(db.definition("g").replicaKey()).isEmpty();
        assertThat(db.definition("part").partitioned()).isTrue();
        assertThat(db.target.tables(List.of(db.id("w"), new TableId("no`where", "it's"))))
                .isEmpty();
    }

    @Test
    void tablesOfPostgresAreCreatedInTypesThatHoldThem() {
        List<ColumnDefinition> columns = new ArrayList<>();
        columns.add(column("id", new DataType.Int(32, false), true, null, Identity.BY_DEFAULT));
        columns.add(column("code", new DataType.Chars(false, 0), true, null, Identity.NONE));
        columns.add(column("flag", new DataType.Bool(), true, "false", Identity.NONE));
        columns.add(column("n", new DataType.Decimal(0, 0, false), false, "0", Identity.NONE));
        columns.add(column("m", new DataType.Decimal(12, 2, false), false, "1.5", Identity.NONE));
        columns.add(
                column(
                        "name",
                        new DataType.Chars(false, 40),
                        false,
                        "'it''s'::character varying",
                        Identity.NONE));
        columns.add(column("body", new DataType.Chars(false, 0), false, "''::text", Identity.NONE));
        columns.add(column("raw", new DataType.Binary(false, 0), false, null, Identity.NONE));
        columns.add(column("b", new DataType.Bits(false, 3), false, null, Identity.NONE));
        columns.add(column("vb", new DataType.Bits(true, 0), false, null, Identity.NONE));
        columns.add(column("d", new DataType.Date(), false, null, Identity.NONE));
        columns.add(column("t", new DataType.Time(6), false, null, Identity.NONE));
        columns.add(column("dt", new DataType.DateTime(3), false, "now()", Identity.NONE));
        columns.add(column("ts", new DataType.Moment(6), true, "now()", Identity.NONE));
        columns.add(column("u", new DataType.Uuid(), true, "gen_random_uuid()", Identity.NONE));
        columns.add(column("j", new DataType.Json(false), false, null, Identity.NONE));
        columns.add(column("jt", new DataType.Json(true), false, null, Identity.NONE));
        columns.add(
                column(
                        "mood",
                        new DataType.Choice(List.of("a", "b's")),
                        false,
                        null,
                        Identity.NONE));
        columns.add(
                column("arr", new DataType.Native(LogicalType.TEXT), false, null, Identity.NONE));
        TableDefinition wanted =
                new TableDefinition(
                        db.id("made"),
                        Engine.POSTGRESQL,
                        columns,
                        List.of("id"),
                        List.of(List.of("code"), List.of("u", "name")),
                        List.of("id"),
                        TableDefinition.RowIdentity.KEY,
                        false,
                        -1,
                        -1);
        db.target.create(List.of(wanted), List.of());
        TableDefinition made = db.definition("made");
        assertThat(made.columns().stream().map(c -> c.nativeType().replace("int(11)", "int")))
                .containsExactly(
                        "int",
                        "varchar(768)",
                        "tinyint(1)",
                        "decimal(65,30)",
                        "decimal(12,2)",
                        "varchar(40)",
                        "longtext",
                        "longblob",
                        "bit(3)",
                        "longtext",
                        "date",
                        "time(6)",
                        "datetime(3)",
                        "datetime(6)",
                        "char(36)",
                        "json",
                        "longtext",
                        "enum('a','b''s')",
                        "longtext");
        assertThat(made.columns().get(1).collation()).isEqualTo("utf8mb4_0900_bin");
        assertThat(made.columns().get(14).collation()).isEqualTo("ascii_bin");
        assertThat(made.columns().getFirst().identity()).isEqualTo(Identity.BY_DEFAULT);
        assertThat(db.target.check(List.of(wanted)))
                .noneMatch(f -> f.severity() == Severity.BLOCKS);
        db.run("INSERT INTO made (code, u) VALUES ('x', 'y'), ('x ', 'z')");
        assertThat(db.one("SELECT flag, n + 0, m, name, body FROM made LIMIT 1"))
                .startsWith("0|0")
                .endsWith("|1.50|it's|");
    }

    private static ColumnDefinition column(
            String name, DataType type, boolean notNull, String defaultOf, Identity identity) {
        return new ColumnDefinition(
                name, type, type.toString(), notNull, defaultOf, null, identity, null);
    }
}
