package io.sluice.gateway.cli;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command is told which running gateway it asks, and the asking. */
final class AskedGateway {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration of the gateway to ask.")
    private @Nullable Path config;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The gateway to ask, for example http://127.0.0.1:8085.")
    private @Nullable String url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:SLUICE_TOKEN}",
            description = "The gateway's token, where it asks for one (or SLUICE_TOKEN).")
    private @Nullable String token;

    /**
     * The body of its answer.
     *
     * @throws CommandException if there is none, or another than was asked for
     */
    String ask(String path) throws InterruptedException {
        GatewayAddress address = GatewayAddress.of(url, config, token);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.base().resolve(path)).timeout(Duration.ofSeconds(5));
        if (address.token() != null) {
            request.header("Authorization", "Bearer " + address.token());
        }
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build()) {
            HttpResponse<String> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return switch (answer.statusCode()) {
                case 200 -> answer.body();
                case 401 ->
                        throw new CommandException(
                                ExitCode.USAGE,
                                "The gateway at %s asks for its token: give --token or set"
                                                .formatted(address.base())
                                        + " SLUICE_TOKEN.");
                default ->
                        throw new CommandException(
                                ExitCode.NO_ANSWER,
                                "%s answers, but not as a gateway does (status %d): check the"
                                                .formatted(address.base(), answer.statusCode())
                                        + " address.");
            };
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.NO_ANSWER,
                    "No gateway answers at %s: start one with `sluice run`, or name another with --url."
                            .formatted(address.base()));
        }
    }
}
