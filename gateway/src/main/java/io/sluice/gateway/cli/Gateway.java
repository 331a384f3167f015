package io.sluice.gateway.cli;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.sluice.config.HttpConfig;
import io.sluice.config.Secret;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.pipeline.Pipeline;
import io.sluice.gateway.pipeline.PipelineSettings;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.server.GatewayMetrics;
import io.sluice.gateway.server.GatewayServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A whole gateway in this process: the pipelines of a configuration, and what shows them. */
public final class Gateway implements AutoCloseable {

    private final List<Pipeline> pipelines = new ArrayList<>();
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
    private final GatewayServer server;
    private final ProgressLog progress;

    /**
     * Starts everything; the pipelines find their databases on their own time.
     *
     * @throws CommandException if the address to listen on is taken
     */
    public Gateway(SluiceConfig config) {
        InstantSource clock = InstantSource.system();
        Wiring wiring = new Wiring(config);
        GatewayMetrics metrics = new GatewayMetrics();
        new JvmMemoryMetrics().bindTo(metrics.registry());
        new ProcessorMetrics().bindTo(metrics.registry());
        gcMetrics.bindTo(metrics.registry());
        for (PipelineSettings settings : wiring.pipelines()) {
            Pipeline pipeline =
                    new Pipeline(
                            settings,
                            wiring.source(settings),
                            wiring.target(settings),
                            clock,
                            metrics.observer(settings));
            metrics.watch(pipeline);
            pipelines.add(pipeline);
        }
        server = listen(config.gateway().http(), metrics);
        progress = new ProgressLog(this::statuses, clock);
        pipelines.forEach(Pipeline::start);
        progress.start();
    }

    private GatewayServer listen(HttpConfig http, GatewayMetrics metrics) {
        try {
            return new GatewayServer(
                    new InetSocketAddress(http.listen().host(), http.listen().port()),
                    http.token().map(Secret::reveal).orElse(null),
                    this::statuses,
                    metrics);
        } catch (RuntimeException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "Cannot listen on %s (%s): is another gateway running? Change gateway.http.listen."
                            .formatted(http.listen(), e.getMessage()));
        }
    }

    /** The port that the HTTP side listens on. */
    public int httpPort() {
        return server.port();
    }

    /** How every pipeline is now. */
    public List<PipelineStatus> statuses() {
        return pipelines.stream().map(Pipeline::status).toList();
    }

    /**
     * Whether every pipeline has applied all that its source had committed when it was first found
     * that the pipeline keeps up.
     */
    public boolean isCaughtUp() {
        return pipelines.stream().allMatch(Pipeline::isCaughtUp);
    }

    /** Drains and stops all pipelines, at most some ten seconds. */
    @Override
    public void close() throws InterruptedException {
        progress.stop();
        List<Thread> stopping =
                pipelines.stream().map(p -> Thread.ofVirtual().start(() -> close(p))).toList();
        for (Thread thread : stopping) {
            thread.join(Duration.ofMillis(9500));
        }
        server.close();
        gcMetrics.close();
    }

    private static void close(Pipeline pipeline) {
        try {
            pipeline.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
