package io.sluice.gateway.cli;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the gateway is, and what it asks for. */
record GatewayAddress(URI base, @Nullable String token) {

    static GatewayAddress of(@Nullable String url, @Nullable Path config, @Nullable String token) {
        String given = token == null || token.isEmpty() ? null : token;
        if (url != null) {
            return new GatewayAddress(parse(url), given);
        }
        if (config == null) {
            return new GatewayAddress(URI.create("http://127.0.0.1:8085"), given);
        }
        return ConfigFiles.address(config, given);
    }

    private static URI parse(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null && String.valueOf(uri.getScheme()).startsWith("http")) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new CommandException(
                ExitCode.USAGE,
                "`%s` is not an address of a gateway: give one like http://127.0.0.1:8085."
                        .formatted(url));
    }
}
