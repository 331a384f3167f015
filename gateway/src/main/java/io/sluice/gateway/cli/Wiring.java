package io.sluice.gateway.cli;

import io.sluice.change.TableId;
import io.sluice.config.DataSize;
import io.sluice.config.DatabaseConfig;
import io.sluice.config.LoadKind;
import io.sluice.config.Mode;
import io.sluice.config.ReplicationConfig;
import io.sluice.config.RowErrorPolicy;
import io.sluice.config.RpoConfig;
import io.sluice.config.Schedule;
import io.sluice.config.SluiceConfig;
import io.sluice.config.TableFilter;
import io.sluice.config.TableName;
import io.sluice.connectors.mysql.MySqlConnector;
import io.sluice.connectors.postgres.PostgresConnector;
import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.apply.ApplyLimits;
import io.sluice.gateway.keybased.PollSettings;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.PipelineSettings.BufferLimits;
import io.sluice.gateway.pipeline.PipelineSettings.Retry;
import io.sluice.gateway.pipeline.Work;
import io.sluice.gateway.route.Routing;
import io.sluice.gateway.rpo.Objective;
import io.sluice.gateway.snapshot.CopySettings;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** From the configuration to what the engine takes. */
final class Wiring {

    static final List<Connector> CONNECTORS =
            List.of(new PostgresConnector(), new MySqlConnector());

    private final SluiceConfig config;

    Wiring(SluiceConfig config) {
        this.config = config;
    }

    /** What the pipelines of all replications are to do, in the order of the file. */
    List<PipelineSettings> pipelines() {
        return config.replications().entrySet().stream()
                .map(entry -> settings(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** What is promised of the pipeline's RPO. */
    Objective objective(PipelineSettings pipeline) {
        ReplicationConfig replication = config.replications().get(pipeline.replication());
        RpoConfig rpo = replication == null ? RpoConfig.DEFAULTS : replication.rpo();
        return new Objective(pipeline.objective(), rpo.window(), rpo.target().ratio());
    }

    SourceDatabase source(PipelineSettings pipeline) {
        DatabaseAddress address = address(pipeline.source());
        return connector(address).source(address);
    }

    TargetDatabase target(PipelineSettings pipeline) {
        DatabaseAddress address = address(pipeline.target());
        return connector(address).target(address);
    }

    private PipelineSettings settings(String name, ReplicationConfig replication) {
        return new PipelineSettings(
                "%s:%s->%s".formatted(name, replication.source(), replication.target()),
                name,
                replication.mode().toString(),
                replication.source(),
                replication.target(),
                "%s (process %d)".formatted(config.gateway().name(), ProcessHandle.current().pid()),
                routing(replication),
                work(replication),
                replication.mode() == Mode.TRANSACTIONAL
                        || replication.mode() == Mode.KEY_BASED
                        || replication.mode().loadsTables(),
                replication.createTables(),
                new CopySettings(
                        replication.copy().workers(),
                        replication.copy().chunkSize().bytes(),
                        replication.copy().maxBytesPerSecond().map(DataSize::bytes).orElse(0L),
                        replication.copy().pauseWhenSourceLagExceeds().orElse(null),
                        replication.apply().statementTimeout()),
                new ApplyLimits(
                        replication.apply().maxRows(),
                        replication.apply().maxBytes().bytes(),
                        replication.apply().maxDelay()),
                replication.apply().statementTimeout(),
                replication.onRowError() == RowErrorPolicy.PARK,
                replication.apply().maxParked(),
                new BufferLimits(
                        replication.buffer().maxRows(), replication.buffer().maxBytes().bytes()),
                replication.rpo().objective(),
                replication.heartbeat(),
                replication.stallTimeout(),
                new Retry(replication.retry().initialDelay(), replication.retry().maxDelay()));
    }

    private static Work work(ReplicationConfig replication) {
        return switch (replication.mode()) {
            case FULL, SNAPSHOT ->
                    new Work.LoadTables(
                            replication.load() == LoadKind.MERGE,
                            replication.mode() == Mode.SNAPSHOT,
                            replication.keep(),
                            replication.schedule().map(Wiring::times).orElse(null));
            case KEY_BASED ->
                    new Work.PollTables(
                            new PollSettings(
                                    table -> replication.cursor(table.schema(), table.name()),
                                    replication.interval(),
                                    replication.overlap(),
                                    replication.deletes().sweep().orElse(null)));
            case LOG_BASED, TRANSACTIONAL, BIDIRECTIONAL, MERGE -> new Work.FollowLog();
        };
    }

    private static UnaryOperator<Instant> times(Schedule schedule) {
        return moment -> schedule.next(moment);
    }

    private Routing routing(ReplicationConfig replication) {
        TableFilter filter = replication.filter();
        SchemaNames names =
                SchemaNames.between(database(replication.source()), database(replication.target()));
        return new Routing(
                table -> filter.matches(table.schema(), table.name()),
                table -> {
                    TableName from = new TableName(table.schema(), table.name());
                    TableName to = replication.rename().rename(from);
                    // A name that the configuration gives is meant as it stands.
                    return to.equals(from)
                            ? new TableId(names.schema(from.schema()), from.table())
                            : new TableId(to.schema(), to.table());
                },
                table -> replication.excludedColumns(table.schema(), table.name()));
    }

    private DatabaseAddress address(String name) {
        DatabaseConfig database = database(name);
        return new DatabaseAddress(
                name, database.url(), database.username(), database.password().reveal());
    }

    private DatabaseConfig database(String name) {
        return Objects.requireNonNull(config.databases().get(name));
    }

    private static Connector connector(DatabaseAddress address) {
        return CONNECTORS.stream()
                .filter(connector -> connector.accepts(address.url()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new CommandException(
                                        ExitCode.USAGE,
                                        "No connector knows the address of %s."
                                                .formatted(address)));
    }
}
