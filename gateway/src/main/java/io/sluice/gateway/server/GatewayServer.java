package io.sluice.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.json.JavalinJackson;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's HTTP side. Thread-safe; requests are served on virtual threads. */
public final class GatewayServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);

    private static final Set<PipelineState> WORKING =
            Set.of(
                    PipelineState.COPYING,
                    PipelineState.CATCHING_UP,
                    PipelineState.STREAMING,
                    PipelineState.WAITING,
                    PipelineState.COMPLETED,
                    PipelineState.PAUSED);

    private final Supplier<List<PipelineStatus>> pipelines;
    private final GatewayMetrics metrics;
    private final byte @Nullable [] token;
    private final Javalin javalin;

    /**
     * Listens at once.
     *
     * @param token asked for as bearer token on everything but health; null where none is needed
     */
    public GatewayServer(
            InetSocketAddress listen,
            @Nullable String token,
            Supplier<List<PipelineStatus>> pipelines,
            GatewayMetrics metrics) {
        this.pipelines = pipelines;
        this.metrics = metrics;
        this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
        this.javalin =
                Javalin.create(
                        config -> {
                            config.startup.showJavalinBanner = false;
                            config.startup.showOldJavalinVersionWarning = false;
                            config.concurrency.useVirtualThreads = true;
                            config.http.maxRequestSize = 64 * 1024;
                            config.http.prefer405over404 = true;
                            config.http.generateEtags = false;
                            config.jsonMapper(new JavalinJackson(new ObjectMapper(), true));
                            config.jetty.modifyServer(
                                    server -> server.setErrorHandler(GatewayServer::refuse));
                            routes(config.routes);
                        });
        javalin.start(listen.getHostString(), listen.getPort());
        LOG.info("Listens on http://{}:{}", listen.getHostString(), port());
    }

    /** The port that it listens on. */
    public int port() {
        return javalin.port();
    }

    @Override
    public void close() {
        javalin.stop();
    }

    private void routes(RoutesConfig routes) {
        routes.before(this::secure);
        routes.get("/health/live", ctx -> ctx.json(Map.of("status", "live")));
        routes.get("/health/ready", this::ready);
        routes.get("/metrics", this::scrape);
        routes.get("/api/v1/replications", ctx -> ctx.json(Views.replications(pipelines.get())));
        routes.get("/api/v1/replications/{name}", this::replication);
        routes.get("/api/v1/pipelines/{name}", this::pipeline);
        routes.get("/api/v1/rpo", ctx -> ctx.json(Views.rpoOverview(pipelines.get())));
        routes.exception(
                HttpResponseException.class,
                (e, ctx) -> problem(ctx, e.getStatus(), String.valueOf(e.getMessage())));
        routes.exception(
                Exception.class,
                (e, ctx) -> {
                    LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
                    problem(ctx, 500, "The request failed; the gateway's log says why.");
                });
    }

    private void secure(Context ctx) {
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("Cache-Control", "no-store");
        if (!ctx.path().startsWith("/health/") && !isAdmitted(ctx)) {
            ctx.header("WWW-Authenticate", "Bearer");
            throw new HttpResponseException(
                    HttpStatus.UNAUTHORIZED.getCode(),
                    "Send the gateway's token: Authorization: Bearer …",
                    Map.of());
        }
    }

    /**
     * Whether the request shows the token, in a time that does not tell how much of it is right.
     */
    private boolean isAdmitted(Context ctx) {
        if (token == null) {
            return true;
        }
        String given = ctx.header("Authorization");
        byte[] sent =
                given != null && given.startsWith("Bearer ")
                        ? given.substring("Bearer ".length()).getBytes(StandardCharsets.UTF_8)
                        : new byte[0];
        return MessageDigest.isEqual(sent, token);
    }

    private void ready(Context ctx) {
        List<String> reasons =
                pipelines.get().stream()
                        .filter(p -> !WORKING.contains(p.state()))
                        .map(GatewayServer::reason)
                        .toList();
        ctx.status(reasons.isEmpty() ? 200 : 503);
        String status = reasons.isEmpty() ? "ready" : "not ready";
        // Reasons name tables and constraints; without the token only the status is told.
        ctx.json(
                isAdmitted(ctx)
                        ? Map.of("status", status, "reasons", reasons)
                        : Map.of("status", status));
    }

    private static String reason(PipelineStatus pipeline) {
        PipelineStatus.Failure failure = pipeline.failure();
        return "%s is %s%s"
                .formatted(
                        pipeline.name(),
                        pipeline.state(),
                        failure == null ? "" : ": " + failure.message());
    }

    private void scrape(Context ctx) {
        ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
    }

    private void replication(Context ctx) {
        String name = ctx.pathParam("name");
        List<PipelineStatus> own =
                pipelines.get().stream().filter(p -> p.replication().equals(name)).toList();
        if (own.isEmpty()) {
            throw new HttpResponseException(404, "There is no replication of that name.", Map.of());
        }
        ctx.json(Views.replication(own));
    }

    private void pipeline(Context ctx) {
        String name = ctx.pathParam("name");
        PipelineStatus found =
                pipelines.get().stream()
                        .filter(p -> p.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new HttpResponseException(
                                                404,
                                                "There is no pipeline of that name; names are"
                                                        + " replication:source->target,"
                                                        + " percent-encoded.",
                                                Map.of()));
        ctx.json(Views.pipeline(found));
    }

    /** What the web server itself refuses, before it is anybody's request. */
    private static boolean refuse(Request request, Response response, Callback callback) {
        response.getHeaders().put("Content-Type", "application/problem+json");
        String body =
                "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d}"
                        .formatted(
                                HttpStatus.forStatus(response.getStatus()).getMessage(),
                                response.getStatus());
        Content.Sink.write(response, true, body, callback);
        return true;
    }

    private static void problem(Context ctx, int status, String detail) {
        HttpStatus known = HttpStatus.forStatus(status);
        ctx.status(status);
        ctx.json(
                Map.of(
                        "type",
                        "about:blank",
                        "title",
                        known.getMessage(),
                        "status",
                        status,
                        "detail",
                        detail));
        ctx.contentType("application/problem+json");
    }
}
