import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/** Adds up the test reports of all modules. Run as a source file by the last module of the build. */
class TestTotals {

    public static void main(String[] args) throws Exception {
        int run = 0;
        int failed = 0;
        int skipped = 0;
        double seconds = 0;
        for (Path report : reports(Path.of(args[0]))) {
            Element suite =
                    DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(report.toFile())
                            .getDocumentElement();
            run += number(suite, "tests");
            failed += number(suite, "failures") + number(suite, "errors");
            skipped += number(suite, "skipped");
            seconds += Double.parseDouble(suite.getAttribute("time").replace(",", ""));
        }
        System.out.printf("Tests took %.0f s.%n", seconds);
        System.out.printf("%d passed, %d failed, %d skipped%n", run - failed - skipped, failed, skipped);
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root, 4)) {
            return files.filter(f -> f.toString().matches(".*/target/surefire-reports/TEST-.*\\.xml"))
                    .toList();
        }
    }

    private static int number(Element suite, String attribute) {
        return Integer.parseInt(suite.getAttribute(attribute));
    }
}
