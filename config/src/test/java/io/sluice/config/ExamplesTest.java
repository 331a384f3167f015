package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {

    static final Path FOLDER = Path.of(System.getProperty("sluice.root"), "config", "examples");

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Path> examples =
                    files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
            assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
            return examples;
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsAValidConfigurationWithoutLiteralSecrets(Path file) throws IOException {
        SluiceConfig config =
                ConfigReader.read(file.toString(), Files.readString(file), Texts.ENVIRONMENT::get);

        assertThat(config.replications()).hasSize(1);
        assertThat(config.databases().get("east").password().reveal()).isEqualTo("east-hush");
        assertThat(config.databases().get("west").password().reveal()).isEqualTo("west-hush");
    }
}
