package io.sluice.gateway.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "rpo",
        description = "Tells how a running gateway's pipelines keep their RPO objectives.",
        mixinStandardHelpOptions = true,
        subcommands = RpoCommand.Report.class)
final class RpoCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: report");
    }

    @Command(
            name = "report",
            description = "Prints how the objectives were kept in a month, with every breach.",
            mixinStandardHelpOptions = true)
    static final class Report implements Callable<Integer> {

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec spec;

        @Mixin private final AskedGateway gateway = new AskedGateway();

        @Option(
                names = "--month",
                paramLabel = "YYYY-MM",
                description = "Which month, in UTC (default: the present one).")
        private @Nullable String month;

        @Option(
                names = "--format",
                paramLabel = "html|csv|json",
                description = "How it is printed (default: json).")
        private Format format = Format.JSON;

        /** How a report is printed. */
        enum Format {
            HTML,
            CSV,
            JSON
        }

        @Override
        public Integer call() throws InterruptedException {
            if (month != null && !month.matches("[0-9]{4}-(0[1-9]|1[0-2])")) {
                throw new ParameterException(
                        spec.commandLine(), "--month takes a month such as 2026-05.");
            }
            String path =
                    "/api/v1/rpo/report?format=%s%s"
                            .formatted(
                                    format.name().toLowerCase(Locale.ROOT),
                                    month == null ? "" : "&month=" + month);
            String report = gateway.ask(path);
            PrintWriter out = spec.commandLine().getOut();
            out.print(report.endsWith("\n") ? report : report + System.lineSeparator());
            out.flush();
            return ExitCode.OK;
        }
    }
}
