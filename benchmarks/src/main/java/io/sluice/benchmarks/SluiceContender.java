package io.sluice.benchmarks;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.cli.Gateway;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The gateway, in this process. */
final class SluiceContender implements Contender {

    private final SluiceConfig config;
    private @Nullable Gateway gateway;

    SluiceContender(Sites sites) {
        config =
                ConfigReader.read(
                        "benchmark",
                        """
                        gateway: {name: benchmark, http: {listen: "127.0.0.1:0"}}
                        databases:
                          source: {url: "%s", username: %s, password: "${env:SOURCE}"}
                          target: {url: "%s", username: %s, password: "${env:TARGET}"}
                        replications:
                          benchmark:
                            mode: transactional
                            source: source
                            target: target
                            tables: ["public.*"]
                        """
                                .formatted(
                                        sites.source().url(sites.database()),
                                        sites.source().superuser(),
                                        sites.target().url(sites.database()),
                                        sites.target().superuser()),
                        Map.of(
                                        "SOURCE",
                                        sites.source().password(),
                                        "TARGET",
                                        sites.target().password())
                                ::get);
    }

    @Override
    public String name() {
        return "Sluice";
    }

    @Override
    public void start() {
        gateway = new Gateway(config);
    }

    @Override
    public void stop() throws InterruptedException {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }
}
