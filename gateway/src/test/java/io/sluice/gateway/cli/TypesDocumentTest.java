package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The document holds what the program prints, and so what it does. */
class TypesDocumentTest {

    @Test
    void theDocumentedTypesAreThoseThatTheProgramPrints() throws IOException {
        StringWriter printed = new StringWriter();
        CommandLine commands = Main.commandLine().setOut(new PrintWriter(printed));
        assertThat(commands.execute("types")).isZero();

        String document =
                Files.readString(Path.of(System.getProperty("sluice.root"), "docs", "types.md"));
        assertThat(document).endsWith(printed.toString().stripTrailing() + "\n");
    }
}
