package io.sluice.gateway.cli;

import io.sluice.change.TableId;
import io.sluice.config.ConflictConfig;
import io.sluice.config.DataSize;
import io.sluice.config.DatabaseConfig;
import io.sluice.config.LoadKind;
import io.sluice.config.Mode;
import io.sluice.config.ReplicationConfig;
import io.sluice.config.RowErrorPolicy;
import io.sluice.config.RpoConfig;
import io.sluice.config.Schedule;
import io.sluice.config.SitesConfig;
import io.sluice.config.SluiceConfig;
import io.sluice.config.TableFilter;
import io.sluice.config.TableName;
import io.sluice.connectors.mysql.MySqlConnector;
import io.sluice.connectors.postgres.PostgresConnector;
import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Holder;
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
import java.util.Optional;
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
                .flatMap(entry -> settings(entry.getKey(), entry.getValue()).stream())
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
        return sites(pipeline)
                .map(sites -> siteSource(pipeline, address, sites))
                .orElseGet(() -> connector(address).source(address));
    }

    TargetDatabase target(PipelineSettings pipeline) {
        DatabaseAddress address = address(pipeline.target());
        return sites(pipeline).isPresent()
                ? connector(address).siteTarget(address)
                : connector(address).target(address);
    }

    /** How long conflicts of the pipeline stay on record. */
    ConflictConfig.KeepConfig keep(PipelineSettings pipeline) {
        return sites(pipeline)
                .map(sites -> sites.conflict().keep())
                .orElse(ConflictConfig.KeepConfig.DEFAULTS);
    }

    private Optional<SitesConfig> sites(PipelineSettings pipeline) {
        return Optional.ofNullable(config.replications().get(pipeline.replication()))
                .flatMap(ReplicationConfig::sites);
    }

    private static SourceDatabase siteSource(
            PipelineSettings pipeline, DatabaseAddress address, SitesConfig sites) {
        return connector(address)
                .siteSource(
                        address,
                        SitesWiring.reading(pipeline.replication(), sites, pipeline.source()));
    }

    static String name(String replication, String source, String target) {
        return "%s:%s->%s".formatted(replication, source, target);
    }

    private List<PipelineSettings> settings(String name, ReplicationConfig replication) {
        if (replication.sites().isEmpty()) {
            return List.of(
                    settings(
                            name,
                            replication,
                            replication.source(),
                            replication.target(),
                            work(replication)));
        }
        SitesWiring sites = new SitesWiring(name, replication, this);
        return sites.ways().stream()
                .map(
                        way ->
                                settings(
                                        name,
                                        replication,
                                        way.source(),
                                        way.target(),
                                        new Work.BetweenSites(sites.side(way))))
                .toList();
    }

    private PipelineSettings settings(
            String name, ReplicationConfig replication, String source, String target, Work work) {
        return new PipelineSettings(
                name(name, source, target),
                name,
                replication.mode().toString(),
                source,
                target,
                Holder.named(
                        "%s (process %d)"
                                .formatted(config.gateway().name(), ProcessHandle.current().pid())),
                routing(replication, source, target),
                work,
                (work instanceof Work.BetweenSites sites && sites.side().copies())
                        || replication.mode() == Mode.TRANSACTIONAL
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

    /** Patterns of tables are about their names at the first site. */
    Routing routing(ReplicationConfig replication, String source, String target) {
        TableFilter filter = replication.filter();
        DatabaseConfig first = database(replication.source());
        SchemaNames own = SchemaNames.between(database(source), first);
        SchemaNames names = SchemaNames.between(database(source), first, database(target));
        return new Routing(
                table -> filter.matches(own.schema(table.schema()), table.name()),
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

    DatabaseAddress address(String name) {
        DatabaseConfig database = database(name);
        return new DatabaseAddress(
                name, database.url(), database.username(), database.password().reveal());
    }

    DatabaseConfig database(String name) {
        return Objects.requireNonNull(config.databases().get(name));
    }

    static Connector connector(DatabaseAddress address) {
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
