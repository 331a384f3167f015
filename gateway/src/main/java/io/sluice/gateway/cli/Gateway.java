package io.sluice.gateway.cli;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.sluice.config.HttpConfig;
import io.sluice.config.SluiceConfig;
import io.sluice.config.TokenConfig;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.journal.EventKeeper;
import io.sluice.gateway.journal.EventKind;
import io.sluice.gateway.journal.Finding;
import io.sluice.gateway.journal.Journal;
import io.sluice.gateway.journal.ObjectiveKeeper;
import io.sluice.gateway.journal.PipelineOutlook;
import io.sluice.gateway.journal.PipelineReporter;
import io.sluice.gateway.pipeline.Pipeline;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.pipeline.Work;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.server.Access;
import io.sluice.gateway.server.Access.Role;
import io.sluice.gateway.server.GatewayMetrics;
import io.sluice.gateway.server.GatewayServer;
import io.sluice.gateway.server.History;
import io.sluice.gateway.server.Insight;
import io.sluice.gateway.server.Operator;
import io.sluice.gateway.sites.ClockLines;
import io.sluice.gateway.sites.ClockSkew;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole gateway in this process: the pipelines of a configuration, and what shows them. */
public final class Gateway implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    /** Less than what a pipeline may take by itself: its last events are to be kept after it. */
    private static final Duration STOP_TIME = Duration.ofMillis(7500);

    private final InstantSource clock = InstantSource.system();
    private final Instant started = clock.instant();
    private final Journal journal = new Journal(clock);
    private final History history = new History();
    private final Map<String, Member> members = new LinkedHashMap<>();

    /** By one pipeline of the two between each pair of sites. */
    private final Map<String, ClockLines> clocks = new LinkedHashMap<>();

    private final ConflictOffice conflicts;
    private final Observation observation;
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
    private final GatewayMetrics metrics;
    private final GatewayServer server;
    private final ProgressLog progress;

    /**
     * Starts everything; the pipelines find their databases on their own time.
     *
     * @throws CommandException if the address to listen on is taken
     */
    public Gateway(SluiceConfig config) {
        Wiring wiring = new Wiring(config);
        metrics = new GatewayMetrics(config.gateway(), Version.text());
        new JvmMemoryMetrics().bindTo(metrics.registry());
        new ProcessorMetrics().bindTo(metrics.registry());
        gcMetrics.bindTo(metrics.registry());
        for (PipelineSettings settings : wiring.pipelines()) {
            Member member = member(settings, wiring);
            metrics.watch(member.pipeline);
            metrics.watch(settings, member.outlook);
            members.put(settings.name(), member);
        }
        members.values().forEach(member -> watchClocks(member.pipeline));
        conflicts =
                new ConflictOffice(
                        wiring,
                        clock,
                        (pipeline, text) -> report(pipeline, EventKind.OPERATOR, text));
        observation = new Observation(this::statuses, history, this::look, clock);
        server = listen(config);
        progress = new ProgressLog(this::statuses, clock);
        members.values().forEach(Member::start);
        conflicts.start();
        progress.start();
        observation.start();
    }

    /** A pipeline, and who tells and keeps what happens to it. */
    private record Member(
            Pipeline pipeline,
            PipelineReporter reporter,
            EventKeeper keeper,
            PipelineOutlook outlook,
            ObjectiveKeeper objective) {

        void start() {
            keeper.start();
            objective.start();
            reporter.report(EventKind.STATE, "the gateway starts, version " + Version.text());
            pipeline.start();
        }

        void close() throws InterruptedException {
            try {
                pipeline.stop(STOP_TIME);
                objective.close();
                keeper.close();
            } finally {
                pipeline.cut();
            }
        }
    }

    private Member member(PipelineSettings settings, Wiring wiring) {
        String name = settings.name();
        TargetDatabase target = wiring.target(settings);
        BooleanSupplier claimed = () -> member(name).pipeline.checkpoint() != null;
        EventKeeper keeper = new EventKeeper(name, target.events(name), journal, clock, claimed);
        PipelineReporter reporter =
                new PipelineReporter(
                        name,
                        journal,
                        keeper::keep,
                        history.observer(name, metrics.observer(settings)));
        Pipeline pipeline =
                new Pipeline(settings, wiring.source(settings), target, clock, reporter);
        ObjectiveLedger ledger = new ObjectiveLedger(wiring.objective(settings), run());
        return new Member(
                pipeline,
                reporter,
                keeper,
                new PipelineOutlook(ledger, started),
                new ObjectiveKeeper(
                        name,
                        target.objective(name),
                        ledger,
                        clock,
                        new ObjectiveKeeper.Claim(settings.holder(), claimed),
                        trouble -> reporter.report(EventKind.RETRY, trouble)));
    }

    private void watchClocks(Pipeline pipeline) {
        PipelineSettings settings = pipeline.settings();
        if (settings.work() instanceof Work.BetweenSites between) {
            metrics.watchSkew(settings, () -> skew(pipeline.status()));
            if (settings.source().compareTo(settings.target()) < 0) {
                clocks.put(
                        settings.name(),
                        new ClockLines(
                                settings.replication(),
                                settings.source(),
                                settings.target(),
                                between.side().maxSkew()));
            }
        }
    }

    private Optional<ClockSkew> skew(PipelineStatus way) {
        String back = Wiring.name(way.replication(), way.target(), way.source());
        return way.skew(member(back).pipeline.status());
    }

    private Member member(String pipeline) {
        return Objects.requireNonNull(members.get(pipeline), pipeline);
    }

    /** Each run of a gateway has another number. */
    private long run() {
        return started.getEpochSecond() * 1_000_000 + started.getNano() / 1_000;
    }

    private void look(PipelineStatus status, Instant now) {
        Member member = member(status.name());
        for (Finding finding : member.outlook.look(status, now)) {
            member.reporter.report(finding.kind(), finding.text());
        }
        ClockLines lines = clocks.get(status.name());
        if (lines != null) {
            lines.look(skew(status), now);
        }
    }

    private void report(String pipeline, EventKind kind, String text) {
        Member member = members.get(pipeline);
        if (member != null) {
            member.reporter.report(kind, text);
        }
    }

    private void order(String pipeline, Operator.Action action, String cause) {
        Pipeline ordered = member(pipeline).pipeline;
        switch (action) {
            case PAUSE -> ordered.orders().pause();
            case RESUME -> ordered.orders().resume();
            case RESTART -> ordered.orders().restart();
        }
        String word = action.name().toLowerCase(Locale.ROOT);
        LOG.info("{}: {} ordered by {}", pipeline, word, cause);
        report(pipeline, EventKind.OPERATOR, "%s, by %s".formatted(word, cause));
    }

    private GatewayServer listen(SluiceConfig config) {
        HttpConfig http = config.gateway().http();
        try {
            return new GatewayServer(
                    new InetSocketAddress(http.listen().host(), http.listen().port()),
                    access(http),
                    new Insight(
                            Version.text(),
                            config,
                            this::statuses,
                            name -> member(name).pipeline.tables().all(),
                            metrics,
                            journal,
                            history,
                            name -> member(name).outlook.outlook(),
                            name -> member(name).objective,
                            this::order,
                            conflicts.desk(),
                            clock));
        } catch (RuntimeException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Cannot listen on %s (%s): is another gateway running? Change gateway.http.listen."
                            .formatted(http.listen(), e.getMessage()));
        }
    }

    private static Access access(HttpConfig http) {
        List<Access.Token> tokens = new ArrayList<>();
        http.token()
                .ifPresent(
                        secret ->
                                tokens.add(
                                        new Access.Token(
                                                "operator", Role.OPERATOR, secret.reveal())));
        http.tokens()
                .forEach(
                        (name, token) ->
                                tokens.add(
                                        new Access.Token(
                                                name, role(token), token.token().reveal())));
        return new Access(tokens);
    }

    private static Role role(TokenConfig token) {
        return switch (token.role()) {
            case VIEWER -> Role.VIEWER;
            case OPERATOR -> Role.OPERATOR;
        };
    }

    /** The port that the HTTP side listens on. */
    public int httpPort() {
        return server.port();
    }

    /** How every pipeline is now. */
    public List<PipelineStatus> statuses() {
        return members.values().stream().map(m -> m.pipeline.status()).toList();
    }

    /**
     * Whether every pipeline has applied all that its source had committed when it was first found
     * that the pipeline keeps up.
     */
    public boolean isCaughtUp() {
        return members.values().stream().allMatch(m -> m.pipeline.isCaughtUp());
    }

    /** Drains and stops all pipelines, at most some ten seconds. */
    @Override
    public void close() throws InterruptedException {
        progress.stop();
        observation.stop();
        List<Thread> stopping =
                members.values().stream()
                        .map(p -> Thread.ofVirtual().start(() -> close(p)))
                        .toList();
        for (Thread thread : stopping) {
            thread.join(Duration.ofMillis(9500));
        }
        server.close();
        metrics.close();
        conflicts.close();
        gcMetrics.close();
    }

    private static void close(Member member) {
        try {
            member.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
