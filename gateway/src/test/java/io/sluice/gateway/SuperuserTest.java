package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The gateway needs no superuser: wherever one of these sources has the name of a server's
 * superuser, a reason stands here. Statements of a test's own need none: they go by {@code
 * DatabaseServer.connect}.
 */
class SuperuserTest {

    private static final Path ROOT = Path.of(System.getProperty("sluice.root"));

    private static final Map<String, String> REASONS =
            Map.of(
                    "DemoCommand", "shows whom a person may look around as",
                    "LaggingStandbyTest", "the servers' own replication to each other",
                    "LoadWithTimes", "the application, which writes to the source",
                    "MySqlFailoverTest", "the servers' own replication to each other");

    @Test
    void theGatewayNeverLogsInAsTheSuperuser() throws IOException {
        List<String> having = new ArrayList<>();
        for (String folder :
                List.of("connectors/src/test", "gateway/src/test", "gateway/src/main")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (Files.readString(file).contains(".superuser" + "()")) {
                        having.add(file.getFileName().toString().replace(".java", ""));
                    }
                }
            }
        }
        assertThat(having).containsExactlyInAnyOrderElementsOf(REASONS.keySet());
    }
}
