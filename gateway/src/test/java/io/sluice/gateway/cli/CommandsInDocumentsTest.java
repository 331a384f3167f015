package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every call of the program that a document shows is one that the program understands. */
class CommandsInDocumentsTest {

    private static final Pattern CALL =
            Pattern.compile(
                    "(?m)(?:^\\s*|`)(?:\\./)?sluice ((?:run|check|status|events|recopy|conflicts|types|demo)[^`#\\n]*)");

    @Test
    void theProgramUnderstandsThemAll() throws IOException {
        List<String> calls = calls();
        assertThat(calls).hasSizeGreaterThan(8);
        for (String call : calls) {
            if (!call.contains(" ")) {
                assertThat(Main.commandLine().getSubcommands()).containsKey(call);
                continue; // only named, not called
            }
            CommandLine.ParseResult parsed = Main.commandLine().parseArgs(words(call));
            assertThat(parsed.subcommand().unmatched()).as(call).isEmpty();
        }
    }

    @Test
    void everyCommandExplainsItself() {
        CommandLine main = Main.commandLine();
        main.getSubcommands()
                .forEach(
                        (name, command) -> {
                            assertThat(command.getUsageMessage())
                                    .as(name)
                                    .contains("Usage: sluice " + name);
                            command.getCommandSpec()
                                    .options()
                                    .forEach(
                                            option ->
                                                    assertThat(option.description())
                                                            .as(name + " " + option.longestName())
                                                            .isNotEmpty());
                        });
    }

    private static List<String> calls() throws IOException {
        List<String> calls = new ArrayList<>();
        Path root = Path.of(System.getProperty("sluice.root"));
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            for (Path document :
                    Stream.concat(Stream.of(root.resolve("README.md")), docs)
                            .filter(Files::isRegularFile)
                            .toList()) {
                Matcher matcher = CALL.matcher(Files.readString(document));
                while (matcher.find()) {
                    calls.add(matcher.group(1));
                }
            }
        }
        return calls;
    }

    /** The words of a call, with what a document leaves open filled in. */
    private static String[] words(String call) {
        String concrete =
                call.replaceAll("\\[(-c FILE) or --url (URL|U)]", "$1")
                        .replaceAll("[\\[\\]'…]", "")
                        .replaceAll("\\b(ID|N)\\b", "1")
                        .trim();
        return Arrays.stream(concrete.split("\\s+")).toArray(String[]::new);
    }
}
