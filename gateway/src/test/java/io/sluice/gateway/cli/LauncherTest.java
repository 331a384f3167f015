package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program at the checkout's root, from nothing but the sources. */
@Tag("slow")
class LauncherTest {

    private static final Path ROOT = Path.of(System.getProperty("sluice.root"));
    private static final int MINUTES = 8;
    private static final Set<String> NO_SOURCES = Set.of("target", ".git", ".idea", ".vscode");

    /** What the Maven and the shell that run this test say to their own programs. */
    private static final List<String> NOT_INHERITED =
            List.of("MAVEN_CMD_LINE_ARGS", "MAVEN_PROJECTBASEDIR", "SLUICE_QUIET");

    @TempDir private Path folder;

    private record Answer(int exit, String out, String err) {}

    @Test
    void sourcesAloneBecomeADemoWithOneCommandAndAreBuiltOnlyOnce() throws Exception {
        Path checkout = folder.resolve("a checkout");
        copySources(checkout);

        Answer demo = sluice(checkout, "demo", "--duration", "5s");

        assertThat(demo.exit()).as(demo.toString()).isZero();
        assertThat(demo.out()).contains("All sides are equal, row by row.");
        assertThat(demo.err()).contains("Building Sluice").hasLineCount(1);
        List<FileTime> built = built(checkout);

        Answer version = sluice(checkout, "--version");

        assertThat(version.exit()).as(version.toString()).isZero();
        assertThat(version.out()).startsWith("sluice 0.").hasLineCount(1);
        assertThat(version.err()).isEmpty();
        assertThat(built(checkout)).isEqualTo(built);
    }

    /** When the mark of the build, and what it marks, were written. */
    private static List<FileTime> built(Path checkout) throws IOException {
        Path target = checkout.resolve("gateway/target");
        List<FileTime> times = new ArrayList<>();
        times.add(Files.getLastModifiedTime(target.resolve("sluice-built")));
        try (Stream<Path> files = Files.walk(target.resolve("classes"))) {
            for (Path file : files.sorted().toList()) {
                times.add(Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    private Answer sluice(Path checkout, String... arguments) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> command = new ArrayList<>(List.of(checkout.resolve("sluice").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().keySet().removeAll(NOT_INHERITED);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES))
                    .as("%s ended in %d minutes", command, MINUTES)
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
        return new Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static void copySources(Path checkout) throws Exception {
        for (Path source : sources()) {
            Path copy = checkout.resolve(ROOT.relativize(source).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(source, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** What git knows or would add; where there is no git, all that no build has made. */
    private static List<Path> sources() throws Exception {
        List<Path> known = git();
        if (!known.isEmpty()) {
            return known;
        }
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(Files::isRegularFile).filter(LauncherTest::isSource).toList();
        }
    }

    private static List<Path> git() throws Exception {
        Process git;
        try {
            git =
                    new ProcessBuilder("git", "ls-files", "-coz", "--exclude-standard")
                            .directory(ROOT.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            return List.of(); // not installed
        }
        String names = new String(git.getInputStream().readAllBytes());
        return git.waitFor() == 0
                ? Stream.of(names.split("\0"))
                        .filter(name -> !name.isEmpty())
                        .map(ROOT::resolve)
                        .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                        .toList()
                : List.of();
    }

    private static boolean isSource(Path file) {
        for (Path part : ROOT.relativize(file)) {
            if (NO_SOURCES.contains(part.toString())) {
                return false;
            }
        }
        return true;
    }
}
