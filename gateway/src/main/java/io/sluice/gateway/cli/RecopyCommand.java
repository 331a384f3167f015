package io.sluice.gateway.cli;

import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.Work;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "recopy",
        description = {
            "Orders a new copy of a pipeline's tables, for example after a gap in the source's log.",
            "The next run empties these tables on the target and fills them again; in mode log-based"
                    + " it empties nothing and begins again at now. A gateway that runs the pipeline"
                    + " now is fenced off."
        },
        mixinStandardHelpOptions = true)
final class RecopyCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            required = true,
            description = "The configuration.")
    private @Nullable Path config;

    @Option(names = "--yes", description = "Do it; without, only say what would be done.")
    private boolean yes;

    @Parameters(
            paramLabel = "PIPELINE",
            description = "The pipeline's name, for example 'orders:east->west'.")
    private @Nullable String name;

    @Override
    public Integer call() {
        Wiring wiring = new Wiring(ConfigFiles.read(Objects.requireNonNull(config)));
        PipelineSettings pipeline = find(wiring);
        if (pipeline.work() instanceof Work.BetweenSites) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "One direction between sites cannot begin anew by itself. Empty the second"
                            + " site's tables, and give the replication another name.");
        }
        try (SourceDatabase source = wiring.source(pipeline);
                TargetDatabase target = wiring.target(pipeline)) {
            List<TableDefinition> tables =
                    pipeline.routing().select(source.tables()).stream()
                            .map(pipeline.routing()::target)
                            .toList();
            String names =
                    tables.stream()
                            .map(table -> table.table().toString())
                            .collect(Collectors.joining(", "));
            if (!yes) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "This %s on %s: %s. Add --yes to do it."
                                .formatted(
                                        pipeline.initialCopy()
                                                ? "empties and fills anew"
                                                : "begins again at now, without what was missed,",
                                        pipeline.target(),
                                        names));
            }
            order(pipeline, target, tables);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "Ordered: the next run %s %s on %s.%n",
                            pipeline.initialCopy()
                                    ? "empties and fills"
                                    : "begins at now, without what was missed, for",
                            names,
                            pipeline.target());
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (ConnectorException e) {
            throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private static void order(
            PipelineSettings pipeline, TargetDatabase target, List<TableDefinition> tables) {
        target.prepare();
        Checkpoint claim = target.claim(pipeline.name(), Holder.named("sluice recopy"));
        try (TargetSession session = target.session(claim, pipeline.statementTimeout())) {
            tables.forEach(table -> session.saveCopy(TableCopy.unplanned(table.table())));
            session.cursors().forget();
            session.commit(claim.in(Phase.NEW));
        }
    }

    private PipelineSettings find(Wiring wiring) {
        List<PipelineSettings> all = wiring.pipelines();
        return all.stream()
                .filter(pipeline -> pipeline.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new CommandException(
                                        ExitCode.USAGE,
                                        "There is no pipeline `%s`; there is %s."
                                                .formatted(
                                                        name,
                                                        all.stream()
                                                                .map(PipelineSettings::name)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }
}
