package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real full disk: the target's tables lie on a small file system in memory. */
class FullDiskTest {

    @Test
    void aFullDiskIsWaitedOutAndNothingIsLost() throws Exception {
        Path disk = Files.createTempDirectory("sluice-full-disk");
        try (TwoSites sites = TwoSites.ownServers(Durability.FAST).with("heartbeat: 200ms")) {
            String owner =
                    String.valueOf(
                            Files.getAttribute(
                                    Path.of(
                                            String.valueOf(
                                                    sites.queryTarget("SHOW data_directory"))),
                                    "unix:uid"));
            assumeTrue(
                    mounted(disk, owner),
                    "NOT TESTED: a full disk; mounting a small file system takes root on Linux");
            try {
                fillAndMend(sites, disk);
            } finally {
                sites.targetServer.stop();
                command("umount", disk.toString());
            }
        } finally {
            Files.deleteIfExists(disk);
        }
    }

    /** Its tables may only lie where the server was told so at its start. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("slow")
    void aFullDiskOfMySqlIsWaitedOutAndNothingIsLost(boolean byTheCopy) throws Exception {
        Path disk = Files.createTempDirectory("sluice-full-disk");
        assumeTrue(
                mounted(disk, String.valueOf(Files.getAttribute(disk, "unix:uid"))),
                "NOT TESTED: a full disk; mounting a small file system takes root on Linux");
        try (TwoSites sites =
                TwoSites.ownServers(
                        Servers.postgres(Durability.FAST),
                        Servers.mysql(
                                Durability.FAST, Map.of("innodb_directories", disk.toString())))) {
            fillAndMendMySql(sites.with("heartbeat: 200ms"), disk, byTheCopy);
        } finally {
            command("umount", disk.toString());
            Files.deleteIfExists(disk);
        }
    }

    private static void fillAndMendMySql(TwoSites sites, Path disk, boolean byTheCopy)
            throws Exception {
        String place = " DATA DIRECTORY = '%s'".formatted(disk);
        sites.onTarget(
                "CREATE TABLE filler (v longtext)" + place,
                "CREATE TABLE t (id int PRIMARY KEY, v longtext)" + place,
                "INSERT INTO filler VALUES (repeat('f', 9000000))");
        sites.tables("[\"public.t\"]");
        sites.onSource("CREATE TABLE t (id int PRIMARY KEY, v text)");
        String rows = "INSERT INTO t SELECT i, repeat('v', 8000) FROM generate_series(1, 600) i";
        if (byTheCopy) {
            sites.onSource(rows);
        }
        try (Gateway gateway = new Gateway(sites.config())) {
            if (!byTheCopy) {
                Watching.awaitStreaming(gateway);
                sites.onSource(rows);
            }
            assertThat(Watching.awaitRetry(gateway).message()).contains("error 1114", "full");
            assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("0");
            sites.onTarget("DROP TABLE filler");
            sites.awaitEqual(Duration.ofSeconds(40), List.of("public.t"));
        }
    }

    private static void fillAndMend(TwoSites sites, Path disk) throws Exception {
        sites.onTarget(
                "CREATE TABLESPACE small LOCATION '%s'".formatted(disk),
                "CREATE TABLE filler (v text) TABLESPACE small",
                "ALTER TABLE filler ALTER v SET STORAGE EXTERNAL",
                "CREATE TABLE t (id int PRIMARY KEY, v text) TABLESPACE small",
                "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
                "INSERT INTO filler SELECT repeat('f', 8000) FROM generate_series(1, 1500)");
        sites.tables("[\"public.t\"]");
        sites.onSource(
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO t SELECT i, repeat('v', 8000) FROM generate_series(1, 600) i");
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitRetry(gateway).message())
                    .as("in the copy")
                    .contains("53100", "disk");
            sites.onTarget("DROP TABLE filler", "CHECKPOINT");
            Watching.awaitStreaming(gateway);
            sites.awaitEqual(Duration.ofSeconds(40), List.of("public.t"));
            // The last attempt's rows take their place until they are vacuumed away.
            sites.onTarget(
                    "VACUUM FULL t",
                    "CREATE TABLE filler (v text) TABLESPACE small",
                    "ALTER TABLE filler ALTER v SET STORAGE EXTERNAL",
                    "INSERT INTO filler SELECT repeat('f', 8000) FROM generate_series(1, 800)");
            sites.onSource(
                    "INSERT INTO t SELECT i, repeat('v', 8000) FROM generate_series(601, 1200) i");
            assertThat(Watching.awaitRetry(gateway).message())
                    .as("by the log")
                    .contains("53100", "disk");
            assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("600");
            sites.onTarget("DROP TABLE filler", "VACUUM FULL t", "CHECKPOINT");
            sites.awaitEqual(Duration.ofSeconds(40), List.of("public.t"));
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
