package io.sluice.gateway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The files of {@code deploy/}, read. */
final class Deployed {

    static final Path ROOT = Path.of(System.getProperty("sluice.root"));
    static final Path ALERTS = ROOT.resolve("deploy/prometheus/alerts.yml");

    private static final Path DASHBOARDS = ROOT.resolve("deploy/grafana/dashboards");

    /** An alert of {@link #ALERTS}. */
    record Alert(String name, String query, String summary, String runbook) {}

    private Deployed() {}

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> yaml(Path file) {
        return new Yaml().load(text(file));
    }

    static List<Path> dashboards() {
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Alert> alerts() {
        return list(yaml(ALERTS).get("groups")).stream()
                .flatMap(group -> list(map(group).get("rules")).stream())
                .map(Deployed::map)
                .map(Deployed::alert)
                .toList();
    }

    private static Alert alert(Map<String, Object> rule) {
        Map<String, Object> annotations = map(rule.get("annotations"));
        return new Alert(
                (String) rule.get("alert"),
                (String) rule.get("expr"),
                (String) annotations.get("summary"),
                (String) annotations.get("runbook"));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return value == null ? List.of() : (List<Object>) value;
    }

    static List<String> texts(Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }
}
