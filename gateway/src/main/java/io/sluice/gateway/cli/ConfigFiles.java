package io.sluice.gateway.cli;

import io.sluice.config.ConfigException;
import io.sluice.config.ConfigReader;
import io.sluice.config.ListenAddress;
import io.sluice.config.Secret;
import io.sluice.config.SluiceConfig;
import io.sluice.config.TokenConfig;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads configurations for the commands. */
final class ConfigFiles {

    private ConfigFiles() {}

    /**
     * @throws CommandException with every problem of the file
     */
    static SluiceConfig read(Path file) {
        try {
            return ConfigReader.read(file);
        } catch (ConfigException e) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    /** Where the gateway of a configuration listens. */
    static GatewayAddress address(Path file, @Nullable String token) {
        SluiceConfig config = read(file);
        ListenAddress listen = config.gateway().http().listen();
        String host =
                switch (listen.host()) {
                    case "0.0.0.0" -> "127.0.0.1";
                    case "::" -> "::1";
                    default -> listen.host();
                };
        String configured =
                config.gateway()
                        .http()
                        .token()
                        .or(
                                () ->
                                        config.gateway().http().tokens().values().stream()
                                                .map(TokenConfig::token)
                                                .findFirst())
                        .map(Secret::reveal)
                        .orElse(null);
        return new GatewayAddress(
                URI.create("http://" + new ListenAddress(host, listen.port())),
                token != null ? token : configured);
    }
}
