package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Unpacks a package of Debian's unstable suite, with all that it needs, into a folder: from the
 * mirror that this machine's own apt reads, and without a change to the machine's lists or
 * packages. Needs no root.
 */
final class DebianPackages {
    private static final String SUITE = "sid";
    private static final Path KEYS = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");
    private static final Pattern MIRROR = Pattern.compile("'(\\S+/debian/?)/dists/");

    private final Path work;

    private DebianPackages(Path work) {
        this.work = work;
    }

    /** A failure says what is missing here. */
    static void unpack(String name, Path folder) throws IOException {
        if (!Files.isReadable(KEYS)) {
            throw new ServerException("there are no keys of Debian's archive at " + KEYS);
        }
        Path work = Files.createTempDirectory("sluice-packages-");
        try {
            new DebianPackages(work).download(name);
            for (Path archive : archives(work)) {
                // Scripts are not run, so that their interpreter is not needed.
                if (!archive.getFileName().toString().contains("perl")) {
                    Commands.run(List.of("dpkg-deb", "-x", archive.toString(), folder.toString()));
                }
            }
        } finally {
            Folders.delete(work);
        }
    }

    /** Apt takes the machine for an empty one, and so fetches all down to the C library. */
    private void download(String name) throws IOException {
        String mirror = mirror();
        Files.createDirectories(work.resolve("lists/partial"));
        Files.createDirectories(work.resolve("cache/archives/partial"));
        Files.createFile(work.resolve("status"));
        Files.writeString(
                work.resolve("sources.list"),
                "deb [signed-by=" + KEYS + "] " + mirror + " " + SUITE + " main\n");
        apt("update");
        apt("install", "-y", "--download-only", "--no-install-recommends", name);
    }

    private static String mirror() {
        List<String> command =
                List.of("apt-get", "-o", "Debug::NoLocking=1", "update", "--print-uris");
        Matcher matcher = MIRROR.matcher(Commands.run(command));
        if (!matcher.find()) {
            throw new ServerException("apt's sources on this machine name no mirror of Debian");
        }
        return matcher.group(1);
    }

    private void apt(String... arguments) {
        List<String> command = new ArrayList<>(List.of("apt-get", "-qq"));
        for (String option :
                List.of(
                        "Dir::Etc::SourceList=" + work.resolve("sources.list"),
                        "Dir::Etc::SourceParts=/dev/null",
                        "Dir::State=" + work,
                        "Dir::State::Lists=" + work.resolve("lists"),
                        "Dir::State::status=" + work.resolve("status"),
                        "Dir::Cache=" + work.resolve("cache"),
                        "APT::Sandbox::User=root", // another could not write to this folder
                        "Debug::NoLocking=1",
                        "Acquire::Retries=3")) {
            command.addAll(List.of("-o", option));
        }
        command.addAll(List.of(arguments));
        Commands.run(command);
    }

    private static List<Path> archives(Path work) throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("cache/archives"))) {
            return files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
        }
    }
}
