package io.sluice.gateway.server;

import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import java.util.List;

/**
 * One thing that can be asked for.
 *
 * @param answer the record that describes the JSON; {@code String} for text, {@code Object} for
 *     JSON of no fixed form
 * @param body the record that describes what an order may bring
 */
record Route(
        HandlerType method,
        String path,
        String summary,
        Class<?> answer,
        List<Parameter> parameters,
        Class<?> body,
        Handler handler) {

    /** What can be said with the question. */
    record Parameter(String name, String meaning, String type) {

        Parameter(String name, String meaning) {
            this(name, meaning, "integer");
        }
    }

    static Route get(String path, String summary, Class<?> answer, Handler handler) {
        return new Route(
                HandlerType.GET, path, summary, answer, List.of(), Views.Order.class, handler);
    }

    static Route post(String path, String summary, Class<?> answer, Handler handler) {
        return new Route(
                HandlerType.POST, path, summary, answer, List.of(), Views.Order.class, handler);
    }

    Route with(Parameter... further) {
        return new Route(method, path, summary, answer, List.of(further), body, handler);
    }

    Route taking(Class<?> other) {
        return new Route(method, path, summary, answer, parameters, other, handler);
    }
}
