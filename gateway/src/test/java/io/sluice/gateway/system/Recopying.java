package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Orders a new copy as an operator does. */
final class Recopying {

    private Recopying() {}

    /** Returns what the command prints. */
    static String order(TwoSites sites) {
        try {
            Path folder = Files.createTempDirectory("sluice-recopy");
            Path config = sites.configFile(folder);
            try {
                Answer answer =
                        Answer.sluice("recopy", "-c", config.toString(), sites.pipeline(), "--yes");
                assertThat(answer.exit()).as(answer.err()).isZero();
                return answer.out();
            } finally {
                Files.delete(config);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
