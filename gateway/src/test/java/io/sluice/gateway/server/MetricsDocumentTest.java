package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsDocumentTest {

    @Test
    void theDocumentedMetricsAreThoseThatTheGatewayHas() throws IOException {
        String document =
                Files.readString(
                        Path.of(System.getProperty("sluice.root"), "docs", "operations.md"));
        String table =
                document.substring(document.indexOf("## Metrics"), document.indexOf("All carry"));
        Set<String> documented =
                Pattern.compile("sluice_[a-z_]+")
                        .matcher(table)
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toSet());
        assertThat(documented).containsExactlyInAnyOrderElementsOf(names());
    }

    private static Set<String> names() {
        return Arrays.stream(MetricNames.class.getDeclaredFields())
                .filter(field -> field.getType() == String.class)
                .map(MetricsDocumentTest::value)
                .collect(Collectors.toSet());
    }

    private static String value(Field field) {
        try {
            return (String) field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
