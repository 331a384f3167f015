package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Change;
import io.sluice.change.RowChange.Insert;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions that were rolled back, and that changed tables which cannot be: what was taken back
 * of them is never delivered. A server with GTIDs takes no such transactions.
 */
class MySqlRollbackTest {

    private MySqlFixture source;
    private Reading reading;

    private void begin() {
        source = MySqlFixture.shared(false);
        source.run(
                "CREATE TABLE item (id int PRIMARY KEY)",
                "CREATE TABLE lasting (id int) ENGINE = MyISAM",
                "CREATE TABLE other (id int PRIMARY KEY)");
        reading = source.read(source.publish("item", "lasting"));
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    /** A format that is named here is that of the session. */
    @ParameterizedTest
    @ValueSource(strings = {"ROW", "MIXED"})
    void ofRowsOnlyThoseThatStandAreDelivered(String format) {
        begin();
        source.run(
                "SET SESSION binlog_format = '%s'".formatted(format),
                "BEGIN",
                "INSERT INTO item SELECT 1 + 0 * length(uuid())",
                "INSERT INTO lasting SELECT 2 + 0 * length(uuid())",
                "UPDATE item, lasting SET item.id = 3, lasting.id = 4 + 0 * length(uuid())",
                "ROLLBACK",
                "BEGIN",
                "INSERT INTO item SELECT 5 + 0 * length(uuid())",
                "SAVEPOINT s",
                "INSERT INTO item SELECT 6 + 0 * length(uuid())",
                "INSERT INTO lasting SELECT 7 + 0 * length(uuid())",
                "ROLLBACK TO SAVEPOINT s",
                "COMMIT",
                "INSERT INTO item SELECT 8 + 0 * length(uuid())");
        assertThat(source.ask("SELECT group_concat(id ORDER BY id) FROM item")).isEqualTo("5,8");
        assertThat(source.ask("SELECT group_concat(id ORDER BY id) FROM lasting")).isEqualTo("4,7");
        List<Object> inserted = new ArrayList<>();
        while (!inserted.contains(8L)) {
            for (Change change : reading.transaction().changes()) {
                if (change instanceof Insert insert) {
                    inserted.add(insert.after().get(0));
                }
            }
        }
        assertThat(inserted).containsExactly(2L, 7L, 5L, 8L);
    }

    /** There the log has the whole of it, and ROLLBACK at its end. */
    @Test
    void statementsThatTheLogTakesBackStopTheReaderBeforeAnythingIsDelivered() {
        begin();
        source.run(
                "SET SESSION binlog_format = 'STATEMENT'",
                "BEGIN",
                "INSERT INTO item VALUES (1)",
                "INSERT INTO lasting VALUES (2)",
                "ROLLBACK");
        assertThat(source.ask("SELECT count(*) FROM item")).isEqualTo("0");
        ConnectorException failure = reading.failure();
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        assertThat(failure).hasMessageContaining("set binlog_format=ROW");
        assertThat(reading.pieces).isEmpty();
    }

    @Test
    void ofTablesThatAreNotReplicatedTheyAreReadOver() throws Exception {
        begin();
        source.server.createDatabase("elsewhere");
        try {
            source.run(
                    "CREATE TABLE elsewhere.a (n int)",
                    "CREATE TABLE elsewhere.b (n int) ENGINE = MyISAM",
                    "USE elsewhere",
                    "SET SESSION binlog_format = 'STATEMENT'",
                    "BEGIN",
                    "INSERT INTO a VALUES (1)",
                    "INSERT INTO b VALUES (2)",
                    "ROLLBACK",
                    "SET SESSION binlog_format = 'ROW'",
                    "USE " + source.database,
                    "INSERT INTO item VALUES (1)");
            assertThat(logged()).as("the case is had").contains("ROLLBACK");
            List<Change> changes = List.of();
            while (changes.isEmpty()) {
                changes = reading.transaction().changes();
            }
            assertThat(((Insert) changes.getFirst()).after().get(0)).isEqualTo(1L);
        } finally {
            source.server.dropDatabase("elsewhere");
        }
    }

    private String logged() throws Exception {
        StringBuilder log = new StringBuilder();
        try (var statement = source.connection.createStatement();
                var events =
                        statement.executeQuery(
                                "SHOW BINLOG EVENTS IN '%s'".formatted(source.now().file()))) {
            while (events.next()) {
                log.append(events.getString("Info")).append('\n');
            }
        }
        return log.toString();
    }
}
