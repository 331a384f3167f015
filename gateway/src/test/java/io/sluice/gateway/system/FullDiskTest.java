package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * A full disk: the target's tables lie on a small file system in memory. To mount one takes root;
 * without it the test of PostgreSQL is left out, and MySQL's tables lie in a tablespace that may
 * not grow, which it refuses rows of with the same error.
 */
class FullDiskTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @Test
    void aFullDiskIsWaitedOutAndNothingIsLost() throws Exception {
        onASmallDisk(Pair.POSTGRES_TO_POSTGRES);
    }

    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> soItIsInTheOtherPairs() {
        return EveryPair.atOnce(
                List.of(Pair.POSTGRES_TO_MYSQL, Pair.MYSQL_TO_POSTGRES, Pair.MYSQL_TO_MYSQL),
                FullDiskTest::onASmallDisk);
    }

    private static void onASmallDisk(Pair pair) throws Exception {
        Path disk = Files.createTempDirectory("sluice-full-disk");
        try {
            if (pair.toMySql) {
                onMySql(pair, disk);
            } else {
                onPostgres(pair, disk);
            }
        } finally {
            command("umount", disk.toString());
            Files.deleteIfExists(disk);
        }
    }

    private static TwoSites into(DatabaseServer target, Pair pair) {
        TwoSites sites =
                TwoSites.between(
                        pair.fromMySql ? Servers.sharedMySql() : Servers.sharedPostgres(), target);
        sites.onSource(
                "CREATE TABLE t (id int PRIMARY KEY, v %s)"
                        .formatted(pair.fromMySql ? "longtext" : "text"));
        return sites.with("heartbeat: 200ms").tables("[\"*.t\"]");
    }

    /** A MySQL server's tables may only lie where it was told so at its start. */
    private static void onMySql(Pair pair, Path disk) throws Exception {
        boolean real = mounted(disk, String.valueOf(Files.getAttribute(disk, "unix:uid")));
        Map<String, String> settings =
                real
                        ? Map.of("innodb_directories", disk.toString())
                        : Map.of("innodb_data_file_path", "ibdata1:12M:autoextend:max:18M");
        String place =
                real ? " DATA DIRECTORY = '%s'".formatted(disk) : " TABLESPACE innodb_system";
        try (DatabaseServer target = Servers.mysql(Durability.FAST, settings)) {
            for (boolean byTheCopy : new boolean[] {true, false}) {
                try (TwoSites sites = into(target, pair)) {
                    fillAndMendMySql(pair, sites, place, byTheCopy);
                }
            }
        }
    }

    private static void fillAndMendMySql(Pair pair, TwoSites sites, String place, boolean byTheCopy)
            throws Exception {
        sites.onTarget(
                "CREATE TABLE filler (v longtext)" + place,
                "CREATE TABLE t (id int PRIMARY KEY, v longtext)" + place,
                "INSERT INTO filler VALUES (repeat('f', 9000000))");
        // In order, since pages that are split take up to twice the place, which is not there.
        String rows =
                "INSERT INTO t SELECT g, repeat('v', 8000) FROM %s ORDER BY g"
                        .formatted(pair.numbers(600));
        if (byTheCopy) {
            sites.onSource(rows);
        }
        try (Gateway gateway = new Gateway(sites.config())) {
            if (!byTheCopy) {
                Watching.awaitStreaming(gateway);
                sites.onSource(rows);
            }
            assertThat(Watching.awaitRetry(gateway).message())
                    .as(byTheCopy ? "in the copy" : "by the log")
                    .contains("error 1114", "full");
            assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("0");
            sites.onTarget("DROP TABLE filler");
            sites.awaitEqual(PATIENCE, List.of("public.t"));
        }
    }

    private static void onPostgres(Pair pair, Path disk) throws Exception {
        try (PostgresServer target = Servers.postgres(Durability.FAST);
                TwoSites sites = into(target, pair)) {
            Path data = Path.of(String.valueOf(sites.queryTarget("SHOW data_directory")));
            assumeTrue(
                    mounted(disk, String.valueOf(Files.getAttribute(data, "unix:uid"))),
                    "NOT TESTED: a full disk; mounting a small file system takes root on Linux");
            fillAndMend(pair, sites, disk);
        }
    }

    private static void fillAndMend(Pair pair, TwoSites sites, Path disk) throws Exception {
        sites.onTarget(
                "CREATE TABLESPACE small LOCATION '%s'".formatted(disk),
                "CREATE TABLE filler (v text) TABLESPACE small",
                "ALTER TABLE filler ALTER v SET STORAGE EXTERNAL",
                "CREATE TABLE t (id int PRIMARY KEY, v text) TABLESPACE small",
                "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
                "INSERT INTO filler SELECT repeat('f', 8000) FROM generate_series(1, 1500)");
        sites.onSource("INSERT INTO t SELECT g, repeat('v', 8000) FROM " + pair.numbers(600));
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitRetry(gateway).message())
                    .as("in the copy")
                    .contains("53100", "disk");
            sites.onTarget("DROP TABLE filler", "CHECKPOINT");
            Watching.awaitStreaming(gateway);
            sites.awaitEqual(PATIENCE, List.of("public.t"));
            // The last attempt's rows take their place until they are vacuumed away.
            sites.onTarget(
                    "VACUUM FULL t",
                    "CREATE TABLE filler (v text) TABLESPACE small",
                    "ALTER TABLE filler ALTER v SET STORAGE EXTERNAL",
                    "INSERT INTO filler SELECT repeat('f', 8000) FROM generate_series(1, 800)");
            sites.onSource(
                    "INSERT INTO t SELECT 600 + g, repeat('v', 8000) FROM " + pair.numbers(600));
            assertThat(Watching.awaitRetry(gateway).message())
                    .as("by the log")
                    .contains("53100", "disk");
            assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("600");
            sites.onTarget("DROP TABLE filler", "VACUUM FULL t", "CHECKPOINT");
            sites.awaitEqual(PATIENCE, List.of("public.t"));
        }
    }

    private static boolean mounted(Path folder, String uid) throws Exception {
        return command(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=16m,mode=700,uid=" + uid,
                "tmpfs",
                folder.toString());
    }

    private static boolean command(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such command
        }
    }
}
