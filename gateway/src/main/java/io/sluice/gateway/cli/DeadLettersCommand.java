package io.sluice.gateway.cli;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DeadLetter;
import io.sluice.connectors.spi.DeadLetters;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.pipeline.PipelineSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "dead-letters",
        description = {
            "Shows and settles rows that the target refused and that were parked (onRowError: park).",
            "list: one line for each. show: with the rows' values. retry: has the gateway that runs"
                    + " the pipeline write the rows as they stand at the source, and waits for it."
                    + " discard: forgets them; later changes of these rows are applied again."
        },
        mixinStandardHelpOptions = true)
final class DeadLettersCommand implements Callable<Integer> {

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private enum Action {
        LIST,
        SHOW,
        RETRY,
        DISCARD
    }

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The configuration.")
    private @Nullable Path config;

    @Option(
            names = "--pipeline",
            paramLabel = "PIPELINE",
            description = "Only this one's; needed for retry and discard where there are several.")
    private @Nullable String name;

    @Option(names = "--all", description = "Every letter, instead of those with the numbers given.")
    private boolean all;

    @Option(
            names = "--timeout",
            paramLabel = "30s",
            defaultValue = "30s",
            description = "How long retry waits for the gateway (default: ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(30);

    @Parameters(index = "0", paramLabel = "list|show|retry|discard", description = "What to do.")
    private @Nullable Action action;

    @Parameters(index = "1..*", paramLabel = "ID", description = "Which letters.")
    private List<Long> ids = new ArrayList<>();

    @Override
    public Integer call() {
        Wiring wiring = new Wiring(ConfigFiles.read(Objects.requireNonNull(config)));
        List<PipelineSettings> pipelines =
                wiring.pipelines().stream()
                        .filter(pipeline -> name == null || pipeline.name().equals(name))
                        .toList();
        boolean changes = action == Action.RETRY || action == Action.DISCARD;
        if (pipelines.isEmpty() || changes && pipelines.size() > 1) {
            throw usage(
                    "Name one of the pipelines with --pipeline: "
                            + wiring.pipelines().stream()
                                    .map(PipelineSettings::name)
                                    .collect(Collectors.joining(", ")));
        }
        if (action != Action.LIST && ids.isEmpty() == !all) {
            throw usage("Give the numbers of letters, as `list` shows them, or --all");
        }
        try {
            int exit = ExitCode.OK;
            for (PipelineSettings pipeline : pipelines) {
                exit = Math.max(exit, settle(wiring, pipeline));
            }
            return exit;
        } catch (ConnectorException e) {
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        } finally {
            spec.commandLine().getOut().flush();
        }
    }

    private static CommandException usage(String sentence) {
        return new CommandException(ExitCode.USAGE, sentence + ".");
    }

    private int settle(Wiring wiring, PipelineSettings pipeline) {
        PrintWriter out = spec.commandLine().getOut();
        try (TargetDatabase target = wiring.target(pipeline)) {
            target.prepare();
            DeadLetters letters = target.deadLetters(pipeline.name());
            List<DeadLetter> chosen = chosen(letters.all());
            List<Long> numbers = chosen.stream().map(DeadLetter::id).toList();
            switch (Objects.requireNonNull(action)) {
                case LIST -> {
                    out.printf("%s  %,d parked%n", pipeline.name(), chosen.size());
                    chosen.forEach(letter -> print(letter, false));
                }
                case SHOW -> chosen.forEach(letter -> print(letter, true));
                case DISCARD -> out.printf("Discarded: %,d.%n", letters.discard(numbers));
                case RETRY -> {
                    letters.retry(numbers);
                    return await(letters, numbers);
                }
            }
        }
        return ExitCode.OK;
    }

    private List<DeadLetter> chosen(List<DeadLetter> letters) {
        List<DeadLetter> chosen =
                letters.stream()
                        .filter(letter -> all || action == Action.LIST || ids.contains(letter.id()))
                        .toList();
        List<Long> found = chosen.stream().map(DeadLetter::id).toList();
        if (!found.containsAll(ids)) {
            List<Long> missing = new ArrayList<>(ids);
            missing.removeAll(found);
            throw usage("There are no letters " + missing);
        }
        return chosen;
    }

    /** The gateway notes on each letter that it tries again how that went, or removes it. */
    private int await(DeadLetters letters, List<Long> numbers) {
        long deadline = System.nanoTime() + timeout.toNanos();
        List<DeadLetter> left = left(letters, numbers);
        while (left.stream().anyMatch(DeadLetter::retry)) {
            if (System.nanoTime() > deadline) {
                throw new CommandException(
                        ExitCode.TIMED_OUT,
                        "No gateway has written the rows yet; the one that runs the pipeline does"
                                + " it when it streams. Ask again with `sluice dead-letters list`.");
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
            left = left(letters, numbers);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "Written: %,d. Refused again: %,d.%n", numbers.size() - left.size(), left.size());
        left.forEach(letter -> print(letter, false));
        return left.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static List<DeadLetter> left(DeadLetters letters, List<Long> numbers) {
        return letters.all().stream().filter(letter -> numbers.contains(letter.id())).toList();
    }

    private void print(DeadLetter letter, boolean values) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%6d  %s %s  %s, %,d changes, since %s at %s%s%n",
                letter.id(),
                letter.table(),
                letter.key(),
                letter.operation(),
                letter.changes(),
                letter.parkedAt(),
                letter.position() == null ? "no position" : letter.position(),
                letter.retry() ? ", to be tried again" : "");
        out.printf("        %s%n", letter.reason());
        if (values) {
            out.printf("        %s%n", letter.values());
        }
    }
}
