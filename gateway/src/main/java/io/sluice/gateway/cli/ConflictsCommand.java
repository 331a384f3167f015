package io.sluice.gateway.cli;

import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.gateway.conflicts.Choice;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.conflicts.ConflictName;
import io.sluice.gateway.server.ConflictViews;
import io.sluice.gateway.server.ConflictViews.Conflict;
import io.sluice.gateway.server.ConflictViews.ConflictColumn;
import io.sluice.gateway.server.ConflictViews.ConflictDetail;
import io.sluice.gateway.server.ConflictViews.Write;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "conflicts",
        description = "Shows and resolves conflicts between sites that all write.",
        subcommands = {
            ConflictsCommand.ListThem.class,
            ConflictsCommand.Show.class,
            ConflictsCommand.Resolve.class
        },
        mixinStandardHelpOptions = true)
final class ConflictsCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Say list, show or resolve.");
    }

    private static void line(PrintWriter out, Conflict c) {
        out.printf(
                "%-12s  %s  %s %s  %s, %s%s%s%n",
                c.id(), c.at(), c.table(), c.key(), c.kind(), c.resolution(), by(c), state(c));
    }

    private static String by(Conflict c) {
        return c.policy() == null ? "" : " by " + c.policy();
    }

    private static String state(Conflict c) {
        if (c.resolved() != null) {
            return ", resolved: " + c.resolved().choice();
        }
        return c.open() ? ", waits for somebody" : "";
    }

    @Command(
            name = "list",
            description = "One line for each conflict, the newest first, without rows' values.",
            mixinStandardHelpOptions = true)
    static final class ListThem implements Callable<Integer> {

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec spec;

        @Mixin private final ConflictsAsked asked = new ConflictsAsked();

        @Option(
                names = "--site",
                paramLabel = "DATABASE",
                description = "Only those decided at this database.")
        private @Nullable String site;

        @Option(
                names = "--pipeline",
                paramLabel = "PIPELINE",
                description = "Only those of this pipeline.")
        private @Nullable String pipeline;

        @Option(
                names = "--table",
                paramLabel = "SCHEMA.NAME",
                description = "Only those of this table.")
        private @Nullable String table;

        @Option(
                names = "--kind",
                paramLabel = "KIND",
                description = "Only those of this kind, such as update_origin_differs.")
        private @Nullable String kind;

        @Option(
                names = "--resolution",
                paramLabel = "RESOLUTION",
                description = "Only those that were decided so: apply, keep, merge or park.")
        private @Nullable String resolution;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description = "Only those from then on, such as 2026-05-01T12:00:00Z.")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", description = "Only those before then.")
        private @Nullable String until;

        @Option(
                names = "--open",
                description = "Only those that were parked and wait for somebody.")
        private boolean open;

        @Option(
                names = "--after",
                paramLabel = "PAGE",
                description = "Those that follow a former answer, which says how to ask.")
        private @Nullable String after;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "How many at most: 100 (the default), up to 1000.")
        private int limit = 100;

        @Override
        public Integer call() throws InterruptedException {
            if (limit < 1 || limit > 1000) {
                throw new ParameterException(spec.commandLine(), "--limit takes 1 to 1000.");
            }
            ConflictSearch search =
                    new ConflictSearch(
                            pipeline, table, kind, resolution, time(since), time(until), open);
            return asked.ask(
                    desk -> {
                        ConflictDesk.Page page = desk.page(search, site, after, limit);
                        ConflictViews.Conflicts found = ConflictViews.page(page);
                        PrintWriter out = spec.commandLine().getOut();
                        asked.print(out, found, () -> print(out, found));
                        PrintWriter err = spec.commandLine().getErr();
                        found.away().forEach(away -> err.println(sentence(away)));
                        err.flush();
                        return found.away().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
                    });
        }

        private static String sentence(ConflictViews.Away away) {
            return "The conflicts of %s are missing here: %s".formatted(away.site(), away.reason());
        }

        private @Nullable Instant time(@Nullable String text) {
            try {
                return text == null ? null : Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--since and --until take times such as 2026-05-01T12:00:00Z.");
            }
        }

        private static void print(PrintWriter out, ConflictViews.Conflicts found) {
            if (found.conflicts().isEmpty()) {
                out.println("No conflict is on record.");
            }
            found.conflicts().forEach(conflict -> line(out, conflict));
            if (found.next() != null) {
                out.println("More: --after " + found.next());
            }
        }
    }

    @Command(
            name = "show",
            description =
                    "One conflict with the values of both rows, but for those that are masked.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec spec;

        @Mixin private final ConflictsAsked asked = new ConflictsAsked();

        @Parameters(paramLabel = "ID", description = "Which one, such as east/12.")
        private @Nullable String id;

        @Override
        public Integer call() throws InterruptedException {
            ConflictName name = ConflictsAsked.name(Objects.requireNonNull(id));
            return asked.ask(
                    desk -> {
                        ConflictDetail found =
                                ConflictViews.detail(
                                        desk.find(name)
                                                .orElseThrow(() -> ConflictsAsked.unknown(name)),
                                        false);
                        PrintWriter out = spec.commandLine().getOut();
                        asked.print(out, found, () -> print(out, found));
                        return ExitCode.OK;
                    });
        }

        private static void print(PrintWriter out, ConflictDetail detail) {
            Conflict c = detail.conflict();
            line(out, c);
            out.printf("  decided   of %s%s: %s%n", c.pipeline(), by(c), c.reason());
            out.printf("  incoming  %s, %s%n", c.operation(), written(c.incoming()));
            out.printf(
                    "  standing  %s%n",
                    c.standing() == null ? "nothing is known of it" : written(c.standing()));
            if (c.resolved() != null) {
                out.printf(
                        "  resolved  %s, at %s by %s%n",
                        c.resolved().choice(), c.resolved().at(), c.resolved().by());
            }
            out.printf(
                    "    %-20s  %-24s  %s%n",
                    "column",
                    detail.hasIncoming() ? "incoming" : "incoming: no row",
                    detail.hasStanding() ? "standing" : "standing: no row");
            for (ConflictColumn column : detail.columns()) {
                out.printf(
                        "  %s %-20s  %-24s  %s%n",
                        column.differs() ? "*" : " ",
                        column.name(),
                        column.sent()
                                ? shown(column.incoming())
                                : detail.hasIncoming() ? "(as it stands)" : "",
                        detail.hasStanding() ? shown(column.standing()) : "");
            }
        }

        /** What users wrote is not to steer the operator's terminal. */
        private static String shown(@Nullable Object value) {
            return String.valueOf(value).replaceAll("[\\p{Cntrl}\\p{Cf}]", "\ufffd");
        }

        private static String written(Write write) {
            return "%s at %s%s"
                    .formatted(
                            write.deletes() ? "deleted" : "written",
                            write.site(),
                            write.at() == null ? ", when it was copied" : ", " + write.at());
        }
    }

    @Command(
            name = "resolve",
            description = {
                "Writes what is chosen to the row, where the conflict was decided, as any user of"
                        + " that database would: from there it comes to all sites. Who resolved it,"
                        + " when and how is noted in the same transaction."
            },
            mixinStandardHelpOptions = true)
    static final class Resolve implements Callable<Integer> {

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @Spec
        private CommandSpec spec;

        @Mixin private final ConflictsAsked asked = new ConflictsAsked();

        @Parameters(paramLabel = "ID", description = "Which one, such as east/12.")
        private @Nullable String id;

        @SuppressWarnings("NullAway.Init") // picocli sets it
        @ArgGroup(multiplicity = "1")
        private Chosen chosen;

        @Option(
                names = "--force",
                description = "Write the row also where it has changed since the decision.")
        private boolean force;

        /** One of them. */
        static final class Chosen {

            @Option(
                    names = "--apply-incoming",
                    description = "The row becomes what the change would have made of it.")
            private boolean applyIncoming;

            @Option(names = "--keep", description = "The row becomes what the change found.")
            private boolean keep;

            @Option(
                    names = "--dismiss",
                    description = "Nothing is written: the row was looked after otherwise.")
            private boolean dismiss;

            Choice choice() {
                if (applyIncoming) {
                    return Choice.APPLY_INCOMING;
                }
                return keep ? Choice.KEEP : Choice.DISMISS;
            }
        }

        @Override
        public Integer call() throws InterruptedException {
            ConflictName name = ConflictsAsked.name(Objects.requireNonNull(id));
            String by = System.getProperty("user.name") + ", by command";
            return asked.ask(
                    desk -> {
                        ConflictDesk.Outcome outcome =
                                desk.resolve(name, chosen.choice(), force, by)
                                        .orElseThrow(() -> ConflictsAsked.unknown(name));
                        Conflict now = ConflictViews.conflict(outcome.conflict());
                        PrintWriter out = spec.commandLine().getOut();
                        asked.print(out, now, () -> print(out, now, outcome.anew()));
                        return ExitCode.OK;
                    });
        }

        private static void print(PrintWriter out, Conflict now, boolean anew) {
            ConflictViews.Resolved resolved = Objects.requireNonNull(now.resolved());
            if (anew) {
                out.printf("%s is resolved: %s.%n", now.id(), resolved.choice());
            } else {
                out.printf(
                        "%s was resolved already, at %s by %s: %s.%n",
                        now.id(), resolved.at(), resolved.by(), resolved.choice());
            }
        }
    }
}
