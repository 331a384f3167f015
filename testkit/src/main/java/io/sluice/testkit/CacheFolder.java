package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A user's folder for what is made once and used by many runs.
 *
 * <p>Each entry is a folder that is filled beside its place and renamed into it, so that it is
 * whole wherever it exists; of several processes that do so at once the first wins and the others
 * drop theirs. Safe for use by several threads.
 */
final class CacheFolder {
    static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    private CacheFolder() {}

    /** Makes the content of an entry. */
    @FunctionalInterface
    interface Filling {
        void fill(Path folder) throws IOException;
    }

    /** The entry of that name, filled now where it is not there yet. */
    static Path filled(String name, Filling filling) throws IOException {
        Path folder = root().resolve(name);
        if (!Files.isDirectory(folder)) {
            fill(folder, filling);
        }
        return folder;
    }

    private static void fill(Path folder, Filling filling) throws IOException {
        Path fresh = Files.createTempDirectory(folder.toAbsolutePath().getParent(), "unpack-");
        try {
            filling.fill(fresh);
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

    /**
     * As root, a server may run as somebody who cannot look into root's home, so that the cache
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
}
