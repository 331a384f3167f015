package io.sluice.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the gateway's HTTP server listens: dashboard, API, metrics and health.
 *
 * @param token what an operator presents
 * @param tokens further callers, by name; there is a token when the address is not loopback
 */
public record HttpConfig(
        ListenAddress listen, Optional<Secret> token, Map<String, TokenConfig> tokens) {

    public static final HttpConfig DEFAULTS =
            new HttpConfig(new ListenAddress("127.0.0.1", 8085), Optional.empty(), Map.of());

    public HttpConfig {
        Objects.requireNonNull(listen);
        Objects.requireNonNull(token);
        tokens = Collections.unmodifiableMap(new LinkedHashMap<>(tokens));
        if (token.isEmpty() && tokens.isEmpty() && !listen.isLoopback()) {
            throw new IllegalArgumentException("an address other than loopback needs a token");
        }
    }
}
