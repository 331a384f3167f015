package io.sluice.gateway.cli;

import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.Work;
import io.sluice.gateway.snapshot.SecondaryPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        description = {
            "Connects to every database and checks privileges, log settings, replica identity, keys"
                    + " and types. Changes nothing.",
            "Every finding comes with its remedy; the exit is 3 if one keeps a replication from"
                    + " starting."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The configuration.")
    private @Nullable Path config;

    @Override
    public Integer call() {
        Wiring wiring = new Wiring(ConfigFiles.read(Objects.requireNonNull(config)));
        PrintWriter out = spec.commandLine().getOut();
        boolean blocked = false;
        for (PipelineSettings pipeline : wiring.pipelines()) {
            List<Finding> findings = findings(wiring, pipeline);
            print(pipeline, findings, out);
            blocked |= findings.stream().anyMatch(f -> f.severity() == Severity.BLOCKS);
        }
        out.flush();
        return blocked ? ExitCode.BLOCKED : ExitCode.OK;
    }

    private static List<Finding> findings(Wiring wiring, PipelineSettings pipeline) {
        List<Finding> findings = new ArrayList<>();
        try (SourceDatabase source = wiring.source(pipeline);
                TargetDatabase target = wiring.target(pipeline)) {
            List<TableDefinition> tables = tables(source, pipeline, findings);
            findings.addAll(pipeline.routing().check(tables));
            ask(pipeline.source(), () -> pipeline.work().check(source, tables), findings);
            List<TableDefinition> wanted = tables.stream().map(pipeline.routing()::target).toList();
            ask(pipeline.target(), () -> target.check(pipeline.work().written(wanted)), findings);
            if (pipeline.work() instanceof Work.BetweenSites between) {
                findings.addAll(
                        between.side()
                                .checkClocks(pipeline.name(), source, InstantSource.system()));
            }
            copy(pipeline, source, target, tables, findings);
        }
        return findings;
    }

    /** What is ahead of a pipeline that has not begun to stream. */
    private static void copy(
            PipelineSettings pipeline,
            SourceDatabase source,
            TargetDatabase target,
            List<TableDefinition> tables,
            List<Finding> findings) {
        try {
            boolean streams =
                    target.checkpoint(pipeline.name())
                            .filter(checkpoint -> checkpoint.phase() == Phase.STREAMING)
                            .isPresent();
            if (tables.isEmpty() || streams) {
                return;
            }
            if (pipeline.initialCopy()) {
                findings.add(CopyForecast.of(pipeline.source(), tables, pipeline.copy()));
                lag(pipeline, source, findings);
            }
            List<TableDefinition> wanted = tables.stream().map(pipeline.routing()::target).toList();
            int builds =
                    SecondaryPlan.builds(
                                    source,
                                    target,
                                    pipeline.routing(),
                                    tables,
                                    SecondaryPlan.missing(target, wanted),
                                    findings)
                            .size();
            if (builds > 0) {
                findings.add(
                        Finding.notes(
                                pipeline.target(),
                                "%d indexes, unique keys and foreign keys are made after the rows."
                                        .formatted(builds)));
            }
        } catch (ConnectorException e) {
            findings.add(Finding.warns(pipeline.name(), String.valueOf(e.getMessage()), ""));
        }
    }

    private static void lag(
            PipelineSettings pipeline, SourceDatabase source, List<Finding> findings) {
        if (pipeline.copy().pauseWhenSourceLagExceeds() != null) {
            findings.add(
                    source.replicaLag()
                            .map(
                                    lag ->
                                            Finding.notes(
                                                    pipeline.source(),
                                                    "Furthest behind is %s, by %d ms."
                                                            .formatted(
                                                                    lag.replica(),
                                                                    lag.lag().toMillis())))
                            .orElseGet(
                                    () ->
                                            Finding.notes(
                                                    pipeline.source(),
                                                    "It tells of no replica that lags now. PostgreSQL"
                                                            + " shows it to members of pg_monitor"
                                                            + " alone; MySQL only where the source is"
                                                            + " a replica itself.")));
        }
    }

    /** A database that cannot be asked is a finding too. */
    private static void ask(
            String database, Supplier<List<Finding>> check, List<Finding> findings) {
        try {
            findings.addAll(check.get());
        } catch (ConnectorException e) {
            findings.add(
                    Finding.blocks(
                            database,
                            String.valueOf(e.getMessage()),
                            "Make the database reachable and let the role log in."));
        }
    }

    private static List<TableDefinition> tables(
            SourceDatabase source, PipelineSettings pipeline, List<Finding> findings) {
        try {
            List<TableDefinition> tables = pipeline.routing().select(source.tables());
            findings.add(
                    tables.isEmpty()
                            ? Finding.blocks(
                                    pipeline.source(),
                                    "No table matches.",
                                    "Mend `tables` of the replication " + pipeline.replication())
                            : Finding.notes(
                                    pipeline.source(), tables.size() + " tables take part."));
            return tables;
        } catch (ConnectorException e) {
            return List.of(); // the source's own check says that it cannot be reached
        }
    }

    private static void print(PipelineSettings pipeline, List<Finding> findings, PrintWriter out) {
        out.printf("%s (%s)%n", pipeline.name(), pipeline.mode());
        for (Finding finding : findings) {
            out.printf(
                    "  %-6s  %s: %s%n",
                    finding.severity().name().toLowerCase(Locale.ROOT),
                    finding.subject(),
                    finding.problem());
            if (!finding.remedy().isEmpty()) {
                out.printf("          %s%n", finding.remedy());
            }
        }
        long blocking = findings.stream().filter(f -> f.severity() == Severity.BLOCKS).count();
        out.printf(
                "  %s%n",
                blocking == 0
                        ? "It can start."
                        : "It cannot start: %d to mend.".formatted(blocking));
    }
}
