package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.DataCopy;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The log of a MySQL source does not continue where the target stands: the pipeline stops and says
 * what is missing and how to copy again. A log that does continue is followed, whoever serves it.
 */
final class MySqlLogGapTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private TwoSites sites;

    /** A target that is equal to its source, and no gateway. */
    private void replicated(Pair pair) throws InterruptedException {
        sites = pair.sites(Durability.FAST).with("heartbeat: 200ms");
        sites.onSource(
                "CREATE TABLE item (id int PRIMARY KEY, name varchar(20))",
                "INSERT INTO item VALUES (1, 'one')");
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO item VALUES (2, 'two')");
            sites.awaitOnTarget("SELECT count(*) FROM item", "2");
        }
    }

    @AfterEach
    void close() {
        sites.close();
    }

    @Test
    void aLogThatWasPurgedIsAGapUntilItIsCopiedAgain() throws Exception {
        replicated(Pair.MYSQL_TO_POSTGRES);
        sites.onSource(
                "INSERT INTO item VALUES (3, 'lost')",
                "FLUSH BINARY LOGS",
                "FLUSH BINARY LOGS",
                "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY");
        requireGap(sites.config(), "has removed these transactions from its log");
        requireRecopyHeals();
    }

    /** The GTIDs begin anew too, so that the next rows would pass for those that are applied. */
    @Test
    void aLogThatIsResetUnderARunningGatewayIsAGap() throws Exception {
        replicated(Pair.MYSQL_TO_MYSQL);
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("RESET BINARY LOGS AND GTIDS", "INSERT INTO item VALUES (3, 'lost')");
            requireGap(gateway, "was reset");
            assertThat(sites.queryTarget("SELECT count(*) FROM item")).isEqualTo("2");
        }
        requireRecopyHeals();
    }

    @Test
    void anotherServerUnderTheSameAddressIsAGap() throws Exception {
        replicated(Pair.MYSQL_TO_POSTGRES);
        try (MySqlServer other = Servers.mysql(Durability.FAST)) {
            sites.alsoSourceOn(other);
            for (String sql :
                    List.of(
                            "CREATE TABLE item (id int PRIMARY KEY, name varchar(20))",
                            "INSERT INTO item VALUES (7, 'of another')")) {
                TwoSites.run(other.connect(sites.sourceDatabase), sql);
            }
            String yaml =
                    sites.yaml()
                            .replace(
                                    ":" + sites.sourceServer.port() + "/",
                                    ":" + other.port() + "/");
            requireGap(ConfigReader.read("test", yaml, name -> null), "or is another one");
        }
    }

    /**
     * What an operating system's crash leaves where the log is not forced to disk, or a restore.
     */
    @Test
    void aSourceThatLostItsLastTransactionsIsAGapAlsoOnceItHasWrittenAsMany() throws Exception {
        replicated(Pair.MYSQL_TO_POSTGRES);
        DataCopy crashed = snapshot();
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO item VALUES (3, 'lost'), (4, 'lost')");
            sites.awaitOnTarget("SELECT count(*) FROM item", "4");
            sites.sourceServer.kill();
            crashed.putBack();
            sites.sourceServer.start();
            sites.onSource(
                    "INSERT INTO item VALUES (5, 'other')", "INSERT INTO item VALUES (6, 'other')");
            requireGap(gateway, "in a crash");
        }
        requireGap(sites.config(), "gave GTIDs out once more");
        assertThat(sites.queryTarget("SELECT count(*) FROM item")).isEqualTo("4");
        requireRecopyHeals();
    }

    @Test
    void aServerThatIsCalledOtherwiseAndHasTheSameHistoryIsFollowed() throws Exception {
        replicated(Pair.MYSQL_TO_POSTGRES);
        Path identity = dataFolder().resolve("auto.cnf");
        sites.sourceServer.kill();
        Files.delete(identity);
        sites.sourceServer.start();
        sites.onSource("SET GLOBAL server_id = 4711", "INSERT INTO item VALUES (3, 'three')");
        String uuid = sites.querySource("SELECT @@server_uuid");
        for (int id = 4; id < 6; id++) {
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitState(gateway, PipelineState.STREAMING, PATIENCE);
                sites.onSource("INSERT INTO item VALUES (%d, 'more')".formatted(id));
                sites.awaitEqual(PATIENCE, List.of("item"));
            }
            assertThat(sites.queryTarget("SELECT source_identity FROM sluice.checkpoint"))
                    .isEqualTo("mysql:" + uuid);
        }
    }

    private DataCopy snapshot() {
        Path data = dataFolder();
        sites.sourceServer.pause();
        try {
            return DataCopy.of(data);
        } finally {
            sites.sourceServer.resume();
        }
    }

    private Path dataFolder() {
        return Path.of(Objects.requireNonNull(sites.querySource("SELECT @@datadir")));
    }

    private void requireGap(SluiceConfig config, String why) throws InterruptedException {
        try (Gateway gateway = new Gateway(config)) {
            requireGap(gateway, why);
        }
    }

    /** It fails with the gap and the command, and the target stays as it was. */
    private void requireGap(Gateway gateway, String why) {
        Failure failure = Watching.awaitFailed(gateway);
        assertThat(failure.message())
                .contains(why)
                .contains("sluice recopy -c FILE '%s'".formatted(sites.pipeline()));
        assertThat(failure.gap()).as(failure.message()).isNotNull();
        assertThat(Objects.requireNonNull(failure.gap()).from())
                .isEqualTo(sites.queryTarget("SELECT position FROM sluice.checkpoint"));
        assertThat(failure.gap().to()).isNotBlank();
    }

    private void requireRecopyHeals() throws Exception {
        Recopying.order(sites);
        try (Gateway gateway = new Gateway(sites.config())) {
            Watching.awaitStreaming(gateway);
            sites.onSource("INSERT INTO item VALUES (200, 'after the copy')");
            sites.awaitEqual(PATIENCE, List.of("item"));
        }
    }
}
