package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.change.Lsn;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.ChangeSource;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a source ends. */
class PostgresFailuresTest {

    private CaptureFixture source;

    @BeforeEach
    void makeDatabase() {
        source = new CaptureFixture();
        source.run("CREATE TABLE t (id bigint PRIMARY KEY, a text)");
    }

    @AfterEach
    void dropDatabase() throws Exception {
        source.close();
    }

    @Test
    void aKilledServerProcessIsReportedOnceAndMayBeTriedAgain() {
        Lsn from = source.publish("t");
        Reading reading = source.read(from);
        source.run("INSERT INTO t VALUES (1)");
        Lsn end = reading.transaction().position();
        source.run(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '%s'"
                        .formatted(source.database));
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
        assertThat(reading.failure())
                .hasMessageContaining("orders:east->west")
                .hasMessageContaining(source.database);
        reading.source.close();
        source.run("INSERT INTO t VALUES (2)");
        assertThat(source.read(end).transaction().changes()).hasSize(1);
    }

    @Test
    void aKilledCatalogSessionEndsTheSourceToo() {
        Reading reading = source.read(source.publish("t"));
        source.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s' AND application_name LIKE 'sluice %%' AND backend_type = 'client backend'"
                        .formatted(source.database));
        source.run("INSERT INTO t VALUES (1)");
        assertThat(reading.failure().errorClass()).isEqualTo(ErrorClass.RETRY);
    }

    @Test
    void aSlotThatAnotherReaderHoldsMayBeTriedAgain() {
        Lsn from = source.publish("t");
        source.read(from);
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                .hasMessageContaining(source.database)
                .hasMessageContaining("is read by");
    }

    @Test
    void aMissingPublicationIsFatal() {
        Lsn from = source.publish("t");
        source.run("DROP PUBLICATION " + source.database);
        assertThatThrownBy(() -> source.read(from))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageContaining("ublication");
    }

    @Test
    void nobodyAtTheAddressMayBeTriedAgain() {
        Lsn from = source.publish("t");
        PostgresCaptureSettings s = source.settings();
        PostgresCaptureSettings nobody =
                new PostgresCaptureSettings(
                        "127.0.0.1",
                        1,
                        s.database(),
                        s.username(),
                        s.password(),
                        s.driverProperties(),
                        s.pipeline(),
                        s.slot(),
                        s.publication(),
                        s.origin(),
                        s.catalog(),
                        s.errors(),
                        s.limits());
        PostgresChangeSource unreachable = new PostgresChangeSource(nobody, from);
        assertThatThrownBy(() -> unreachable.start(new Reading(unreachable)))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
        unreachable.close();
    }

    @Test
    void aCatalogThatFailsEndsTheSourceInItsOwnWords() {
        ConnectorException cause = new ConnectorException(ErrorClass.RETRY, "the catalog is away");
        Reading reading =
                started(
                        table -> {
                            throw cause;
                        });
        source.run("INSERT INTO t VALUES (1)");
        assertThat(reading.failure()).isSameAs(cause);
        reading.source.close();
    }

    @Test
    void aBugIsFatalAndTheMessageHoldsNoValue() {
        Reading reading =
                started(
                        table -> {
                            throw new IllegalStateException("a bug");
                        });
        source.run("INSERT INTO t VALUES (1, 'secret value')");
        ConnectorException failure = reading.failure();
        assertThat(failure.errorClass()).isEqualTo(ErrorClass.FATAL);
        for (Throwable e = failure; e != null; e = e.getCause()) {
            assertThat(e.toString()).doesNotContain("secret value");
        }
        reading.source.close();
    }

    @Test
    void aRetriableErrorOfKafkaFromTheReceiverDoesNotSkipAnything() {
        AtomicInteger pieces = new AtomicInteger();
        CompletableFuture<ConnectorException> failure = new CompletableFuture<>();
        PostgresChangeSource reader =
                new PostgresChangeSource(source.settings(), source.publish("t"));
        reader.start(
                new ChangeSource.Receiver() {
                    @Override
                    public void receive(TransactionPiece piece) {
                        pieces.incrementAndGet();
                        throw new org.apache.kafka.connect.errors.RetriableException("again");
                    }

                    @Override
                    public void failed(ConnectorException cause) {
                        failure.complete(cause);
                    }
                });
        source.run("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)");
        assertThat(failure).succeedsWithin(Duration.ofSeconds(60));
        reader.close();
        assertThat(pieces).hasValue(1);
    }

    @Test
    void closingInterruptsAReceiverThatBlocks() throws Exception {
        source.limits = new CaptureLimits(16, 0, 4, 1_000);
        Lsn from = source.publish("t");
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicInteger pieces = new AtomicInteger();
        CompletableFuture<ConnectorException> failure = new CompletableFuture<>();
        PostgresChangeSource reader = new PostgresChangeSource(source.settings(), from);
        reader.start(
                new ChangeSource.Receiver() {
                    @Override
                    public void receive(TransactionPiece piece) throws InterruptedException {
                        pieces.incrementAndGet();
                        blocked.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                            throw e;
                        }
                    }

                    @Override
                    public void failed(ConnectorException cause) {
                        failure.complete(cause);
                    }
                });
        source.run("INSERT INTO t SELECT i FROM generate_series(1, 1000) i");
        blocked.await();
        long begin = System.nanoTime();
        reader.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(8));
        assertThat(interrupted.getCount()).isZero();
        assertThat(pieces).hasValue(1);
        assertThat(failure).isNotDone();
        assertThat(source.read(from).transaction().changes()).hasSize(1_000);
    }

    @Test
    void closingFromWithinReceiveReturnsAtOnce() {
        Lsn from = source.publish("t");
        PostgresChangeSource reader = new PostgresChangeSource(source.settings(), from);
        AtomicInteger pieces = new AtomicInteger();
        CompletableFuture<Duration> closed = new CompletableFuture<>();
        reader.start(
                new ChangeSource.Receiver() {
                    @Override
                    public void receive(TransactionPiece piece) {
                        pieces.incrementAndGet();
                        long begin = System.nanoTime();
                        reader.close();
                        closed.complete(Duration.ofNanos(System.nanoTime() - begin));
                    }

                    @Override
                    public void failed(ConnectorException cause) {
                        closed.completeExceptionally(cause);
                    }
                });
        source.run("INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)");
        assertThat(closed)
                .succeedsWithin(Duration.ofSeconds(60))
                .satisfies(
                        took ->
                                assertThat(took)
                                        .isLessThan(
                                                Duration.ofSeconds(
                                                        5))); // waiting for itself would take 6 s
        reader.close();
        assertThat(pieces).hasValue(1);
        assertThat(source.read(from).transaction().changes()).hasSize(1);
    }

    @Test
    void aReaderThatWasNeverStartedIsClosed() {
        PostgresChangeSource reader =
                new PostgresChangeSource(source.settings(), source.publish("t"));
        reader.close();
        reader.close();
        assertThatThrownBy(() -> reader.start(new Reading(reader)))
                .isInstanceOf(ConnectorException.class);
    }

    @Test
    void closingWhileStartingEndsTheStart() throws Exception {
        Lsn from = source.publish("t");
        for (int delay = 0; delay < 400; delay += 57) {
            PostgresChangeSource reader = new PostgresChangeSource(source.settings(), from);
            CompletableFuture<Void> start =
                    CompletableFuture.runAsync(() -> reader.start(new Reading(reader)));
            CompletableFuture<Void> close =
                    CompletableFuture.runAsync(
                            reader::close,
                            CompletableFuture.delayedExecutor(
                                    delay, java.util.concurrent.TimeUnit.MILLISECONDS));
            assertThat(close).succeedsWithin(Duration.ofSeconds(60));
            await().atMost(Duration.ofSeconds(60)).until(start::isDone);
            await().atMost(Duration.ofSeconds(60)).until(() -> sessions() == 0);
        }
    }

    @Test
    void nothingIsLeftBehindOnTheServer() {
        Reading reading = source.read(source.publish("t"));
        source.run(
                "CREATE TYPE late AS ENUM ('x')",
                "ALTER TABLE t ADD e late",
                "INSERT INTO t VALUES (1, 'a', 'x')");
        reading.transaction();
        assertThat(sessions()).isPositive();
        reading.source.close();
        reading.source.close();
        await().atMost(Duration.ofSeconds(30)).until(() -> sessions() == 0);
        assertThat(reading.failure).isNotDone();
    }

    private int sessions() {
        return Integer.parseInt(
                source.ask(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s' AND application_name LIKE 'sluice %%'"
                                .formatted(source.database)));
    }

    private Reading started(
            java.util.function.Function<io.sluice.change.TableId, TableSchema> catalog) {
        Lsn from = source.publish("t");
        PostgresCaptureSettings s = source.settings();
        Reading reading =
                new Reading(
                        new PostgresChangeSource(
                                new PostgresCaptureSettings(
                                        s.host(),
                                        s.port(),
                                        s.database(),
                                        s.username(),
                                        s.password(),
                                        s.driverProperties(),
                                        s.pipeline(),
                                        s.slot(),
                                        s.publication(),
                                        s.origin(),
                                        catalog,
                                        s.errors(),
                                        s.limits()),
                                from));
        reading.source.start(reading);
        return reading;
    }
}
