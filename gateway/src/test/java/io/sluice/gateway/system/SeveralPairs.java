package io.sluice.gateway.system;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Several pairs of engines under one gateway, which has a replication for each: what befalls the
 * gateway befalls all of them, for little more time than one takes.
 */
final class SeveralPairs implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private final Map<Pair, TwoSites> all = new EnumMap<>(Pair.class);
    private String gatewayName = "test";

    /**
     * @param made the sites of each, of which no two may share a MySQL target
     */
    SeveralPairs(List<Pair> pairs, Function<Pair, TwoSites> made) {
        for (Pair pair : pairs) {
            all.put(pair, made.apply(pair).named(pair.name().toLowerCase(Locale.ROOT)));
        }
    }

    /** Every pair, on the servers that all tests share. */
    static SeveralPairs shared() {
        return new SeveralPairs(
                List.of(Pair.values()), pair -> pair.shared().with("heartbeat: 200ms"));
    }

    /** What is done in a pair, or looked for. */
    @FunctionalInterface
    interface Step {
        void in(Pair pair, TwoSites sites) throws Exception;
    }

    /** In one pair after the other. */
    void each(Step step) throws Exception {
        for (Map.Entry<Pair, TwoSites> one : all.entrySet()) {
            try {
                step.in(one.getKey(), one.getValue());
            } catch (Exception | AssertionError e) {
                throw new AssertionError(one.getKey() + ": " + e.getMessage(), e);
            }
        }
    }

    /** What the gateway of the next configuration is called. */
    SeveralPairs gatewayName(String name) {
        gatewayName = name;
        return this;
    }

    private String yaml() {
        return TwoSites.yaml(gatewayName, List.copyOf(all.values()));
    }

    SluiceConfig config() {
        return ConfigReader.read("test", yaml(), name -> null);
    }

    String configFile(Path folder) {
        try {
            return Files.writeString(folder.resolve(gatewayName + ".yaml"), yaml()).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until every pipeline is in that state. */
    void awaitAll(Gateway gateway, PipelineState state) throws Exception {
        each(
                (pair, sites) -> {
                    Watching.awaitState(gateway, sites.pipeline(), state, PATIENCE);
                });
    }

    /** Whether a line of a gateway's log about this pipeline says that. */
    static boolean says(GatewayProcess gateway, TwoSites sites, String text) {
        return gateway.errors()
                .lines()
                .anyMatch(line -> line.contains(sites.pipeline()) && line.contains(text));
    }

    @Override
    public void close() throws Exception {
        each((pair, sites) -> sites.close());
    }
}
