package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.LogicalType;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import io.sluice.connectors.spi.TypeDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresCatalogTest {

    private static final String UNICODE_63 = "名".repeat(20) + "abc";

    private static final String[] RICH = {
        "CREATE SCHEMA \"App; DROP\"",
        "CREATE TYPE \"App; DROP\".\"Mood\" AS ENUM ('sad', 'it''s ok', 'happy')",
        "CREATE DOMAIN \"App; DROP\".short AS varchar(5) DEFAULT 'x' CONSTRAINT fine CHECK (VALUE <> 'bad') NOT NULL",
        "CREATE DOMAIN \"App; DROP\".shorter AS \"App; DROP\".short CHECK (length(VALUE) < 4)",
        "CREATE TYPE \"App; DROP\".pair AS (a int, \"b\"\"\" \"App; DROP\".\"Mood\"[])",
        "CREATE DOMAIN \"App; DROP\".counter AS int",
        "CREATE TYPE \"App; DROP\".span AS RANGE (subtype = float8)",
        """
        CREATE TABLE "App; DROP"."a;drop ""t\""" (
          "select" bigint GENERATED ALWAYS AS IDENTITY,
          "Mixed" integer NOT NULL DEFAULT 7,
          mixed_1 "App; DROP"."Mood" DEFAULT 'happy',
          moods "App; DROP"."Mood"[],
          "qu""ote" "App; DROP".shorter,
          pair "App; DROP".pair,
          pairs "App; DROP".pair[],
          n "App; DROP".counter,
          span "App; DROP".span,
          amount numeric(12,2) DEFAULT 0.00,
          label varchar(20) COLLATE "C",
          flag boolean, tiny smallint, o oid, r real, d double precision, b bytea,
          at timestamptz(3) DEFAULT now(), j jsonb, u uuid DEFAULT gen_random_uuid(),
          c char(3), bits bit(3), vb bit varying(9), tags text[], m int[][],
          twice integer GENERATED ALWAYS AS ("Mixed" * 2) STORED,
          thrice integer GENERATED ALWAYS AS ("Mixed" * 3) VIRTUAL,
          %s text,
          PRIMARY KEY (amount, "select"),
          UNIQUE (label, flag)
        )
        """
                .formatted("\"" + UNICODE_63 + "\"")
    };

    private Database from;
    private Database to;

    @BeforeEach
    void open() {
        from = Database.create();
        to = Database.create();
    }

    @AfterEach
    void close() {
        from.close();
        to.close();
    }

    @Test
    void aTableIsReadWithAllThatItHas() {
        from.run(RICH);

        TableDefinition table = from.source.tables().getFirst();

        assertThat(table.table()).isEqualTo(new TableId("App; DROP", "a;drop \"t\""));
        assertThat(table.primaryKey()).containsExactly("amount", "select");
        assertThat(table.replicaKey()).containsExactly("amount", "select");
        assertThat(table.uniqueKeys()).containsExactly(List.of("label", "flag"));
        assertThat(table.rowIdentity()).isEqualTo(RowIdentity.KEY);
        Map<String, ColumnDefinition> columns =
                table.columns().stream()
                        .collect(Collectors.toMap(ColumnDefinition::name, Function.identity()));
        assertThat(columns.get("select").identity()).isEqualTo(Identity.ALWAYS);
        assertThat(columns.get("select").notNull()).isTrue();
        assertThat(columns.get("Mixed").defaultExpression()).isEqualTo("7");
        assertThat(columns.get("mixed_1").nativeType()).isEqualTo("\"App; DROP\".\"Mood\"");
        assertThat(columns.get("mixed_1").defaultExpression())
                .isEqualTo("'happy'::\"App; DROP\".\"Mood\"");
        assertThat(columns.get("moods").nativeType()).isEqualTo("\"App; DROP\".\"Mood\"[]");
        assertThat(columns.get("label").collation()).isEqualTo("pg_catalog.\"C\"");
        assertThat(columns.get("twice").generated()).isEqualTo("((\"Mixed\" * 2)) STORED");
        assertThat(columns.get("thrice").generated()).isEqualTo("((\"Mixed\" * 3)) VIRTUAL");
        assertThat(columns.get("at").nativeType()).isEqualTo("timestamp(3) with time zone");
        assertThat(columns).containsKey(UNICODE_63);
        assertThat(types(columns, "Mixed", "n", "o", "tiny", "select"))
                .containsOnly(LogicalType.INTEGER);
        assertThat(types(columns, "r")).containsOnly(LogicalType.FLOAT);
        assertThat(types(columns, "d")).containsOnly(LogicalType.DOUBLE);
        assertThat(types(columns, "b")).containsOnly(LogicalType.BYTES);
        assertThat(types(columns, "flag")).containsOnly(LogicalType.BOOLEAN);
        assertThat(types(columns, "mixed_1", "qu\"ote", "pair", "amount", "at", "j", "tags", "c"))
                .containsOnly(LogicalType.TEXT);
        assertThat(table.schema().keyNames()).containsExactly("select", "amount");
    }

    @Test
    void aTableThatWasCreatedFromADefinitionHasThatDefinition() {
        from.run(RICH);
        List<TableDefinition> wanted = from.source.tables();

        List<TableId> created = to.target.create(wanted, from.source.types(wanted));

        assertThat(created).containsExactly(wanted.getFirst().table());
        TableDefinition table = to.target.tables(created).getFirst();
        assertThat(table).isEqualTo(expected(wanted.getFirst(), table));
        assertThat(to.target.create(wanted, from.source.types(wanted))).isEmpty();
        to.run(
                """
                INSERT INTO "App; DROP"."a;drop ""t\""" ("qu""ote", pairs, span)
                VALUES ('abc', '{"(1,\\"{sad,happy}\\")"}', '[1,2)')
                """);
        assertThatThrownBy(
                        () ->
                                to.run(
                                        "INSERT INTO \"App; DROP\".\"a;drop \"\"t\"\"\" (\"qu\"\"ote\") VALUES ('bad')"))
                .hasMessageContaining("fine");
    }

    @Test
    void typesComeAfterThoseThatTheyNeed() {
        from.run(RICH);

        List<String> names =
                from.source.types(from.source.tables()).stream().map(TypeDefinition::name).toList();

        assertThat(names)
                .containsExactlyInAnyOrder("Mood", "short", "shorter", "pair", "counter", "span");
        assertThat(names.indexOf("short")).isLessThan(names.indexOf("shorter"));
        assertThat(names.indexOf("Mood")).isLessThan(names.indexOf("pair"));
    }

    @Test
    void aSerialColumnNumbersItselfByDefault() {
        from.run(
                "CREATE SEQUENCE shared",
                "CREATE TABLE t (id serial PRIMARY KEY, n int DEFAULT nextval('shared'))");

        TableDefinition table = from.source.tables().getFirst();

        assertThat(table.columns().getFirst().identity()).isEqualTo(Identity.BY_DEFAULT);
        assertThat(table.columns().getFirst().defaultExpression()).isNull();
        assertThat(table.columns().get(1).identity()).isEqualTo(Identity.NONE);
        assertThat(table.columns().get(1).defaultExpression())
                .isEqualTo("nextval('public.shared'::regclass)");
    }

    @Test
    void aDefaultThatTheTargetCannotHaveIsNamed() {
        from.run(
                "CREATE FUNCTION made_up() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE TABLE t (id int PRIMARY KEY, \"n n\" int DEFAULT made_up())");
        List<TableDefinition> wanted = from.source.tables();

        assertThatThrownBy(() -> to.target.create(wanted, List.of()))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("public.t")
                .hasMessageContaining("n n")
                .hasMessageContaining("public.made_up()");
        assertThat(to.target.tables(List.of(new TableId("public", "t")))).isEmpty();
    }

    @Test
    void whatIsNotATableOfUsersIsLeftOut() {
        from.run(
                "CREATE UNLOGGED TABLE u (id int)",
                "CREATE TEMP TABLE tmp (id int)",
                "CREATE VIEW v AS SELECT 1 AS x",
                "CREATE MATERIALIZED VIEW mv AS SELECT 1 AS x",
                "CREATE TABLE p (id int PRIMARY KEY, k text) PARTITION BY RANGE (id)",
                "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id)",
                "CREATE TABLE p11 PARTITION OF p1 FOR VALUES FROM (0) TO (5)",
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child () INHERITS (parent)",
                "INSERT INTO p SELECT 1",
                "ANALYZE p");
        from.target.prepare();

        List<TableDefinition> tables = from.source.tables();

        assertThat(tables.stream().map(table -> table.table().name()))
                .containsExactly("child", "p", "parent");
        assertThat(tables.get(1).partitioned()).isTrue();
        assertThat(tables.get(1).estimatedRows()).isEqualTo(1);
        assertThat(tables.get(1).estimatedBytes()).isPositive();
    }

    @Test
    void theLogNamesRowsAsTheReplicaIdentitySays() {
        from.run(
                "CREATE TABLE a_key (id int PRIMARY KEY)",
                "CREATE TABLE b_none (id int)",
                "CREATE TABLE c_full (id int PRIMARY KEY)",
                "ALTER TABLE c_full REPLICA IDENTITY FULL",
                "CREATE TABLE d_full (id int)",
                "ALTER TABLE d_full REPLICA IDENTITY FULL",
                "CREATE TABLE e_index (id int PRIMARY KEY, k int NOT NULL, l int NOT NULL)",
                "CREATE UNIQUE INDEX e_kl ON e_index (l, k)",
                "ALTER TABLE e_index REPLICA IDENTITY USING INDEX e_kl",
                "CREATE TABLE f_nothing (id int PRIMARY KEY)",
                "ALTER TABLE f_nothing REPLICA IDENTITY NOTHING",
                "CREATE TABLE g_deferred (id int PRIMARY KEY DEFERRABLE)",
                "CREATE TABLE h_parts (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE h_part PARTITION OF h_parts FOR VALUES FROM (0) TO (9)",
                "ALTER TABLE h_part REPLICA IDENTITY NOTHING");

        Map<String, TableDefinition> tables =
                from.source.tables().stream()
                        .collect(
                                Collectors.toMap(
                                        table -> table.table().name().substring(0, 1),
                                        Function.identity()));

        assertThat(identity(tables.get("a"))).isEqualTo("KEY [id]");
        assertThat(identity(tables.get("b"))).isEqualTo("NOTHING []");
        assertThat(identity(tables.get("c"))).isEqualTo("FULL [id]");
        assertThat(identity(tables.get("d"))).isEqualTo("FULL []");
        assertThat(identity(tables.get("e"))).isEqualTo("KEY [l, k]");
        assertThat(identity(tables.get("f"))).isEqualTo("NOTHING []");
        assertThat(identity(tables.get("g"))).isEqualTo("NOTHING []");
        assertThat(identity(tables.get("h"))).isEqualTo("NOTHING []");
    }

    @Test
    void onlyKeysThatHoldForEveryRowAtEveryMomentAreKeys() {
        from.run(
                "CREATE TABLE t (id int PRIMARY KEY, a int UNIQUE, b int UNIQUE DEFERRABLE, c int)",
                "CREATE UNIQUE INDEX ON t (c) WHERE c > 0",
                "CREATE UNIQUE INDEX ON t ((c + 1))",
                "CREATE UNIQUE INDEX ON t (a, c)");

        assertThat(from.source.tables().getFirst().uniqueKeys())
                .containsExactlyInAnyOrder(List.of("a"), List.of("a", "c"));
    }

    @Test
    void anExtensionIsForTheOperatorToCreate() {
        from.run(
                "CREATE EXTENSION citext",
                "CREATE TABLE t (id int PRIMARY KEY, c citext, d citext[])");
        List<TableDefinition> wanted = from.source.tables();

        assertThat(to.target.check(wanted))
                .filteredOn(finding -> finding.subject().equals("public.t.c"))
                .singleElement()
                .satisfies(
                        finding ->
                                assertThat(finding.remedy())
                                        .isEqualTo("CREATE EXTENSION citext SCHEMA public;"));
        assertThatThrownBy(() -> to.target.create(wanted, from.source.types(wanted)))
                .hasMessageContaining("CREATE EXTENSION citext SCHEMA public");
        to.run("CREATE EXTENSION citext");
        assertThat(to.target.create(wanted, from.source.types(wanted))).hasSize(1);
    }

    @Test
    void twoThousandTablesAreReadInASecondOrSo() {
        from.run(
                """
                DO $$ BEGIN
                  FOR i IN 1..2000 LOOP
                    EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY, a int, b text)', i);
                    IF i % 200 = 0 THEN COMMIT; END IF;
                  END LOOP;
                END $$
                """);
        from.source.tables();
        long begin = System.nanoTime();

        assertThat(from.source.tables()).hasSize(2000);

        // Generous, for busy machines; a query for each table takes ten times as long.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }

    private static List<LogicalType> types(Map<String, ColumnDefinition> columns, String... names) {
        return List.of(names).stream().map(name -> columns.get(name).type()).toList();
    }

    private static String identity(TableDefinition table) {
        return table.rowIdentity() + " " + table.replicaKey();
    }

    /** Statistics are the target's own, and identity columns number by default. */
    private static TableDefinition expected(TableDefinition wanted, TableDefinition created) {
        return new TableDefinition(
                wanted.table(),
                wanted.engine(),
                wanted.columns().stream()
                        .map(
                                column ->
                                        new ColumnDefinition(
                                                column.name(),
                                                column.dataType(),
                                                column.nativeType(),
                                                column.notNull(),
                                                column.defaultExpression(),
                                                column.generated(),
                                                column.identity() == Identity.NONE
                                                        ? Identity.NONE
                                                        : Identity.BY_DEFAULT,
                                                column.collation()))
                        .toList(),
                wanted.primaryKey(),
                wanted.bare().uniqueKeys(),
                wanted.replicaKey(),
                wanted.rowIdentity(),
                false,
                created.estimatedRows(),
                created.estimatedBytes());
    }
}
