package io.sluice.gateway.server;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The dashboard's files, as the build left them beside this class. */
final class Dashboard {

    private static final Pattern ASSET = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");

    private static final Map<String, String> TYPES =
            Map.of(
                    "js", "text/javascript; charset=utf-8",
                    "css", "text/css; charset=utf-8",
                    "svg", "image/svg+xml");

    private static final String MISSING =
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Sluice</title>
            <h1>Sluice</h1>
            <p>This gateway was built without Node.js, so its dashboard is not in it.
            It works all the same: see <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>,
            <a href="/metrics">/metrics</a> and <code>sluice status</code>.
            To have the dashboard, build with Node.js 20.19 or newer and npm on the PATH.</p>
            """;

    private Dashboard() {}

    /** Whether the path is one of the dashboard's, which hold nothing of the gateway. */
    static boolean isOwn(String path) {
        return path.equals("/") || path.startsWith("/assets/") || path.equals("/favicon.svg");
    }

    static void index(Context ctx) {
        byte[] page = read("index.html");
        ctx.contentType("text/html; charset=utf-8");
        if (page == null) {
            ctx.result(MISSING);
        } else {
            ctx.result(page);
        }
    }

    static void icon(Context ctx) {
        send(ctx, "favicon.svg");
    }

    /** The names hold a hash of the content, so they may be kept for ever. */
    static void asset(Context ctx) {
        String name = ctx.pathParam("file");
        if (!ASSET.matcher(name).matches()) {
            throw Refusal.of(404, "There is no such file.");
        }
        send(ctx, "assets/" + name);
        ctx.header("Cache-Control", "public, max-age=31536000, immutable");
    }

    private static void send(Context ctx, String name) {
        byte[] content = read(name);
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (content == null || type == null) {
            throw Refusal.of(404, "There is no such file.");
        }
        ctx.contentType(type).result(content);
    }

    private static byte @Nullable [] read(String name) {
        try (InputStream file = Dashboard.class.getResourceAsStream("web/" + name)) {
            return file == null ? null : file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
