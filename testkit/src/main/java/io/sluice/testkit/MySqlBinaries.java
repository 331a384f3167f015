package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An installation of MySQL's server.
 *
 * @param folder holds {@code usr/sbin/mysqld} with all its libraries, or {@code bin/mysqld}
 * @param version such as 9.7.4
 */
public record MySqlBinaries(Path folder, String version) {

    /**
     * The newest long-term version that can be had here: Debian's unstable package, fetched once
     * into the cache, or else {@link #old}, which the log tells with the reason.
     */
    public static MySqlBinaries newest() {
        return MySqlCache.newest();
    }

    /**
     * MySQL 8.0.15, which comes as a dependency. Where it is not to be had, the failure says why
     * and what to install.
     */
    public static MySqlBinaries old() {
        return MySqlCache.old();
    }

    /** The installation in a folder. */
    public static MySqlBinaries at(Path folder) {
        List<String> command = new ArrayList<>(program(folder));
        command.add("--version");
        // "/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))"
        String printed = Commands.run(command);
        String version = printed.replaceFirst("(?s)^.*?Ver (\\d+\\.\\d+\\.\\d+).*$", "$1");
        if (version.equals(printed)) {
            throw new ServerException("the mysqld in " + folder + " tells no version: " + printed);
        }
        return new MySqlBinaries(folder, version);
    }

    /** What starts the server, without the server's own options. */
    List<String> program() {
        return program(folder);
    }

    /** Where the server finds its own files, as its options tell it. */
    List<String> places() {
        if (!isPackage(folder)) {
            return List.of("--basedir=" + folder, "--lc-messages-dir=" + folder.resolve("share"));
        }
        Path usr = folder.resolve("usr");
        return List.of(
                "--basedir=" + usr,
                "--lc-messages-dir=" + usr.resolve("share/mysql"),
                "--plugin-dir=" + usr.resolve("lib/mysql/plugin"));
    }

    /** A package is newer than the machine's C library, and brings its own with its loader. */
    private static List<String> program(Path folder) {
        if (!isPackage(folder)) {
            return List.of(folder.resolve("bin/mysqld").toString());
        }
        String server = folder.resolve("usr/sbin/mysqld").toString();
        return library(folder, "ld-linux*.so.*")
                .map(
                        loader ->
                                List.of(
                                        loader.toString(),
                                        "--library-path",
                                        String.valueOf(loader.getParent()),
                                        server))
                .orElse(List.of(server));
    }

    /** A library that a package brought. */
    static Optional<Path> library(Path folder, String pattern) {
        Path libraries = folder.resolve("usr/lib");
        try (DirectoryStream<Path> machines = Files.newDirectoryStream(libraries, "*-linux-*")) {
            for (Path machine : machines) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(machine, pattern)) {
                    for (Path file : found) {
                        return Optional.of(file);
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new ServerException("cannot look into " + libraries, e);
        }
    }

    private static boolean isPackage(Path folder) {
        return Files.exists(folder.resolve("usr/sbin/mysqld"));
    }
}
