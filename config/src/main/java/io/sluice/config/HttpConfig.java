package io.sluice.config;

import java.util.Objects;
import java.util.Optional;

/**
 * Where the gateway's HTTP server listens: dashboard, API, metrics and health.
 *
 * @param token what callers must present; always there when the address is not loopback
 */
public record HttpConfig(ListenAddress listen, Optional<Secret> token) {

    public static final HttpConfig DEFAULTS =
            new HttpConfig(new ListenAddress("127.0.0.1", 8085), Optional.empty());

    public HttpConfig {
        Objects.requireNonNull(listen);
        Objects.requireNonNull(token);
        if (token.isEmpty() && !listen.isLoopback()) {
            throw new IllegalArgumentException("an address other than loopback needs a token");
        }
    }
}
