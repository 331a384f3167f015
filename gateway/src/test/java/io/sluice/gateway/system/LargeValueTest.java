package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Single values of hundreds of megabytes arrive equal, or are refused by name. */
@Tag("slow")
final class LargeValueTest {

    private static final Map<String, String> ROOM =
            Map.of("max_allowed_packet", "1G", "innodb_redo_log_capacity", "4G");

    private static final Duration LONGEST = Duration.ofMinutes(4);

    @TempDir private Path folder;

    private static DatabaseServer server(boolean mysql) {
        return mysql ? Servers.mysql(Durability.FAST, ROOM) : Servers.postgres(Durability.FAST);
    }

    @ParameterizedTest
    @EnumSource
    void valuesOf200MegabytesArriveByTheCopyAndByTheLog(Pair pair) throws Exception {
        try (TwoSites sites = TwoSites.ownServers(server(pair.fromMySql), server(pair.toMySql))) {
            sites.onSource(
                    table(pair),
                    "INSERT INTO big VALUES (1, %s, NULL)".formatted(bytes(pair, 200)));
            sites.onSource("INSERT INTO big VALUES (2, NULL, %s)".formatted(text(200)));
            try (GatewayProcess gateway =
                    GatewayProcess.startWith(
                            List.of("-Xmx4g", "-XX:TieredStopAtLevel=4"),
                            "run",
                            "-c",
                            sites.configFile(folder).toString())) {
                awaitRows(sites, gateway, 1, 2);
                sites.onSource("INSERT INTO big SELECT id + 10, b, t FROM big WHERE id = 1");
                sites.onSource("INSERT INTO big SELECT id + 10, b, t FROM big WHERE id = 2");
                awaitRows(sites, gateway, 11, 12);
            }
        }
    }

    private static void awaitRows(TwoSites sites, GatewayProcess gateway, int... ids) {
        for (int id : ids) {
            String expected = sites.querySource(digest(sites.sourceServer, id));
            assertThat(expected).isNotNull();
            String digest = digest(sites.targetServer, id);
            try {
                TwoSites.await(LONGEST, () -> expected.equals(sites.queryTarget(digest)));
            } catch (ConditionTimeoutException e) {
                throw new AssertionError("row " + id + " never came; " + gateway.errors(), e);
            }
        }
    }

    private static String digest(DatabaseServer server, int id) {
        return "SELECT concat_ws(' ', %s, octet_length(b), octet_length(t)) FROM big WHERE id = %d"
                .formatted(
                        server instanceof MySqlServer
                                ? "sha2(b, 256), sha2(t, 256)"
                                : "encode(sha256(b), 'hex'), encode(sha256(convert_to(t, 'UTF8')), 'hex')",
                        id);
    }

    /** Of the tests' memory, that is: a gigabyte. */
    @Test
    void whatTheGatewaysMemoryDoesNotTakeIsRefusedWithItsSizeAndTheSetting() throws Exception {
        try (TwoSites sites = TwoSites.shared()) {
            sites.onSource(
                    table(Pair.POSTGRES_TO_POSTGRES),
                    // With a column that travels as text, all of the row does.
                    "ALTER TABLE big ADD COLUMN price money",
                    "INSERT INTO big VALUES (1, %s, NULL)"
                            .formatted(bytes(Pair.POSTGRES_TO_POSTGRES, 150)));
            refused(sites, "id=1", "MiB", "SLUICE_JAVA_OPTS");
            sites.onSource("UPDATE big SET b = NULL");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource("INSERT INTO big VALUES (2, NULL, %s)".formatted(text(80)));
                assertRefused(Watching.awaitFailed(gateway), "id=2", "MiB", "SLUICE_JAVA_OPTS");
            }
        }
    }

    private static void refused(TwoSites sites, String key, String... said)
            throws InterruptedException {
        try (Gateway gateway = new Gateway(sites.config())) {
            assertRefused(Watching.awaitFailed(gateway), key, said);
        }
    }

    private static void assertRefused(Failure failure, String key, String... said) {
        assertThat(failure.table()).as(failure.message()).endsWith("big");
        assertThat(failure.key()).isEqualTo(key);
        assertThat(failure.message()).contains(said);
    }

    private static String table(Pair pair) {
        return "CREATE TABLE big (id int PRIMARY KEY, b %s, t %s)"
                .formatted(
                        pair.fromMySql ? "longblob" : "bytea",
                        pair.fromMySql ? "longtext" : "text");
    }

    private static String bytes(Pair pair, int mebibytes) {
        return (pair.fromMySql
                        ? "repeat(X'00FE5C270A0D0980FF41C3A9F09F9880', %d)"
                        : "decode(repeat('00FE5C270A0D0980FF41C3A9F09F9880', %d), 'hex')")
                .formatted(mebibytes << 16);
    }

    private static String text(int mebibytes) {
        return "repeat('h\u00e4\u00df w\u00f6rds 123', %d)".formatted(mebibytes << 16);
    }
}
