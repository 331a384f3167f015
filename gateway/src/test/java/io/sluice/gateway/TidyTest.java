package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The repository's habits that no compiler knows. */
class TidyTest {

    private static final Path ROOT = Path.of(System.getProperty("sluice.root"));
    private static final Pattern POOR_NAME =
            Pattern.compile("(Abstract|Base)\\w+|\\w*(Manager|Helper|Utils?|Impl)");

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        assertThat(
                        mainSources().stream()
                                .map(Path::getParent)
                                .distinct()
                                .filter(p -> Files.notExists(p.resolve("package-info.java"))))
                .isEmpty();
    }

    @Test
    void noClassIsNamedForNothing() throws IOException {
        assertThat(
                        mainSources().stream()
                                .map(p -> p.getFileName().toString().replace(".java", ""))
                                .filter(name -> POOR_NAME.matcher(name).matches()))
                .isEmpty();
    }

    @Test
    void nothingIsLeftForLater() throws IOException {
        Pattern leftover = Pattern.compile("\\b(TODO|FIXME|XXX)\\b|printStackTrace\\(\\)");
        assertThat(
                        mainSources().stream()
                                .filter(p -> leftover.matcher(text(p)).find())
                                .map(ROOT::relativize))
                .isEmpty();
    }

    @Test
    void aFileHoldsOneIdea() throws IOException {
        assertThat(mainSources().stream().filter(p -> text(p).lines().count() > 400)).isEmpty();
    }

    @Test
    void noTestIsSwitchedOffOrWaitsByTheClock() throws IOException {
        Pattern wrong = Pattern.compile("@" + "Disabled|Thread\\." + "sleep\\(");
        assertThat(
                        sources("src/test/java").stream()
                                .filter(p -> wrong.matcher(text(p)).find())
                                .map(ROOT::relativize))
                .isEmpty();
    }

    @Test
    void theDocumentsLinkToWhatIsThere() throws IOException {
        Pattern link = Pattern.compile("]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");
        for (Path document : documents()) {
            assertThat(
                            link.matcher(text(document))
                                    .results()
                                    .map(m -> document.resolveSibling(m.group(1)))
                                    .filter(Files::notExists))
                    .as(ROOT.relativize(document).toString())
                    .isEmpty();
        }
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")),
                            docs.filter(p -> p.toString().endsWith(".md")))
                    .toList();
        }
    }

    private static List<Path> mainSources() throws IOException {
        return sources("src/main/java");
    }

    private static List<Path> sources(String folder) throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve(folder))
                    .filter(Files::isDirectory)
                    .flatMap(TidyTest::javaFiles)
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(p -> p.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
