package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Prometheus' own checker of rules and of their tests: the machine's, or else Debian's, which is
 * fetched once into the cache. Safe for use by several threads.
 */
public final class Promtool {

    private static final String NAME = "promtool";

    private final List<String> program;

    private Promtool(List<String> program) {
        this.program = program;
    }

    /** Where it is not to be had, the failure says why and what to install. */
    public static Promtool find() {
        List<Path> installed =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                        .map(folder -> Path.of(folder, NAME))
                        .filter(Files::isExecutable)
                        .toList();
        if (!installed.isEmpty()) {
            return new Promtool(List.of(installed.getFirst().toString()));
        }
        try {
            Path folder =
                    CacheFolder.filled(
                            NAME + "-debian-" + System.getProperty("os.arch"),
                            fresh -> DebianPackages.unpack(NAME, fresh));
            return new Promtool(packaged(folder));
        } catch (IOException | ServerException e) {
            throw new ServerException(
                    "promtool is not to be had here; install Prometheus: " + e.getMessage(), e);
        }
    }

    /** The package is newer than the machine's C library, and comes with its own. */
    private static List<String> packaged(Path folder) {
        String tool = folder.resolve("usr/bin").resolve(NAME).toString();
        return MySqlBinaries.library(folder, "ld-linux*.so.*")
                .map(
                        loader ->
                                List.of(
                                        loader.toString(),
                                        "--library-path",
                                        String.valueOf(loader.getParent()),
                                        tool))
                .orElse(List.of(tool));
    }

    /** Runs it and returns what it printed; where it finds a fault, the failure carries that. */
    public String run(String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        return Commands.run(command);
    }
}
