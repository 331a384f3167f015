package io.sluice.gateway.server;

import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import java.util.Map;

/** Answers that are problems, all of one form: {@code application/problem+json}. */
final class Refusal {

    private Refusal() {}

    static HttpResponseException of(int status, String detail) {
        return new HttpResponseException(status, detail, Map.of());
    }

    static void answer(Context ctx, int status, String detail) {
        ctx.status(status);
        ctx.json(
                Map.of(
                        "type",
                        "about:blank",
                        "title",
                        HttpStatus.forStatus(status).getMessage(),
                        "status",
                        status,
                        "detail",
                        detail));
        ctx.contentType("application/problem+json");
    }
}
