package io.sluice.benchmarks;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.MySqlServer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The gateway, in this process. */
final class SluiceContender implements Contender {

    private final SluiceConfig config;
    private @Nullable Gateway gateway;

    SluiceContender(Sites sites) {
        this(sites, false);
    }

    SluiceContender(Sites sites, boolean bothWays) {
        config =
                ConfigReader.read(
                        "benchmark",
                        """
                        gateway: {name: benchmark, http: {listen: "127.0.0.1:0"}}
                        databases:
                          source: {url: "%s", username: %s, password: "${env:SOURCE}"}
                          target: {url: "%s", username: %s, password: "${env:TARGET}"}
                        replications:
                          benchmark: %s tables: ["*.big", "*.beat"]}
                        """
                                .formatted(
                                        url(sites.source(), sites.database()),
                                        sites.source().superuser(),
                                        url(sites.target(), sites.database()),
                                        sites.target().superuser(),
                                        bothWays
                                                ? "{mode: bidirectional, between: [source, target], "
                                                : "{mode: transactional, source: source, target: target, "),
                        Map.of(
                                        "SOURCE",
                                        sites.source().password(),
                                        "TARGET",
                                        sites.target().password())
                                ::get);
    }

    /** As the servers' own connections go: not encrypted. */
    private static String url(DatabaseServer server, String database) {
        return server.url(database)
                + (server instanceof MySqlServer
                        ? "?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                        : "");
    }

    @Override
    public String name() {
        return "Sluice";
    }

    @Override
    public boolean hasCopied() {
        return gateway != null
                && gateway.statuses().stream()
                        .map(PipelineStatus::state)
                        .allMatch(
                                state ->
                                        state == PipelineState.CATCHING_UP
                                                || state == PipelineState.STREAMING);
    }

    int httpPort() {
        return Objects.requireNonNull(gateway).httpPort();
    }

    @Override
    public void start() {
        gateway = new Gateway(config);
    }

    /** Starts, and waits until the tables are copied. */
    void startAndCopy() {
        start();
        while (!hasCopied()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    @Override
    public void stop() throws InterruptedException {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }
}
