package io.sluice.gateway.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.conflicts.ConflictName;
import io.sluice.gateway.conflicts.ConflictRefusedException;
import io.sluice.gateway.conflicts.NoSuchRecordException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands about conflicts are told, and how they get at the records. */
final class ConflictsAsked {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The configuration.")
    private @Nullable Path config;

    @Option(names = "--json", description = "Print what the API would answer.")
    private boolean json;

    /** Asks the databases themselves, so that no gateway need run. */
    int ask(ToIntFunction<ConflictDesk> question) throws InterruptedException {
        Wiring wiring = new Wiring(ConfigFiles.read(Objects.requireNonNull(config)));
        try (ConflictOffice office =
                new ConflictOffice(wiring, InstantSource.system(), (pipeline, text) -> {})) {
            if (office.desk().sites().isEmpty()) {
                throw usage(
                        "No replication is between sites that all write, so there are no conflicts.");
            }
            office.prepare();
            return question.applyAsInt(office.desk());
        } catch (NoSuchRecordException e) {
            throw usage(String.valueOf(e.getMessage()));
        } catch (ConflictRefusedException | ConnectorException e) {
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
    }

    /** Prints the API's answer, or else the lines. */
    void print(PrintWriter out, Object answer, Runnable lines) {
        if (json) {
            try {
                out.println(new ObjectMapper().writeValueAsString(answer));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        } else {
            lines.run();
        }
        out.flush();
    }

    static ConflictName name(String text) {
        return ConflictName.of(text)
                .orElseThrow(
                        () ->
                                usage(
                                        "A conflict is named by its site and its number, such as east/12, as `sluice conflicts list` shows it."));
    }

    static CommandException unknown(ConflictName name) {
        return usage("There is no conflict %s on record.".formatted(name));
    }

    static CommandException usage(String sentence) {
        return new CommandException(ExitCode.USAGE, sentence);
    }
}
