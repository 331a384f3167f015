package io.sluice.gateway.server;

import io.javalin.http.Context;
import io.sluice.gateway.server.Access.Caller;
import io.sluice.gateway.server.Access.Role;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who gets an answer at all. Health is for everyone, its reasons for callers alone; the dashboard's
 * own files hold nothing of the gateway and are for everyone too; all else is for callers.
 *
 * <p>A page of another site that is open in an operator's browser must not reach the gateway with
 * the operator's means: without a token only this machine's own names are answered to (a name that
 * is made to lead here is another one), and an order has to come from the gateway's own pages or
 * from no page at all.
 */
final class Guard {

    private static final String CALLER = "caller";
    private static final int AT_ONCE = 300;
    private static final int PER_SECOND = 50;

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Access access;
    private final String listenHost;
    private final RateLimit rate = new RateLimit(AT_ONCE, PER_SECOND, System::nanoTime);

    Guard(Access access, String listenHost) {
        this.access = access;
        this.listenHost = listenHost;
    }

    /** Before every request. */
    void admit(Context ctx) {
        ctx.header("X-Content-Type-Options", "nosniff");
        ctx.header("Cache-Control", "no-store");
        ctx.header("Content-Security-Policy", POLICY);
        ctx.header("X-Frame-Options", "DENY");
        ctx.header("Referrer-Policy", "no-referrer");
        ctx.header("Cross-Origin-Resource-Policy", "same-origin");
        boolean named = access.asksForToken() || isOwnName(ctx.header("Host"));
        if (named) {
            access.caller(ctx.header("Authorization"))
                    .ifPresent(caller -> ctx.attribute(CALLER, caller));
        }
        if (ctx.path().startsWith("/health/")) {
            return;
        }
        if (!rate.take(ctx.ip())) {
            ctx.header("Retry-After", "1");
            throw Refusal.of(
                    429, "Too many requests; %d a second are served.".formatted(PER_SECOND));
        }
        if (!named) {
            throw Refusal.of(
                    403,
                    "Without a token the gateway answers to localhost only. Configure"
                            + " gateway.http.tokens to reach it by another name.");
        }
        if (!Dashboard.isOwn(ctx.path()) && caller(ctx) == null) {
            ctx.header("WWW-Authenticate", "Bearer");
            throw Refusal.of(401, "Send one of the gateway's tokens: Authorization: Bearer …");
        }
    }

    static @Nullable Caller caller(Context ctx) {
        return ctx.attribute(CALLER);
    }

    /** Before what changes something; returns who orders it. */
    Caller operator(Context ctx) {
        Caller caller = Objects.requireNonNull(caller(ctx));
        if (caller.role() != Role.OPERATOR) {
            throw Refusal.of(403, "The token `%s` is for looking only.".formatted(caller.name()));
        }
        String type = ctx.contentType();
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw Refusal.of(415, "Send Content-Type: application/json, with an empty body or {}.");
        }
        String site = ctx.header("Sec-Fetch-Site");
        boolean sameSite = site == null || site.equals("same-origin") || site.equals("none");
        if (!sameSite || !isOwnOrigin(ctx.header("Origin"), ctx.header("Host"))) {
            throw Refusal.of(403, "Orders are taken from the gateway's own pages only.");
        }
        return caller;
    }

    private static boolean isOwnOrigin(@Nullable String origin, @Nullable String host) {
        if (origin == null) {
            return true;
        }
        try {
            return host != null && host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean isOwnName(@Nullable String host) {
        if (host == null) {
            return true;
        }
        String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
        return OWN_NAMES.contains(name) || name.equals(listenHost);
    }
}
