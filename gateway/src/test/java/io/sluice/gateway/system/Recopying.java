package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Orders a new copy as an operator does. */
final class Recopying {

    private Recopying() {}

    static void order(TwoSites sites) {
        try {
            Path folder = Files.createTempDirectory("sluice-recopy");
            Path config = sites.configFile(folder);
            try (GatewayProcess program =
                    GatewayProcess.start(
                            "recopy", "-c", config.toString(), sites.pipeline(), "--yes")) {
                assertThat(program.awaitExit(120)).as(program.errors()).isZero();
            } finally {
                Files.delete(config);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
