package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An installation of PostgreSQL's programs.
 *
 * @param folder holds {@code bin/postgres} and {@code bin/initdb}
 * @param major the major version, such as 18
 * @param locales a folder of locales that its servers have instead of the machine's; null for those
 */
public record PostgresBinaries(Path folder, int major, @Nullable Path locales) {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** The build that comes as a dependency, unpacked into the cache at its first use. */
    public static PostgresBinaries embedded() {
        return at(BinaryCache.embedded());
    }

    /** The installation in a folder. */
    public static PostgresBinaries at(Path folder) {
        String version = Commands.run(List.of(folder.resolve("bin/postgres").toString(), "-V"));
        // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
        String number = version.replaceFirst("^.*\\(PostgreSQL\\) (\\d+)[\\s\\S]*$", "$1");
        return new PostgresBinaries(folder, Integer.parseInt(number), null);
    }

    /**
     * The same programs with these locales and {@code C.UTF-8} alone. They are compiled, once, from
     * the sources that the machine's C library comes with.
     *
     * @param names such as {@code de_DE.UTF-8}
     */
    public PostgresBinaries withLocales(List<String> names) {
        return new PostgresBinaries(folder, major, LocaleCache.compiled(names));
    }

    /** The servers that Debian's and Ubuntu's packages installed here, the oldest first. */
    public static List<PostgresBinaries> installed() {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(folder -> Files.isExecutable(folder.resolve("bin/postgres")))
                    .filter(folder -> Files.isExecutable(folder.resolve("bin/initdb")))
                    .map(PostgresBinaries::at)
                    .sorted(Comparator.comparingInt(PostgresBinaries::major))
                    .toList();
        } catch (IOException e) {
            throw new ServerException("cannot list " + DEBIAN, e);
        }
    }

    String program(String name) {
        return folder.resolve("bin").resolve(name).toString();
    }
}
