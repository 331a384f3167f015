package io.sluice.gateway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docker-compose.yml says is so. */
class ComposeTest {

    private static final Map<String, Object> COMPOSE =
            Deployed.yaml(Deployed.ROOT.resolve("docker-compose.yml"));
    private static final Map<String, Object> SERVICES = Deployed.map(COMPOSE.get("services"));
    private static final Map<String, Object> SECRETS = Deployed.map(COMPOSE.get("secrets"));
    private static final Pattern SECRET_USED = Pattern.compile("/run/secrets/(\\w+)");
    private static final Path SECRET_FILES = Deployed.ROOT.resolve("deploy/compose/secrets");
    private static final Path CONFIGURATION = Deployed.ROOT.resolve("deploy/compose/gateway.yaml");
    private static final Path DOCKERFILE = Deployed.ROOT.resolve("deploy/docker/Dockerfile");

    @Test
    void itStartsTheRegionsTheGatewayALoadAndWhatWatches() {
        assertThat(SERVICES)
                .containsOnlyKeys(
                        "east", "west", "south", "gateway", "load", "prometheus", "grafana");
    }

    @Test
    void whatItMountsAndBuildsFromIsThere() {
        for (String name : SERVICES.keySet()) {
            for (String volume : Deployed.texts(service(name).get("volumes"))) {
                assertThat(mounted(volume)).as(name).exists();
                assertThat(volume).as("read only").endsWith(":ro");
            }
        }
        for (Object secret : SECRETS.values()) {
            String file = (String) Deployed.map(secret).get("file");
            assertThat(Deployed.ROOT.resolve(file.replaceAll("\\$\\{\\w+:-(.*?)}", "$1")))
                    .isNotEmptyFile();
        }
        Map<String, Object> build = Deployed.map(service("gateway").get("build"));
        assertThat(Deployed.ROOT.resolve((String) build.get("dockerfile"))).exists();
    }

    @Test
    void aServiceHasEverySecretThatItsFilesNameAndNoOther() throws Exception {
        for (String name : SERVICES.keySet()) {
            StringBuilder words = new StringBuilder(service(name).toString());
            for (String volume : Deployed.texts(service(name).get("volumes"))) {
                try (Stream<Path> files = Files.walk(mounted(volume))) {
                    files.filter(Files::isRegularFile).map(Deployed::text).forEach(words::append);
                }
            }
            List<String> used =
                    SECRET_USED
                            .matcher(words)
                            .results()
                            .map(found -> found.group(1))
                            .distinct()
                            .toList();
            List<String> given = Deployed.texts(service(name).get("secrets"));
            assertThat(given).as(name).containsExactlyInAnyOrderElementsOf(used);
            assertThat(SECRETS.keySet()).containsAll(given);
        }
    }

    @Test
    void theGatewayReadsItsConfigurationAndItsDatabasesAreServicesThatItWaitsFor() {
        SluiceConfig config = configuration();

        Map<String, Object> gateway = service("gateway");
        Map<String, Object> awaited = Deployed.map(gateway.get("depends_on"));
        assertThat(config.databases()).hasSize(3);
        config.databases()
                .forEach(
                        (name, database) -> {
                            URI url = URI.create(database.url().substring("jdbc:".length()));
                            assertThat(awaited).containsKey(url.getHost());
                            String image = (String) service(url.getHost()).get("image");
                            String engine = url.getScheme().replace("postgresql", "postgres");
                            assertThat(image).startsWith(engine + ":");
                        });
        int port = config.gateway().http().listen().port();
        assertThat(Deployed.texts(gateway.get("ports"))).containsExactly("127.0.0.1:8085:" + port);
        String scraped = Deployed.text(Deployed.ALERTS.resolveSibling("prometheus.yml"));
        assertThat(scraped).contains("gateway:" + port);
    }

    @Test
    void nothingListensBeyondThisMachine() {
        for (String name : SERVICES.keySet()) {
            assertThat(Deployed.texts(service(name).get("ports")))
                    .as(name)
                    .allMatch(port -> port.startsWith("127.0.0.1:"));
        }
    }

    @Test
    void theGatewayIsNobodyAndCannotWriteButToItsTemporaryFolder() {
        assertThat(service("gateway"))
                .containsEntry("read_only", true)
                .containsEntry("tmpfs", List.of("/tmp"))
                .containsEntry("cap_drop", List.of("ALL"));
        String image = Deployed.text(DOCKERFILE);
        String runtime = image.substring(image.lastIndexOf("\nFROM "));
        assertThat(runtime).containsPattern("\nUSER [1-9]\\d*\n").contains("\nHEALTHCHECK ");
        assertThat(Deployed.text(DOCKERFILE.resolveSibling("healthy"))).contains("/health/live");
    }

    /** What the build copies may not be kept from it. */
    @Test
    void theBuildGetsWhatItCopies() {
        String ignored = Deployed.text(DOCKERFILE.resolveSibling("Dockerfile.dockerignore"));
        Matcher copied =
                Pattern.compile("(?m)^COPY (deploy/\\S+)").matcher(Deployed.text(DOCKERFILE));
        List<String> files = copied.results().map(found -> found.group(1)).toList();
        assertThat(files).isNotEmpty();
        for (String file : files) {
            assertThat(Deployed.ROOT.resolve(file)).exists();
            assertThat(ignored.lines()).contains("!" + file);
        }
    }

    @Test
    void theGatewaysRolesHaveWhatTheManualGrantsAndNoMore() {
        assertThat(granted("east")).containsExactlyElementsOf(documented("PostgreSQL", "Source"));
        assertThat(granted("west")).containsExactlyElementsOf(documented("PostgreSQL", "Target"));
        assertThat(granted("south")).containsExactlyElementsOf(documented("MySQL", "Target"));
    }

    private static SluiceConfig configuration() {
        String yaml = Deployed.text(CONFIGURATION).replace("/run/secrets", SECRET_FILES.toString());
        return ConfigReader.read(CONFIGURATION.toString(), yaml, name -> null);
    }

    private static List<String> granted(String region) {
        return grants(Deployed.text(Deployed.ROOT.resolve("deploy/compose/" + region + ".sh")));
    }

    private static List<String> documented(String engine, String end) {
        Pattern block =
                Pattern.compile(
                        "### %s\n.*?\n%s[:,].*?```sql\n(.*?)```".formatted(engine, end),
                        Pattern.DOTALL);
        Matcher found = block.matcher(Deployed.text(Deployed.ROOT.resolve("docs/operations.md")));
        assertThat(found.find()).as("privileges of a " + end + " of " + engine).isTrue();
        List<String> grants = grants(found.group(1));
        assertThat(grants).isNotEmpty();
        return grants;
    }

    private static List<String> grants(String sql) {
        return Pattern.compile("(?m)^GRANT .* TO sluice;")
                .matcher(sql)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private static Path mounted(String volume) {
        return Deployed.ROOT.resolve(volume.split(":")[0]).normalize();
    }

    private static Map<String, Object> service(String name) {
        return Deployed.map(SERVICES.get(name));
    }
}
