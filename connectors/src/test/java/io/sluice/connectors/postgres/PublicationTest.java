package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublicationTest {

    private static final Publication PUBLICATION = new Publication("sluice_test");
    private static final int ROUNDS = 400;
    private static final int WRITERS = 4;

    private Database database;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run(
                "CREATE TABLE t (id int PRIMARY KEY, n int)",
                "CREATE TABLE u (id int PRIMARY KEY)",
                "INSERT INTO t SELECT g, 0 FROM generate_series(1, 100) g");
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** The server looks a publication up by the number that it read a moment before. */
    @Test
    void makingItAnewNeverFailsAnyonesWrites() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        List<Future<Long>> writers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Connection connection = database.server.connect(database.name)) {
            for (int i = 0; i < WRITERS; i++) {
                int id = i;
                writers.add(threads.submit((Callable<Long>) () -> write(id, ended)));
            }
            try {
                List<TableDefinition> tables = database.source.tables();
                for (int round = 0; round < ROUNDS; round++) {
                    PUBLICATION.create(connection, tables);
                    if (round % 10 == 9) {
                        PUBLICATION.drop(connection);
                    }
                }
            } finally {
                ended.set(true);
            }
            for (Future<Long> writer : writers) {
                assertThat(writer.get()).isPositive();
            }
        }
    }

    @Test
    void oneThatStandsBecomesAsItHasToBe() throws SQLException {
        database.run(
                "CREATE PUBLICATION sluice_test FOR TABLE t (id), u WITH (publish = 'insert')");
        requireMade(List.of());
        requireMade(database.source.tables());
        requireMade(List.of(database.source.tables().getFirst()));
        database.run(
                "DROP PUBLICATION sluice_test", "CREATE PUBLICATION sluice_test FOR ALL TABLES");
        requireMade(database.source.tables());
    }

    private void requireMade(List<TableDefinition> tables) throws SQLException {
        try (Connection connection = database.server.connect(database.name)) {
            PUBLICATION.create(connection, tables);
            assertThat(PUBLICATION.isAsMade(connection)).isTrue();
            assertThat(PUBLICATION.tables(connection))
                    .containsExactlyInAnyOrderElementsOf(
                            tables.stream().map(TableDefinition::table).toList());
            assertThat(database.one("SELECT puballtables FROM pg_publication")).isEqualTo("f");
        }
    }

    private long write(int id, AtomicBoolean ended) throws SQLException {
        long updates = 0;
        try (Connection connection = database.server.connect(database.name);
                Statement statement = connection.createStatement()) {
            while (!ended.get()) {
                updates += statement.executeUpdate("UPDATE t SET n = n + 1 WHERE id = " + (id + 1));
            }
        }
        return updates;
    }
}
