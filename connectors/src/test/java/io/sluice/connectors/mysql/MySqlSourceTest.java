package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sluice.change.RowChange;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.mysql.SourceFixture.History;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The copy and the log together, with the least privileges. */
class MySqlSourceTest {

    @ParameterizedTest
    @ValueSource(strings = {"ON", "OFF"})
    void theCopyAndTheChangesAfterItAreAllThereIs(String gtids) throws Exception {
        try (MySqlServer server =
                        Servers.mysql(
                                Durability.FAST,
                                Map.of("gtid_mode", gtids, "enforce_gtid_consistency", gtids));
                SourceFixture fixture = new SourceFixture(server)) {
            fixture.run("CREATE TABLE t (id BIGINT PRIMARY KEY AUTO_INCREMENT, n INT)");
            MySqlSource source = fixture.narrowRole("least", "SELECT, LOCK TABLES");
            AtomicBoolean done = new AtomicBoolean();
            AtomicLong written = new AtomicLong();
            Thread writer = Thread.ofPlatform().start(() -> write(server, fixture, done, written));
            await().atMost(Duration.ofSeconds(60)).until(() -> written.get() > 20);

            History history = new History();
            List<TableDefinition> tables = fixture.tables();
            try (SnapshotReader snapshot =
                    source.startLog(SourceFixture.PIPELINE, tables, history, 1)) {
                long copied = fixture.lines(snapshot, "t").size();
                await().atMost(Duration.ofSeconds(60)).until(() -> written.get() > copied + 50);
                AtomicLong received = new AtomicLong();
                AtomicReference<ConnectorException> failure = new AtomicReference<>();
                try (ChangeSource changes =
                        source.changes(
                                SourceFixture.PIPELINE,
                                tables.stream().map(TableDefinition::table).toList(),
                                snapshot.position(),
                                history)) {
                    changes.start(counting(received, failure));
                    done.set(true);
                    writer.join();
                    long all = Long.parseLong(fixture.one("SELECT count(*) FROM t"));
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> failure.get() != null || copied + received.get() >= all);
                    assertThat(failure.get()).isNull();
                    assertThat(copied + received.get()).isEqualTo(all);
                }
            } finally {
                done.set(true);
                writer.join();
            }
        }
    }

    private static void write(
            MySqlServer server, SourceFixture fixture, AtomicBoolean done, AtomicLong written) {
        try (var connection = server.connect(fixture.name)) {
            while (!done.get()) {
                SourceFixture.run(connection, "INSERT INTO t (n) VALUES (1)");
                written.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ChangeSource.Receiver counting(
            AtomicLong received, AtomicReference<ConnectorException> failure) {
        return new ChangeSource.Receiver() {
            @Override
            public void receive(TransactionPiece piece) {
                received.addAndGet(
                        piece.changes().stream().filter(c -> c instanceof RowChange).count());
            }

            @Override
            public void failed(ConnectorException cause) {
                failure.set(cause);
            }
        };
    }
}
