package io.sluice.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Binds {@code gateway.telemetry}. */
final class TelemetryBinding {

    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");
    private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7e\\t]*");

    /** These are the connection's own, or say what the body is. */
    private static final Set<String> NOT_TO_BE_SET =
            Set.of(
                    "connection",
                    "content-encoding",
                    "content-length",
                    "content-type",
                    "expect",
                    "host",
                    "transfer-encoding",
                    "upgrade");

    private static final String METRICS = "/v1/metrics";

    private final Problems problems;
    private final References references;

    TelemetryBinding(Problems problems, References references) {
        this.problems = problems;
        this.references = references;
    }

    TelemetryConfig bind(Fields fields) {
        return new TelemetryConfig(fields.settings("otlp", OtlpConfig.DEFAULTS, this::otlp));
    }

    private OtlpConfig otlp(Fields fields) {
        Optional<URI> endpoint =
                fields.requiredValue("endpoint", text -> endpoint(references.resolve(text)));
        Duration interval =
                fields.duration("interval")
                        .filter(given -> isLongEnough(given, fields))
                        .orElse(OtlpConfig.DEFAULTS.interval());
        Map<String, Secret> headers = new LinkedHashMap<>();
        fields.map("headers").forEach((name, node) -> header(fields, name, node, headers));
        return new OtlpConfig(endpoint, interval, headers);
    }

    private static boolean isLongEnough(Duration interval, Fields fields) {
        boolean enough = interval.compareTo(OtlpConfig.SHORTEST_INTERVAL) >= 0;
        if (!enough) {
            fields.problem("interval", "must be at least 1s");
        }
        return enough;
    }

    private void header(Fields otlp, String name, Node node, Map<String, Secret> headers) {
        String where = otlp.path("headers");
        if (!HEADER.matcher(name).matches()) {
            problems.add(node.line(), where + ": " + Fields.shown(name) + " is no header's name");
        } else if (NOT_TO_BE_SET.contains(name.toLowerCase(Locale.ROOT))) {
            problems.add(node.line(), where + "." + name + ": is not for you to set");
        } else {
            otlp.scalar(node, where + "." + name, text -> value(references.resolve(text)))
                    .ifPresent(value -> headers.put(name, value));
        }
    }

    private static Secret value(String text) {
        if (!HEADER_VALUE.matcher(text).matches()) {
            throw new IllegalArgumentException("must be printable ASCII on one line");
        }
        return new Secret(text);
    }

    /** Without a path the usual one is meant. Secrets are for the headers, which are masked. */
    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme();
            boolean plain =
                    uri.getRawUserInfo() == null
                            && uri.getRawQuery() == null
                            && uri.getRawFragment() == null;
            if (Set.of("http", "https").contains(scheme) && uri.getHost() != null && plain) {
                boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
                return bare ? uri.resolve(METRICS) : uri;
            }
        } catch (URISyntaxException e) {
            // told below, without the text: it may hold what was a secret
        }
        throw new IllegalArgumentException(
                "must be an http or https URL without user, query and fragment, such as"
                        + " `http://127.0.0.1:4318/v1/metrics`; secrets stand in `headers`");
    }
}
