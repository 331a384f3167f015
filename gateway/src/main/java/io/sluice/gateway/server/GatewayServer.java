package io.sluice.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.json.JavalinJackson;
import java.net.InetSocketAddress;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's HTTP side. Thread-safe; requests are served on virtual threads. */
public final class GatewayServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);

    private static final int LARGEST_REQUEST = 64 * 1024;

    private final Guard guard;
    private final Api api;
    private final Javalin javalin;

    /** Listens at once. */
    public GatewayServer(InetSocketAddress listen, Access access, Insight insight) {
        ObjectMapper json = new ObjectMapper();
        this.guard = new Guard(access, listen.getHostString());
        this.api = new Api(insight, guard, json);
        this.javalin =
                Javalin.create(
                        config -> {
                            config.startup.showJavalinBanner = false;
                            config.startup.showOldJavalinVersionWarning = false;
                            config.concurrency.useVirtualThreads = true;
                            config.http.maxRequestSize = LARGEST_REQUEST;
                            config.http.prefer405over404 = true;
                            config.http.generateEtags = false;
                            config.jsonMapper(new JavalinJackson(json, true));
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
        api.close();
        javalin.stop();
    }

    private void routes(RoutesConfig routes) {
        routes.before(guard::admit);
        routes.get("/", Dashboard::index);
        routes.get("/favicon.svg", Dashboard::icon);
        routes.get("/assets/{file}", Dashboard::asset);
        for (Route route : api.routes()) {
            routes.addHttpHandler(route.method(), route.path(), route.handler());
        }
        routes.exception(
                HttpResponseException.class,
                (e, ctx) -> Refusal.answer(ctx, e.getStatus(), String.valueOf(e.getMessage())));
        routes.exception(
                Exception.class,
                (e, ctx) -> {
                    LOG.error("{} {} failed", ctx.method(), ctx.path(), e);
                    Refusal.answer(ctx, 500, "The request failed; the gateway's log says why.");
                });
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
}
