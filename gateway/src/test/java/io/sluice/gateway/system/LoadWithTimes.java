package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Lsn;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.MySqlServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A row every few milliseconds, each with the moment when its commit was answered, past all
 * proxies; so that what a gateway says of its RPO can be held against what the target lacks.
 */
final class LoadWithTimes implements AutoCloseable {

    /** How far the gateway may be behind the truth; beyond the moment between two looks. */
    private static final Duration TOLERANCE = Duration.ofSeconds(3);

    private static final String CONFIRMED =
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database ="
                    + " current_database()";

    private final TwoSites sites;
    private final NavigableMap<Long, Instant> committed = new ConcurrentSkipListMap<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("load").unstarted(this::run);
    private long known = 0;

    LoadWithTimes(TwoSites sites) {
        this.sites = sites;
        sites.onSource("CREATE TABLE tick (id bigint PRIMARY KEY, n int)");
    }

    void start() {
        thread.start();
    }

    /** The rows that were committed so far, each with the moment when that was answered. */
    NavigableMap<Long, Instant> committed() {
        return committed;
    }

    /** Waits until so many more rows are committed; the source may be down in between. */
    void awaitMore(int rows) {
        int before = committed.size();
        TwoSites.await(Duration.ofSeconds(180), () -> committed.size() >= before + rows);
    }

    void stop() throws InterruptedException {
        stop.countDown();
        thread.join();
    }

    /**
     * Looks for so long whether the pipeline says less than what is lost, and whether the source is
     * told of more than the target has.
     */
    void watch(Gateway gateway, Duration howLong) throws InterruptedException {
        Instant end = Instant.now().plus(howLong);
        while (Instant.now().isBefore(end)) {
            Instant looked = Instant.now();
            PipelineStatus status = Watching.status(gateway);
            assertThat(status.state())
                    .as("%s", status.failure())
                    .isNotEqualTo(PipelineState.FAILED);
            Instant oldest = oldestMissing();
            if (oldest != null && oldest.isBefore(looked)) {
                Duration truth = Duration.between(oldest, looked);
                assertThat(Objects.requireNonNull(status.exposure().age()).plus(TOLERANCE))
                        .as("%s of what is %s old", status.exposure(), truth)
                        .isGreaterThanOrEqualTo(truth);
            }
            if (sites.sourceServer.isRunning() && sites.targetServer.isRunning()) {
                requireConfirmedIsDurable();
            }
            stop.await(50, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * What the slot was told, asked for first, is on the target; asked for after. A MySQL source is
     * told nothing.
     */
    void requireConfirmedIsDurable() {
        if (sites.sourceServer instanceof MySqlServer) {
            return;
        }
        String confirmed;
        String checkpoint;
        try {
            confirmed = query(true, CONFIRMED);
            checkpoint = query(false, "SELECT position FROM sluice.checkpoint");
        } catch (AssertionError | RuntimeException e) {
            return; // one of them is down
        }
        assertThat(Lsn.parse(Objects.requireNonNull(checkpoint)))
                .isGreaterThanOrEqualTo(Lsn.parse(Objects.requireNonNull(confirmed)));
    }

    /** Of the oldest row that the target lacks; null where it lacks none. */
    private @Nullable Instant oldestMissing() {
        try {
            String arrived = query(false, "SELECT max(id) FROM tick");
            known = arrived == null ? known : Long.parseLong(arrived);
        } catch (AssertionError | RuntimeException e) {
            // The target does not answer; what it had last is what it has.
        }
        Map.Entry<Long, Instant> oldest = committed.higherEntry(known);
        return oldest == null ? null : oldest.getValue();
    }

    private @Nullable String query(boolean source, String sql) {
        var server = source ? sites.sourceServer : sites.targetServer;
        String database = source ? sites.sourceDatabase : sites.targetDatabase;
        String url =
                server.url(database)
                        + (server instanceof MySqlServer
                                ? "?socketTimeout=1000&connectTimeout=1000&sslMode=DISABLED"
                                        + "&allowPublicKeyRetrieval=true"
                                : "?socketTimeout=1&connectTimeout=1");
        try (Connection connection =
                        java.sql.DriverManager.getConnection(
                                url, server.superuser(), server.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void run() {
        long id = 0;
        while (stop.getCount() > 0) {
            try (Connection connection = sites.source();
                    Statement statement = connection.createStatement()) {
                while (stop.getCount() > 0) {
                    id++;
                    statement.execute("INSERT INTO tick VALUES (%d, %d)".formatted(id, id));
                    committed.put(id, Instant.now());
                    stop.await(20, TimeUnit.MILLISECONDS);
                }
            } catch (SQLException | RuntimeException e) {
                pause(); // the source is down
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void pause() {
        try {
            stop.await(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
