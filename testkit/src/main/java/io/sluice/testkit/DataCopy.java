package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server's data as they were at a moment, to be put back later: what a storage snapshot is, or
 * what is left after a crash that took the last writes along. The server must stand still while its
 * data are copied ({@link DatabaseServer#pause} will do), and be stopped while they are put back.
 */
public final class DataCopy {
    private final Path data;
    private final Path copy;

    private DataCopy(Path data, Path copy) {
        this.data = data;
        this.copy = copy;
    }

    /**
     * Copies a folder beside itself; what the server's folder holds goes away with the server.
     *
     * @param data as the server tells it, by {@code @@datadir} for example
     */
    public static DataCopy of(Path data) {
        Path copy = data.resolveSibling("copy-" + System.nanoTime());
        copy(data, copy);
        return new DataCopy(data, copy);
    }

    /** May be done more than once. */
    public void putBack() {
        Folders.delete(data);
        copy(copy, data);
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> walk = Files.walk(from)) {
            List<Path> files = walk.filter(file -> !isSocket(file)).toList();
            for (Path file : files) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new ServerException("cannot copy " + from, e);
        }
    }

    private static boolean isSocket(Path file) {
        return !Files.isDirectory(file) && !Files.isRegularFile(file);
    }
}
