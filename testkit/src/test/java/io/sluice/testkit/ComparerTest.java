package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.Comparison.Difference;
import io.sluice.testkit.Comparison.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComparerTest {
    private static final String KEYED = "public.Keyed";
    private static final String KEYLESS = "odd schema.no key";
    private static final List<String> TABLES = List.of(KEYED, KEYLESS);
    private static final String SCHEMA =
            """
            CREATE TABLE "Keyed" (a integer, b text, v numeric, w text, PRIMARY KEY (b, a));
            CREATE SCHEMA "odd schema";
            CREATE TABLE "odd schema"."no key" (x integer, y text);
            INSERT INTO "Keyed"
                SELECT n, chr(64 + n % 60), CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN numeric 'NaN' ELSE n END, n
                  FROM generate_series(1, 3000) n;
            INSERT INTO "odd schema"."no key" SELECT n % 10, NULLIF(n % 3, 0) FROM generate_series(1, 90) n;
            """;

    private final PostgresServer server = Servers.sharedPostgres();
    private Connection left;
    private Connection right;

    @BeforeEach
    void create() throws SQLException {
        server.createDatabase("left");
        server.createDatabase("right");
        left = server.connect("left");
        right = server.connect("right");
        execute(left, SCHEMA);
        execute(right, SCHEMA);
    }

    @AfterEach
    void drop() throws SQLException {
        left.close();
        right.close();
        server.dropDatabase("left");
        server.dropDatabase("right");
    }

    @Test
    void equalTablesAreEqualWhateverTheOrderOfTheirRows() throws SQLException {
        execute(right, "UPDATE \"Keyed\" SET v = v WHERE a % 3 = 0");
        Comparison comparison = compare();
        assertThat(comparison.isEqual()).as("%s", comparison).isTrue();
        assertThat(comparison.rows()).isEqualTo(3090);
        assertThat(fingerprint(left)).isEqualTo(fingerprint(right));
    }

    @Test
    void aChangedRowIsFoundWithItsKeyAndColumn() throws SQLException {
        execute(right, "UPDATE \"Keyed\" SET v = 7.50 WHERE a = 2222");
        assertDifference(KEYED, new Difference(Kind.CHANGED, "[2222, B]", "v 2222 and 7.50"));
    }

    @Test
    void aMissingRowIsFound() throws SQLException {
        execute(right, "DELETE FROM \"Keyed\" WHERE a = 3000");
        assertDifference(KEYED, new Difference(Kind.ONLY_LEFT, "[3000, @]", ""));
    }

    @Test
    void anExtraRowIsFound() throws SQLException {
        execute(right, "INSERT INTO \"Keyed\" VALUES (0, '', NULL, NULL)");
        assertDifference(KEYED, new Difference(Kind.ONLY_RIGHT, "[0, ]", ""));
    }

    @Test
    void anEmptyTextIsNotANull() throws SQLException {
        execute(left, "UPDATE \"Keyed\" SET w = NULL WHERE a = 1");
        execute(right, "UPDATE \"Keyed\" SET w = '' WHERE a = 1");
        assertDifference(KEYED, new Difference(Kind.CHANGED, "[1, A]", "w null and "));
    }

    @Test
    void aMissingCopyOfARowWithoutAKeyIsFound() throws SQLException {
        execute(
                right,
                "DELETE FROM \"odd schema\".\"no key\" t WHERE ctid ="
                        + " (SELECT min(ctid) FROM \"odd schema\".\"no key\" WHERE x = 3 AND y IS NULL)");
        assertDifference(KEYLESS, new Difference(Kind.CHANGED, "[3, null]", "3 and 2 copies"));
    }

    @Test
    void aRowWithoutAKeyThatIsThereOnceTooOftenIsFound() throws SQLException {
        execute(left, "INSERT INTO \"odd schema\".\"no key\" VALUES (NULL, 'new')");
        assertDifference(KEYLESS, new Difference(Kind.ONLY_LEFT, "[null, new]", ""));
    }

    @Test
    void otherColumnsAreADifference() throws SQLException {
        execute(right, "ALTER TABLE \"Keyed\" DROP COLUMN w");
        assertThat(compare().isEqual()).isFalse();
    }

    private void assertDifference(String table, Difference difference) {
        Comparison comparison = compare();
        assertThat(comparison.isEqual()).isFalse();
        for (Comparison.Table each : comparison.tables()) {
            if (each.name().equals(table)) {
                assertThat(each.first()).containsExactly(difference);
                assertThat(each.differentRows()).isOne();
            } else {
                assertThat(each.isEqual()).isTrue();
            }
        }
        assertThat(fingerprint(left)).isNotEqualTo(fingerprint(right));
    }

    private Comparison compare() {
        return Comparer.compare(left, right, TABLES);
    }

    private static String fingerprint(Connection connection) {
        return Comparer.fingerprint(connection, TABLES);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
