package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Numbered rows are committed, the source's region is lost at a random moment: its server dies by
 * SIGKILL, and nothing reaches the target any more. The rows that the target lacks then are what
 * was really lost, and how old the oldest of them is was to be read from the gateway before.
 */
final class GroundTruthTest {

    /** How often the source is sampled: by so much what is published may be under the truth. */
    private static final Duration INTERVAL = Duration.ofMillis(300);

    /** What befalls the link before the end, so that there is something to lose. */
    private enum Ailment {
        NONE,
        STALLED_TARGET,
        SLOW_TARGET,
        STALLED_SOURCE,
        CUT_SOURCE;

        boolean isStall() {
            return this == STALLED_TARGET || this == STALLED_SOURCE;
        }

        void strike(FaultProxy toSource, FaultProxy toTarget) {
            switch (this) {
                case NONE -> {}
                case STALLED_TARGET -> toTarget.stall();
                case SLOW_TARGET ->
                        toTarget.delay(FaultProxy.Direction.TO_SERVER, Duration.ofMillis(150));
                case STALLED_SOURCE -> toSource.stall();
                case CUT_SOURCE -> {
                    toSource.refuse();
                    toSource.reset();
                }
            }
        }
    }

    /** What was published, at the moment when it was asked for. */
    private record Published(Instant asked, @Nullable Duration age, String basis) {}

    @Test
    void whatIsLostWithTheSourceIsNoOlderThanWasPublished() throws Exception {
        play(
                Pair.POSTGRES_TO_POSTGRES,
                List.of(Ailment.STALLED_SOURCE, Ailment.STALLED_TARGET, Ailment.NONE));
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_TO_MYSQL", "MYSQL_TO_POSTGRES"})
    void norAtManyMoments(Pair pair) throws Exception {
        play(pair, List.of(Ailment.values()));
    }

    private static void play(Pair pair, List<Ailment> rounds) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (TwoSites sites = pair.sites(Durability.REAL).with("heartbeat: 300ms")) {
            FaultProxy toSource = sites.proxySource();
            FaultProxy toTarget = sites.proxyTarget();
            try (LoadWithTimes load = new LoadWithTimes(sites.with("stallTimeout: 2s"));
                    Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                load.start();
                for (int round = 0; round < rounds.size(); round++) {
                    load.awaitMore(20);
                    awaitCaughtUp(sites, load);
                    Watching.awaitStreaming(gateway);
                    boolean fromApi = random.nextBoolean();
                    try (Reader reader = new Reader(gateway.httpPort(), fromApi)) {
                        String what = "%s, seed %d".formatted(rounds.get(round), seed);
                        load.awaitMore(5 + random.nextInt(20));
                        reader.awaitFirst();
                        Ailment ailment = rounds.get(round);
                        ailment.strike(toSource, toTarget);
                        if (ailment.isStall()) {
                            load.awaitMore(2); // one of them began after it, and does not arrive
                        }
                        // Not for long: nothing tells how long a disaster takes to come.
                        pause(random.nextInt(2500));
                        toTarget.refuse();
                        Instant end = Instant.now();
                        toTarget.reset();
                        sites.sourceServer.kill();
                        Instant ended = Instant.now();
                        int lost = judge(what, sites, load.committed(), reader.until(end), ended);
                        if (ailment.isStall()) {
                            assertThat(lost).as(what).isPositive();
                        }
                    }
                    toSource.heal();
                    toTarget.heal();
                    sites.sourceServer.start();
                }
            }
        }
    }

    /** Returns how many rows were lost. */
    private static int judge(
            String what,
            TwoSites sites,
            NavigableMap<Long, Instant> committed,
            Published last,
            Instant ended)
            throws SQLException {
        Set<Long> arrived = arrived(sites);
        NavigableMap<Long, Instant> lost = new TreeMap<>(committed);
        lost.keySet().removeAll(arrived);
        lost.values().removeIf(at -> at.isAfter(ended));
        Duration published = Objects.requireNonNull(last.age(), what);
        Instant oldest =
                lost.values().stream().min(Instant::compareTo).orElse(ended.plus(INTERVAL));
        Duration age = Duration.between(oldest, last.asked());
        System.out.printf(
                "%s: %d rows lost, the oldest %s old when %s (%s) was said%n",
                what, lost.size(), age, published, last.basis());
        assertThat(published.plus(INTERVAL))
                .as("%s: %d rows are lost; last was said %s", what, lost.size(), last)
                .isGreaterThanOrEqualTo(age);
        return lost.size();
    }

