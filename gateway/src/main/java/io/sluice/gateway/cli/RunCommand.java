package io.sluice.gateway.cli;

import io.sluice.config.SluiceConfig;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = "run",
        description = {
            "Runs the gateway until it is told to stop (SIGTERM or Ctrl-C), which drains it.",
            "With --until caught-up it ends when every replication has applied all that its source"
                    + " had committed when it was first found idle."
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The configuration.")
    private @Nullable Path config;

    @Option(
            names = "--until",
            paramLabel = "caught-up",
            description = "End by itself when every replication has caught up.")
    private @Nullable Until until;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10m",
            description = "With --until: give up after this long, for example 10m (the default).")
    private Duration timeout = Duration.ofMinutes(10);

    /** When a run ends by itself. */
    enum Until {
        CAUGHT_UP;

        static Until parse(String text) {
            if (text.equals("caught-up")) {
                return CAUGHT_UP;
            }
            throw new TypeConversionException("it takes caught-up, not `%s`".formatted(text));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        SluiceConfig read = ConfigFiles.read(java.util.Objects.requireNonNull(config));
        try (Gateway gateway = new Gateway(read);
                Termination termination = new Termination(gateway)) {
            if (until == null) {
                termination.await();
                return ExitCode.OK;
            }
            return untilCaughtUp(gateway);
        }
    }

    private int untilCaughtUp(Gateway gateway) throws InterruptedException {
        InstantSource clock = InstantSource.system();
        Instant deadline = clock.instant().plus(timeout);
        CountDownLatch never = new CountDownLatch(1);
        while (!gateway.isCaughtUp()) {
            List<PipelineStatus> failed =
                    gateway.statuses().stream()
                            .filter(p -> p.state() == PipelineState.FAILED)
                            .toList();
            if (!failed.isEmpty()) {
                throw new CommandException(ExitCode.FAILED, reasons(failed));
            }
            if (clock.instant().isAfter(deadline)) {
                throw new CommandException(
                        ExitCode.TIMED_OUT,
                        "Not caught up within %d s: %s"
                                .formatted(timeout.toSeconds(), reasons(gateway.statuses())));
            }
            never.await(50, TimeUnit.MILLISECONDS);
        }
        return ExitCode.OK;
    }

    private static String reasons(List<PipelineStatus> pipelines) {
        return pipelines.stream()
                .map(
                        p ->
                                "%s is %s%s"
                                        .formatted(
                                                p.name(),
                                                p.state(),
                                                p.failure() == null
                                                        ? ""
                                                        : ": " + p.failure().message()))
                .collect(Collectors.joining("; "));
    }
}
