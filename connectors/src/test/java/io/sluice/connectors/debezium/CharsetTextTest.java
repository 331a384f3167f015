package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.debezium.CharsetText.UnreadableTextException;
import io.sluice.testkit.Servers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every code of every character set of MySQL that is not of Unicode's own, against the server. */
class CharsetTextTest {

    private static final String DATABASE = "charsets";

    /** Codes of three bytes begin with this one. */
    private static final int THREE_BYTES = 0x8F0000;

    @BeforeAll
    static void makeDatabase() {
        Servers.sharedMySql().createDatabase(DATABASE);
    }

    @AfterAll
    static void dropDatabase() {
        Servers.sharedMySql().dropDatabase(DATABASE);
    }

    @Test
    void everyCodeIsTheServersCharacter() throws SQLException {
        try (Connection connection = Servers.sharedMySql().connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION cte_max_recursion_depth = 100000, sql_mode = ''");
            statement.execute(
                    "CREATE TABLE codes AS WITH RECURSIVE s(n) AS"
                            + " (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 65535)"
                            + " SELECT n, UNHEX(LPAD(HEX(n), IF(n < 256, 2, 4), '0')) AS bytes FROM s");
            for (String name : charsets(statement)) {
                assertThat(differences(statement, name)).as(name).isEmpty();
            }
        }
    }

    private static List<String> charsets(Statement statement) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT character_set_name FROM information_schema.character_sets"
                                + " WHERE character_set_name NOT LIKE 'utf%'"
                                + " AND character_set_name <> 'binary'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** Codes for which the server has a character, and which are another one here. */
    private static List<String> differences(Statement statement, String name) throws SQLException {
        statement.execute("DROP TABLE IF EXISTS t");
        statement.execute("CREATE TABLE t (n int, v varchar(4) CHARACTER SET %s)".formatted(name));
        statement.execute("INSERT IGNORE INTO t SELECT n, bytes FROM codes");
        if (name.equals("ujis") || name.equals("eucjpms")) {
            statement.execute(
                    "INSERT IGNORE INTO t SELECT %1$d + n, CONCAT(X'8F', bytes) FROM codes WHERE n > 41376"
                            .formatted(THREE_BYTES));
        }
        CharsetText text = CharsetText.of(name);
        List<String> differences = new ArrayList<>();
        int read = 0;
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT hex(v), hex(CONVERT(v USING utf8mb4)) FROM t WHERE char_length(v) = 1"
                                + " AND CAST(v AS BINARY) = IF(n < 65536,"
                                + " UNHEX(LPAD(HEX(n), IF(n < 256, 2, 4), '0')), UNHEX(HEX(n)))")) {
            while (rows.next()) {
                byte[] code = HexFormat.of().parseHex(rows.getString(1));
                String character = characterOf(rows.getString(2), code);
                if (character != null) {
                    read++;
                    if (!character.equals(read(text, code))) {
                        differences.add(rows.getString(1));
                    }
                }
            }
        }
        assertThat(read).as(name).isGreaterThan(100);
        return differences;
    }

    /** Null where the server has none. */
    private static String characterOf(String utf8, byte[] code) {
        if (utf8 == null || utf8.isEmpty()) {
            return null;
        }
        String character = new String(HexFormat.of().parseHex(utf8), StandardCharsets.UTF_8);
        boolean none =
                character.equals("\uFFFD")
                        || character.equals("?") && (code.length > 1 || code[0] != '?');
        return none ? null : character;
    }

    private static String read(CharsetText text, byte[] code) {
        try {
            return text.of(code);
        } catch (UnreadableTextException e) {
            return "unreadable";
        }
    }

    @Test
    void charactersOfAllLengthsStandBesideEachOther() {
        byte[] bytes = HexFormat.of().parseHex("41A1C18FF5A1B1A6A1C142");
        assertThat(CharsetText.of("eucjpms").of(bytes)).isEqualTo("A\uFF5E\uE3AC\u53F3\uFF5EB");
    }

    @Test
    void halfACharacterIsAnError() {
        assertThatThrownBy(() -> CharsetText.of("ucs2").of(new byte[] {(byte) 0xD8, 0}))
                .isInstanceOf(UnreadableTextException.class)
                .hasMessageContaining("ucs2");
        assertThatThrownBy(() -> CharsetText.of("sjis").of(new byte[] {'a', (byte) 0x81}))
                .isInstanceOf(UnreadableTextException.class);
        assertThat(CharsetText.isReadable("klingon")).isFalse();
    }
}
