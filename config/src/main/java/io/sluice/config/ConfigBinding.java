package io.sluice.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Binds a file's nodes to the records; every mistake is a problem, none ends the binding. */
final class ConfigBinding {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");

    private final Problems problems;
    private final References references;

    ConfigBinding(Problems problems, References references) {
        this.problems = problems;
        this.references = references;
    }

    /** The configuration; nothing where there was any problem. */
    Optional<SluiceConfig> bind(Node root) {
        if (!(root instanceof Node.MapNode map)) {
            if (!(root instanceof Node.BrokenNode)) {
                problems.add(1, "must be a map with `databases`, found " + root.kind());
            }
            return Optional.empty();
        }
        Fields top = new Fields(map, "", problems);
        GatewayConfig gateway = top.settings("gateway", GatewayConfig.DEFAULTS, this::gateway);
        Set<String> names = entries(map, "databases").keySet();
        Map<String, DatabaseConfig> databases = named(top, "databases", this::database);
        ReplicationBinding binding = new ReplicationBinding(problems, names);
        Map<String, ReplicationConfig> replications = named(top, "replications", binding::bind);
        top.end();
        new ReplicationRules(problems, entries(map, "replications"), databases).check(replications);
        return problems.count() > 0
                ? Optional.empty()
                : Optional.of(new SluiceConfig(gateway, databases, replications));
    }

    private static Map<String, Node> entries(Node.MapNode map, String key) {
        return map.entries().get(key) instanceof Node.MapNode inner ? inner.entries() : Map.of();
    }

    private <T> Map<String, T> named(Fields top, String key, Function<Fields, Optional<T>> read) {
        Map<String, T> bound = new LinkedHashMap<>();
        Optional<Fields> all = top.required(key).flatMap(node -> Fields.of(node, key, problems));
        if (all.isEmpty()) {
            return bound;
        }
        if (all.get().entries().isEmpty()) {
            top.problem(key, "must hold at least one");
        }
        all.get()
                .entries()
                .forEach(
                        (name, node) -> {
                            if (!NAME.matcher(name).matches()) {
                                problems.add(
                                        node.line(),
                                        key + ": " + badName(Fields.shown(name) + " "));
                                return;
                            }
                            Fields.of(node, key + "." + name, problems)
                                    .flatMap(
                                            fields -> {
                                                Optional<T> value = read.apply(fields);
                                                fields.end();
                                                return value;
                                            })
                                    .ifPresent(value -> bound.put(name, value));
                        });
        return bound;
    }

    private GatewayConfig gateway(Fields fields) {
        String name = fields.value("name", GatewayConfig.DEFAULTS.name(), ConfigBinding::name);
        return new GatewayConfig(
                name,
                fields.settings("http", HttpConfig.DEFAULTS, this::http),
                fields.settings(
                        "telemetry",
                        TelemetryConfig.DEFAULTS,
                        telemetry -> new TelemetryBinding(problems, references).bind(telemetry)));
    }

    private HttpConfig http(Fields fields) {
        int before = problems.count();
        ListenAddress listen =
                fields.value("listen", HttpConfig.DEFAULTS.listen(), ListenAddress::parse);
        Optional<Secret> token =
                fields.optionalValue("token", text -> new Secret(references.resolve(text)));
        Map<String, TokenConfig> tokens = new LinkedHashMap<>();
        fields.map("tokens").forEach((name, node) -> token(fields, name, node, tokens));
        boolean sound = problems.count() == before;
        if (sound && token.isEmpty() && tokens.isEmpty() && !listen.isLoopback()) {
            fields.problem("listen", "an address other than loopback needs a `token` beside it");
            sound = false;
        }
        return sound ? new HttpConfig(listen, token, tokens) : HttpConfig.DEFAULTS;
    }

    private void token(Fields http, String name, Node node, Map<String, TokenConfig> tokens) {
        String path = http.path("tokens." + name);
        if (!NAME.matcher(name).matches()) {
            problems.add(
                    node.line(), http.path("tokens") + ": " + badName(Fields.shown(name) + " "));
            return;
        }
        Fields.of(node, path, problems)
                .ifPresent(
                        fields -> {
                            TokenConfig.Role role =
                                    fields.value(
                                            "role",
                                            TokenConfig.DEFAULT_ROLE,
                                            TokenConfig.Role::parse);
                            fields.requiredValue(
                                            "token", text -> new Secret(references.resolve(text)))
                                    .ifPresent(
                                            secret ->
                                                    tokens.put(
                                                            name, new TokenConfig(role, secret)));
                            fields.end();
                        });
    }

    private Optional<DatabaseConfig> database(Fields fields) {
        Optional<String> url =
                fields.requiredValue(
                        "url",
                        text -> {
                            String resolved = references.resolve(text);
                            JdbcUrl.check(resolved);
                            return resolved;
                        });
        Optional<String> username = fields.requiredValue("username", this::notEmpty);
        Optional<Secret> password =
                fields.requiredValue("password", text -> new Secret(references.resolve(text)));
        Optional<String> region = fields.optionalValue("region", ConfigBinding::name);
        return url.isEmpty() || username.isEmpty() || password.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new DatabaseConfig(url.get(), username.get(), password.get(), region));
    }

    private String notEmpty(String text) {
        String resolved = references.resolve(text);
        if (resolved.isEmpty()) {
            throw new IllegalArgumentException("must not be empty");
        }
        return resolved;
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException(badName(""));
        }
        return text;
    }

    private static String badName(String what) {
        return what + "must be 1 to 40 letters, digits, `_` or `-`";
    }
}
