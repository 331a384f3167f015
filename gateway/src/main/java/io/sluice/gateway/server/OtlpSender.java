package io.sluice.gateway.server;

import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts to one receiver. It never fails: that a receiver does not take what is sent is told once,
 * and once more when it does again. Used by one thread at a time; closed by any.
 */
final class OtlpSender implements OtlpMetricsSender, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OtlpSender.class);

    private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(10);
    private static final Duration WHOLE_TIME = Duration.ofSeconds(20);

    private final URI endpoint;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT_TIME).build();
    private volatile boolean failing;
    private volatile boolean closed;

    OtlpSender(URI endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public void send(Request request) {
        try {
            HttpResponse<Void> answer =
                    http.sendAsync(post(request), BodyHandlers.discarding())
                            .get(WHOLE_TIME.toMillis(), TimeUnit.MILLISECONDS);
            boolean taken = answer.statusCode() / 100 == 2;
            heard(taken ? null : "it answers " + answer.statusCode());
        } catch (ExecutionException e) {
            String message = e.getCause() == null ? null : e.getCause().getMessage();
            heard(message == null ? "it cannot be reached" : message);
        } catch (TimeoutException e) {
            heard("it does not end its answer");
        } catch (IOException | RuntimeException e) {
            String message = e.getMessage();
            heard(message == null ? "it cannot be reached" : message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpRequest post(Request request) throws IOException {
        HttpRequest.Builder post =
                HttpRequest.newBuilder(endpoint)
                        .timeout(ANSWER_TIME)
                        .header("Content-Type", "application/x-protobuf")
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(zipped(request.getMetricsData())));
        request.getHeaders().forEach(post::setHeader);
        return post.build();
    }

    private static byte[] zipped(byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(body);
        }
        return bytes.toByteArray();
    }

    private void heard(@Nullable String trouble) {
        if (trouble != null && !failing && !closed) {
            LOG.warn("Metrics are not taken by {}: {}. Goes on trying.", endpoint, trouble);
        } else if (trouble == null && failing) {
            LOG.info("Metrics are taken by {} again.", endpoint);
        }
        failing = trouble != null;
    }

    @Override
    public void close() {
        closed = true;
        http.shutdownNow();
    }
}
