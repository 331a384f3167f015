package io.sluice.gateway.cli;

import ch.qos.logback.classic.Level;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The program. */
@Command(
        name = "sluice",
        description = "Replicates databases across regions and says what would be lost right now.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            EventsCommand.class,
            RpoCommand.class,
            RecopyCommand.class,
            DeadLettersCommand.class,
            ConflictsCommand.class,
            TypesCommand.class,
            DemoCommand.class,
        },
        footer = {
            "",
            "Exit codes: 0 done; 1 failed; 2 usage or configuration; 3 check found what blocks;"
                    + " 4 no gateway answers; 5 timed out."
        })
public final class Main {

    @Option(
            names = "--log-format",
            scope = ScopeType.INHERIT,
            paramLabel = "text|json",
            description = "How log lines look (default: text on a terminal, json elsewhere).")
    private void logFormat(Logs.Format format) {
        Logs.configure(format, Level.INFO);
    }

    private Main() {}

    public static void main(String[] args) {
        prepare();
        System.exit(commandLine().execute(args));
    }

    /** What the process needs before anything else. */
    static void prepare() {
        Carriers.provide();
        Logs.configure(Logs.Format.ofThisProcess(), Level.INFO);
    }

    static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new Main());
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.registerConverter(Duration.class, new DurationConverter());
        commands.registerConverter(RunCommand.Until.class, RunCommand.Until::parse);
        commands.setParameterExceptionHandler(Main::usageError);
        commands.setExecutionExceptionHandler(Main::executionError);
        return commands;
    }

    private static int usageError(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
        err.printf("%s Try `%s --help`.%n", sentence(String.valueOf(e.getMessage())), command);
        err.flush();
        return ExitCode.USAGE;
    }

    private static int executionError(
            Exception e, CommandLine commands, CommandLine.ParseResult parsed) {
        PrintWriter err = commands.getErr();
        int code = ExitCode.FAILED;
        if (e instanceof CommandException command) {
            err.println(command.getMessage());
            code = command.exitCode();
        } else {
            err.println("Something that nobody foresaw went wrong; please report it:");
            e.printStackTrace(err);
        }
        err.flush();
        return code;
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    /** Reads durations in the configuration's form. */
    private static final class DurationConverter implements ITypeConverter<Duration> {

        @Override
        public Duration convert(String text) {
            try {
                return io.sluice.config.DurationText.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "`%s` is not a duration such as 30s, 10m or 2h".formatted(text));
            }
        }
    }
}