    private static Set<Long> arrived(TwoSites sites) throws SQLException {
        Set<Long> arrived = new HashSet<>();
        try (Connection connection = sites.target();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM tick")) {
            while (rows.next()) {
                arrived.add(rows.getLong(1));
            }
        }
        return arrived;
    }

    private static void awaitCaughtUp(TwoSites sites, LoadWithTimes load) {
        long goal = load.committed().lastKey();
        TwoSites.await(
                Duration.ofSeconds(180),
                () ->
                        Long.parseLong(
                                        Objects.requireNonNull(
                                                sites.queryTarget("SELECT max(id) FROM tick")))
                                >= goal);
    }

    private static void pause(int millis) throws InterruptedException {
        new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    }

    /** Asks the gateway over HTTP, again and again. */
    private static final class Reader implements AutoCloseable {

        private static final Pattern METRIC =
                Pattern.compile("(?m)^sluice_rpo_seconds\\{[^}]*} (\\S+)$");

        private final HttpClient client = HttpClient.newHttpClient();
        private final ObjectMapper json = new ObjectMapper();
        private final HttpRequest request;
        private final boolean fromApi;
        private final NavigableMap<Instant, Published> published = new TreeMap<>();
        private final CountDownLatch first = new CountDownLatch(1);
        private final CountDownLatch stop = new CountDownLatch(1);
        private final Thread thread;
        private volatile @Nullable Throwable failure;

        Reader(int port, boolean fromApi) {
            this.fromApi = fromApi;
            this.request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:%d%s"
                                                    .formatted(
                                                            port,
                                                            fromApi ? "/api/v1/rpo" : "/metrics")))
                            .timeout(Duration.ofSeconds(30))
                            .build();
            this.thread = Thread.ofPlatform().name("reader").start(this::run);
        }

        void awaitFirst() throws InterruptedException {
            assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
        }

        /** The last answer that was there at a moment. */
        Published until(Instant moment) throws InterruptedException {
            stop.countDown();
            thread.join();
            if (failure != null) {
                throw new AssertionError("the reader has failed", failure);
            }
            Map.Entry<Instant, Published> last = published.lowerEntry(moment);
            return Objects.requireNonNull(last, "nothing was published").getValue();
        }

        private void run() {
            try {
                do {
                    Instant asked = Instant.now();
                    String answer =
                            client.send(request, HttpResponse.BodyHandlers.ofString()).body();
                    published.put(Instant.now(), read(asked, answer));
                    first.countDown();
                } while (!stop.await(50, TimeUnit.MILLISECONDS));
            } catch (IOException | RuntimeException | AssertionError e) {
                failure = e;
                first.countDown();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private Published read(Instant asked, String answer) throws IOException {
            if (fromApi) {
                JsonNode rpo = json.readTree(answer).get("pipelines").get(0);
                JsonNode seconds = rpo.get("rpoSeconds");
                return new Published(
                        asked,
                        seconds.isNull() ? null : duration(seconds.asDouble()),
                        rpo.get("basis").asText());
            }
            Matcher metric = METRIC.matcher(answer);
            assertThat(metric.find()).as(answer).isTrue();
            double seconds = Double.parseDouble(metric.group(1));
            return new Published(
                    asked, Double.isNaN(seconds) ? null : duration(seconds), "metrics");
        }

        private static Duration duration(double seconds) {
            return Duration.ofNanos((long) (seconds * 1e9));
        }

        @Override
        public void close() throws InterruptedException {
            stop.countDown();
            thread.join();
            client.close();
        }
    }
}
