package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.testkit.Comparison.Difference;
import io.sluice.testkit.Comparison.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComparerAcrossTest {
    private static final String POSTGRES_TYPES =
            """
            CREATE TABLE types (id bigint PRIMARY KEY, a_flag boolean, another_flag boolean, a_small smallint,
                an_int integer, a_big bigint, an_unsigned numeric(20), a_decimal numeric(20, 6),
                a_real real, a_float double precision, a_wide real, a_char char(9), a_varchar varchar(60),
                a_text text, some_bytes bytea, a_date date, a_time time, a_local timestamp,
                a_moment timestamptz, a_late_moment timestamptz, some_bits bit(5), a_json json, a_jsonb jsonb,
                a_uuid uuid, a_mood text, a_year integer)
            """;
    private static final String MYSQL_TYPES =
            """
            CREATE TABLE types (id bigint PRIMARY KEY, a_flag boolean, another_flag bit(1), a_small smallint,
                an_int int zerofill, a_big bigint, an_unsigned bigint unsigned, a_decimal decimal(30, 10),
                a_real float, a_float double, a_wide double, a_char char(9), a_varchar varchar(60),
                a_text longtext, some_bytes longblob, a_date date, a_time time(6), a_local datetime(6),
                a_moment timestamp(6), a_late_moment datetime(6), some_bits bit(5), a_json json, a_jsonb json,
                a_uuid char(36), a_mood enum('sad', 'glad'), a_year year)
            """;
    private static final String POSTGRES_ROW =
            """
            INSERT INTO types VALUES (%d, true, false, -32768, 7, 9223372036854775807, 18446744073709551615,
                -12.500000, 0.1, 0.1, 16777216.5, 'ab', 'naïve 🙂', E'two\\nlines\\\\', '\\x00ff80', '1999-12-31',
                '23:59:59.5', '2024-06-30 12:00:00.120000', '2024-06-30 12:00:00+05:45',
                '2999-01-01 00:00:00.000001+00', '00101', '{"b":1e3,"a":[1.50,null],"b":2}', '{"x":"ü","n":-0.0}',
                '01234567-89AB-cdef-0123-456789abcdef', 'glad', 1987)
            """;
    private static final String MYSQL_ROW =
            """
            INSERT INTO types VALUES (%d, true, b'0', -32768, 7, 9223372036854775807, 18446744073709551615,
                -12.5, 0.1, 0.1, 16777216, 'ab', 'naïve 🙂', 'two\\nlines\\\\', x'00FF80', '1999-12-31',
                '23:59:59.5', '2024-06-30 12:00:00.12', '2024-06-30 09:15:00',
                '2999-01-01 00:00:00.000001', b'00101', '{"a": [1.5, null], "b": 2}', '{"n": 0, "x": "\\\\u00fc"}',
                '01234567-89AB-cdef-0123-456789abcdef', 'glad', 1987)
            """;
    private static final Map<String, String> TYPES = Map.of("public.types", "across.types");

    private final PostgresServer postgresServer = Servers.sharedPostgres();
    private final MySqlServer mySqlServer = Servers.sharedMySql();
    private Connection postgres;
    private Connection mySql;

    @BeforeEach
    void create() throws SQLException {
        postgresServer.createDatabase("across");
        mySqlServer.createDatabase("across");
        postgres = postgresServer.connect("across");
        mySql = mySqlServer.connect("across");
        // Of this session, whose zone is not the one that the rows are compared in.
        execute(mySql, "SET time_zone = '+03:00'");
        execute(postgres, POSTGRES_TYPES);
        execute(mySql, MYSQL_TYPES);
        for (int id = 1; id <= 12; id++) {
            execute(postgres, POSTGRES_ROW.formatted(id));
            execute(mySql, MYSQL_ROW.formatted(13 - id));
        }
    }

    @AfterEach
    void drop() throws SQLException {
        postgres.close();
        mySql.close();
        postgresServer.dropDatabase("across");
        mySqlServer.dropDatabase("across");
    }

    @Test
    void allCommonTypesAreEqualAcrossEngines() throws SQLException {
        execute(postgres, "INSERT INTO types (id) VALUES (99)");
        execute(mySql, "INSERT INTO types (id) VALUES (99)");
        Comparison comparison = Comparer.compareAcross(postgres, mySql, TYPES);
        assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
        assertThat(comparison.rows()).isEqualTo(13);
        execute(mySql, "DELETE FROM types"); // the connections are left free and writable
    }

    @Test
    void twoDatabasesOfMySqlAreComparedAsWell() throws SQLException {
        try (Connection other = mySqlServer.connect("across")) {
            execute(mySql, "CREATE TABLE copy LIKE types");
            execute(mySql, "INSERT INTO copy SELECT * FROM types");
            Map<String, String> tables = Map.of("across.types", "across.copy");
            assertThat(Comparer.compareAcross(mySql, other, tables).isEqual()).isTrue();
            execute(mySql, "UPDATE copy SET a_char = 'other' WHERE id = 3");
            assertThat(Comparer.compareAcross(mySql, other, tables).tables().getFirst().first())
                    .containsExactly(new Difference(Kind.CHANGED, "[3]", "a_char ab and other"));
        }
    }

    @Test
    void aDifferentValueOfEachTypeIsFound() throws SQLException {
        for (Map.Entry<String, String> each :
                Map.ofEntries(
                                Map.entry("a_flag", "false"),
                                Map.entry("another_flag", "b'1'"),
                                Map.entry("a_big", "9223372036854775806"),
                                Map.entry("a_decimal", "-12.5000000001"),
                                Map.entry("a_real", "0.10000001"),
                                Map.entry("a_float", "0.10000000000000002"),
                                Map.entry("a_text", "'two\\nlines'"),
                                Map.entry("a_varchar", "NULL"),
                                Map.entry("some_bytes", "x'00FF81'"),
                                Map.entry("a_date", "'2000-01-01'"),
                                Map.entry("a_time", "'23:59:59.500001'"),
                                Map.entry("a_local", "'2024-06-30 12:00:00.120001'"),
                                Map.entry("a_moment", "'2024-06-30 12:00:00'"),
                                Map.entry("some_bits", "b'101'  | b'1000'"),
                                Map.entry("a_uuid", "'01234567-89ab-cdef-0123-456789abcdee'"),
                                Map.entry("a_json", "'{\"a\": [1.5], \"b\": 2}'"),
                                Map.entry("a_jsonb", "'{\"n\": \"0\", \"x\": \"ü\"}'"))
                        .entrySet()) {
            execute(mySql, "CREATE TABLE kept AS SELECT * FROM types WHERE id = 5");
            execute(
                    mySql,
                    "UPDATE types SET "
                            + each.getKey()
                            + " = "
                            + each.getValue()
                            + " WHERE id = 5");
            Comparison comparison = Comparer.compareAcross(postgres, mySql, TYPES);
            assertThat(comparison.tables().getFirst().differentRows()).as(each.getKey()).isOne();
            Difference difference = comparison.tables().getFirst().first().getFirst();
            assertThat(difference.kind()).isEqualTo(Kind.CHANGED);
            assertThat(difference.key()).isEqualTo("[5]");
            assertThat(difference.detail()).startsWith(each.getKey() + " ").doesNotContain(", a_");
            execute(mySql, "REPLACE INTO types SELECT * FROM kept");
            execute(mySql, "DROP TABLE kept");
        }
    }

    @Test
    void aMissingAndAnExtraRowAreFound() throws SQLException {
        execute(mySql, "DELETE FROM types WHERE id = 10");
        execute(mySql, "INSERT INTO types (id) VALUES (11000)");
        Comparison comparison = Comparer.compareAcross(postgres, mySql, TYPES);
        assertThat(comparison.tables().getFirst().first())
                .containsExactlyInAnyOrder(
                        new Difference(Kind.ONLY_LEFT, "[10]", ""),
                        new Difference(Kind.ONLY_RIGHT, "[11000]", ""));
    }

    @Test
    void copiesAreCountedInATableWithoutAKey() throws SQLException {
        String table = "CREATE TABLE bag (x int NOT NULL UNIQUE, y varchar(9))";
        String loose = table.replace(" NOT NULL UNIQUE", "");
        execute(postgres, loose);
        execute(mySql, loose);
        String rows = "INSERT INTO bag VALUES (1, NULL), (2, 'b'), (1, NULL), (NULL, '')";
        execute(postgres, rows);
        execute(mySql, rows);
        Map<String, String> bag = Map.of("public.bag", "across.bag");
        assertThat(Comparer.compareAcross(postgres, mySql, bag).isEqual()).isTrue();
        execute(mySql, "INSERT INTO bag VALUES (1, NULL)");
        Comparison comparison = Comparer.compareAcross(postgres, mySql, bag);
        assertThat(comparison.tables().getFirst().first())
                .containsExactly(new Difference(Kind.CHANGED, "[1, null]", "2 and 3 copies"));
        execute(mySql, "DROP TABLE bag");
        execute(mySql, table); // MySQL shows such a column as a key, which it is not
        assertThat(Comparer.compareAcross(postgres, mySql, bag).tables().getFirst().first())
                .extracting(Difference::key)
                .doesNotContain("(the table)");
    }

    @Test
    void moreRowsThanMemoryTakesAreSortedByWayOfFiles() throws SQLException {
        execute(postgres, "CREATE TABLE many (id int PRIMARY KEY, t text)");
        execute(mySql, "CREATE TABLE many (id int PRIMARY KEY, t longtext)");
        execute(
                postgres,
                "INSERT INTO many SELECT n, repeat(chr(97 + n % 26), 20000) FROM generate_series(1, 2000) n");
        mySql.setAutoCommit(false);
        try (PreparedStatement insert =
                mySql.prepareStatement("INSERT INTO many VALUES (?, repeat(?, 20000))")) {
            for (int id = 2000; id > 0; id--) {
                insert.setInt(1, id);
                insert.setString(2, Character.toString('a' + id % 26));
                insert.executeUpdate();
            }
        }
        mySql.commit();
        mySql.setAutoCommit(true);
        Map<String, String> many = Map.of("public.many", "across.many");
        Comparison comparison = Comparer.compareAcross(postgres, mySql, many);
        assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
        execute(mySql, "UPDATE many SET t = concat(t, 'x') WHERE id = 1234");
        assertThat(Comparer.compareAcross(postgres, mySql, many).tables().getFirst().first())
                .extracting(Difference::key)
                .containsExactly("[1234]");
    }

    @Test
    void aTableThatIsNotThereIsNotEqualToAnotherThatIsNotThere() {
        assertThatThrownBy(
                        () ->
                                Comparer.compareAcross(
                                        postgres, mySql, Map.of("public.no", "across.no")))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("there is no table public.no");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
