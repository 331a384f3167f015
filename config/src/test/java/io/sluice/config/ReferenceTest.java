package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the JSON Schema and the page of all keys against the records. */
class ReferenceTest {

    private static final String REQUIRED = "required";
    private static final String NONE = "none";

    /** The keys that must be given: the records cannot tell, the reader can. */
    private static final Set<String> REQUIRED_KEYS =
            Set.of(
                    "gateway.http.tokens.<name>.token",
                    "databases.<name>.url",
                    "databases.<name>.username",
                    "databases.<name>.password",
                    "replications.<name>.mode",
                    "replications.<name>.source",
                    "replications.<name>.target",
                    "replications.<name>.tables");

    private final JsonNode schema = schema();

    @Test
    void theSchemaHasTheKeysAndDefaultsOfTheRecords() {
        Map<String, String> described = new TreeMap<>();
        describe(schema, "", false, described);

        assertThat(described).isEqualTo(keysOfTheRecords());
    }

    @Test
    void thePageHasTheKeysAndDefaultsOfTheRecords() throws IOException {
        Path page = Path.of(System.getProperty("sluice.root"), "docs", "configuration.md");
        Pattern row = Pattern.compile("\\| `([a-z]+\\.[^`]+)` \\| [^|]+ \\|([^|]*)\\|[^|]+\\|");
        Map<String, String> described = new TreeMap<>();
        for (String line : Files.readAllLines(page)) {
            Matcher matcher = row.matcher(line);
            if (matcher.matches()) {
                String value = matcher.group(2).strip().replaceAll("[`*]", "");
                described.put(matcher.group(1), value.isEmpty() ? REQUIRED : value);
            }
        }

        assertThat(described).isEqualTo(keysOfTheRecords());
    }

    @Test
    void theReaderAsksForWhatThisTestTakesAsRequired() {
        for (String key : REQUIRED_KEYS) {
            String name = key.substring(key.lastIndexOf('.') + 1);
            String parent =
                    key.replace("<name>", key.startsWith("replications") ? "orders" : "east")
                            .replaceAll("\\.[a-z]+$", "");
            String mode = name.equals("mode") ? "" : "mode: log-based";
            assertThat(
                            Texts.problems(
                                    "gateway: {http: {tokens: {east: {}}}}\n"
                                            + "databases: {east: {}}\nreplications: {orders: {"
                                            + mode
                                            + "}}"))
                    .anyMatch(line -> line.endsWith("missing key `" + parent + "." + name + "`"));
        }
    }

    @Test
    void theSchemaOffersTheModesThatCanRun() {
        List<String> offered = new ArrayList<>();
        schema.at("/$defs/replication/properties/mode/enum")
                .forEach(mode -> offered.add(mode.asText()));

        assertThat(offered).containsExactlyElementsOf(Mode.names());
    }

    @Test
    void theSchemaIsItselfValid() {
        Schema meta =
                registry()
                        .getSchema(
                                SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

        assertThat(meta.validate(schema)).isEmpty();
    }

    static Collection<Path> examples() throws IOException {
        return ExamplesTest.examples();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleFitsTheSchema(Path file) throws IOException {
        assertThat(validate(Files.readString(file))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "objetive: 5s",
                "rpo: {objetive: 5s}",
                "rpo: {objective: 5}",
                "rpo: {target: 99.9}",
                "heartbeat: 0s",
                "buffer: {maxRows: 0}",
                "apply: {maxBytes: 64MB}",
                "exclude: [orders]",
                "excludeColumns: {a.b: c}",
                "createTables: 'no'",
                "schedule: daily",
                "load: append",
                "keep: 101"
            })
    void whatTheReaderRefusesTheSchemaRefusesToo(String line) throws IOException {
        String yaml = Texts.DATABASES + Texts.REPLICATION;

        assertThat(validate(yaml)).isEmpty();
        assertThat(validate(yaml + "    " + line + "\n")).isNotEmpty();
        assertThat(Texts.replicationProblems(line)).isNotEmpty();
    }

    private Collection<?> validate(String yaml) throws IOException {
        return registry().getSchema(schema).validate(new YAMLMapper().readTree(yaml));
    }

    private static SchemaRegistry registry() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    }

    private static JsonNode schema() {
        try (InputStream in = ConfigReader.class.getResourceAsStream("sluice.schema.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Each key with its default, as the schema describes them. */
    private void describe(JsonNode node, String path, boolean required, Map<String, String> into) {
        JsonNode target =
                node.has("$ref") && !node.has("default")
                        ? schema.at(node.get("$ref").asText().substring(1))
                        : node;
        if (target.has("properties")) {
            Set<String> must = new HashSet<>();
            target.path("required").forEach(name -> must.add(name.asText()));
            // Of every mode but those with many sites.
            target.at("/else/required").forEach(name -> must.add(name.asText()));
            target.get("properties")
                    .properties()
                    .forEach(
                            entry ->
                                    describe(
                                            entry.getValue(),
                                            path.isEmpty()
                                                    ? entry.getKey()
                                                    : path + "." + entry.getKey(),
                                            must.contains(entry.getKey()),
                                            into));
        } else if (target.has("propertyNames")) {
            describe(target.get("additionalProperties"), path + ".<name>", false, into);
        } else if (node.has("default")) {
            JsonNode value = node.get("default");
            into.put(path, value.isTextual() ? value.asText() : value.toString());
        } else {
            into.put(path, required ? REQUIRED : NONE);
        }
    }

    /** Each key with its default, as a configuration that gives no more than it must has them. */
    private static Map<String, String> keysOfTheRecords() {
        Map<String, String> keys = new TreeMap<>();
        String tokens = "gateway: {http: {tokens: {a: {token: x}}}}\n";
        keys(Texts.read(tokens + Texts.DATABASES + Texts.REPLICATION), "", keys);
        return keys;
    }

    private static void keys(Object config, String path, Map<String, String> into) {
        for (RecordComponent component : config.getClass().getRecordComponents()) {
            String key = path.isEmpty() ? component.getName() : path + "." + component.getName();
            Object value = value(config, component);
            if (component.getName().equals("sites")) {
                // These stand beside the others, and only in a mode with many sites.
                SitesBinding.KEYS.forEach(name -> into.put(path + "." + name, NONE));
            } else if (component.getGenericType() instanceof ParameterizedType type
                    && type.getRawType() == Map.class
                    && ((Class<?>) type.getActualTypeArguments()[0]) == String.class) {
                keys(((Map<?, ?>) value).values().iterator().next(), key + ".<name>", into);
            } else if (component.getType().getName().endsWith("Config")) {
                keys(value, key, into);
            } else {
                into.put(key, REQUIRED_KEYS.contains(key) ? REQUIRED : text(value));
            }
        }
    }

    private static Object value(Object config, RecordComponent component) {
        try {
            return component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(Object value) {
        return switch (value) {
            case Optional<?> optional -> optional.map(ReferenceTest::text).orElse(NONE);
            case Renames renames -> {
                assertThat(renames).isEqualTo(Renames.NONE);
                yield "{}";
            }
            case Duration duration when duration.equals(Duration.ofDays(duration.toDays())) ->
                    duration.toDays() + "d";
            case Duration duration ->
                    duration.toMillis() % 1000 == 0
                            ? duration.toSeconds() + "s"
                            : duration.toMillis() + "ms";
            default -> value.toString();
        };
    }
}
