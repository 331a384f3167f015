package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CounterCatalogTest {

    private SourceFixture db;

    @BeforeEach
    void open() {
        db = new SourceFixture(Servers.sharedMySql());
        db.run(
                "CREATE TABLE large (id bigint unsigned AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 18446744073709551615",
                "CREATE TABLE plain (id int PRIMARY KEY)",
                "CREATE TABLE small (id smallint unsigned AUTO_INCREMENT PRIMARY KEY, v int)",
                "CREATE TABLE tiny (id tinyint AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 7");
    }

    @AfterEach
    void close() {
        count(1, 1);
        db.close();
    }

    @Test
    void countersAreReadAsSessionsThatBeginNowUseThem() {
        assertThat(told())
                .containsExactly(
                        "large 9223372036854775807 by 1 to 9223372036854775807",
                        "small 1 by 1 to 65535",
                        "tiny 7 by 1 to 127");
        // As rows of another site come: the counter goes on behind them, at once.
        db.run("INSERT INTO small VALUES (40, 1)");
        count(3, 2);
        assertThat(told())
                .containsExactly(
                        "large 9223372036854775805 by 3 to 9223372036854775807",
                        "small 41 by 3 to 65535",
                        "tiny 8 by 3 to 127");
        count(3, 3);
        db.run("INSERT INTO small (v) VALUES (1)"); // of a session that counts as it did before
        assertThat(told()).contains("small 42 by 3 to 65535", "tiny 9 by 3 to 127");
    }

    /** The next number that is read is the one that a new session gets. */
    @Test
    void whatIsToldIsWhatComes() throws SQLException {
        for (int offset = 1; offset <= 4; offset++) {
            count(4, offset);
            db.run("INSERT INTO small VALUES (%d, 1)".formatted(offset * 11));
            long told = numbers("small").next().orElseThrow();
            try (Connection fresh = db.server.connect(db.name)) {
                SourceFixture.run(fresh, "INSERT INTO small (v) VALUES (2)");
            }
            assertThat(db.rows("SELECT max(id) FROM small WHERE v = 2"))
                    .containsExactly(Long.toString(told));
        }
        count(4, 5);
        assertThat(numbers("small").next()).isEmpty(); // the server ignores it
    }

    @Test
    void theRemedyIsAStatementOfTheServers() {
        try {
            db.run(numbers("tiny").remedy(3, 2));
            assertThat(told()).contains("tiny 8 by 3 to 127");
        } finally {
            db.run(
                    "RESET PERSIST IF EXISTS auto_increment_increment",
                    "RESET PERSIST IF EXISTS auto_increment_offset");
        }
    }

    @Test
    void aTableThatIsToBeMadeIsNumberedAsItWillBe() {
        count(2, 2);
        List<TableDefinition> wanted = new ArrayList<>(db.source.tables());
        wanted.removeIf(table -> !table.table().equals(id("tiny")));
        db.run("DROP TABLE tiny");
        assertThat(told(db.source.rowNumbers(wanted))).containsExactly("tiny 2 by 2 to 127");
    }

    private void count(int step, int offset) {
        db.run(
                "SET GLOBAL auto_increment_increment = " + step,
                "SET GLOBAL auto_increment_offset = " + offset);
    }

    private TableId id(String table) {
        return new TableId(db.name, table);
    }

    private RowNumbers numbers(String table) {
        return db.source.rowNumbers(own()).stream()
                .filter(each -> each.table().equals(id(table)))
                .findFirst()
                .orElseThrow();
    }

    private List<String> told() {
        return told(db.source.rowNumbers(own()));
    }

    private List<TableDefinition> own() {
        return db.source.tables().stream()
                .filter(table -> table.table().schema().equals(db.name))
                .toList();
    }

    private static List<String> told(List<RowNumbers> numbers) {
        return numbers.stream()
                .map(
                        each ->
                                "%s %d by %d to %d"
                                        .formatted(
                                                each.table().name(),
                                                each.next().orElseThrow(),
                                                each.step(),
                                                each.max()))
                .toList();
    }
}
