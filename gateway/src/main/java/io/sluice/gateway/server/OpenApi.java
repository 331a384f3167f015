package io.sluice.gateway.server;

import io.javalin.http.HandlerType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The API's description in OpenAPI 3.1, made of the routes and the records that they answer with.
 */
final class OpenApi {

    private static final Pattern IN_PATH = Pattern.compile("\\{([a-z]+)}");

    private final Map<String, Object> schemas = new LinkedHashMap<>();

    private OpenApi() {}

    static Map<String, Object> document(List<Route> routes, String version) {
        return new OpenApi().describe(routes, version);
    }

    private Map<String, Object> describe(List<Route> routes, String version) {
        Map<String, Object> paths = new LinkedHashMap<>();
        for (Route route : routes) {
            @SuppressWarnings("unchecked")
            Map<String, Object> path =
                    (Map<String, Object>)
                            paths.computeIfAbsent(route.path(), p -> new LinkedHashMap<>());
            path.put(route.method().name().toLowerCase(Locale.ROOT), operation(route));
        }
        schemas.put(
                "Problem",
                object(
                        Map.of(
                                "type", type("string"),
                                "title", type("string"),
                                "status", type("integer"),
                                "detail", type("string"))));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                Map.of(
                        "title",
                        "Sluice",
                        "version",
                        version,
                        "description",
                        "Times are ISO 8601 in UTC, durations seconds, unknown numbers null."));
        document.put("security", List.of(Map.of("token", List.of())));
        document.put("paths", paths);
        document.put(
                "components",
                Map.of(
                        "schemas",
                        schemas,
                        "securitySchemes",
                        Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
        return document;
    }

    private Map<String, Object> operation(Route route) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("summary", route.summary());
        operation.put("operationId", id(route));
        List<Object> parameters = new ArrayList<>();
        IN_PATH.matcher(route.path())
                .results()
                .forEach(
                        name ->
                                parameters.add(
                                        Map.of(
                                                "name",
                                                name.group(1),
                                                "in",
                                                "path",
                                                "required",
                                                true,
                                                "schema",
                                                type("string"))));
        for (Route.Parameter parameter : route.parameters()) {
            parameters.add(
                    Map.of(
                            "name", parameter.name(),
                            "in", "query",
                            "description", parameter.meaning(),
                            "schema", type(parameter.type())));
        }
        operation.put("parameters", parameters);
        if (route.method() == HandlerType.POST) {
            operation.put("requestBody", Map.of("content", json(reference(route.body()))));
        }
        operation.put(
                "responses",
                Map.of(
                        route.method() == HandlerType.POST ? "202" : "200",
                        Map.of("description", route.summary(), "content", answer(route)),
                        "default",
                        Map.of(
                                "description",
                                "Not answered, and why.",
                                "content",
                                Map.of(
                                        "application/problem+json",
                                        Map.of(
                                                "schema",
                                                Map.of("$ref", "#/components/schemas/Problem"))))));
        return operation;
    }

    private static String id(Route route) {
        String words = route.path().replace("/api/v1", "").replaceAll("[^A-Za-z]+", " ").strip();
        return (route.method().name().toLowerCase(Locale.ROOT) + " " + words).replace(' ', '-');
    }

    private Map<String, Object> answer(Route route) {
        if (route.answer() == String.class) {
            return Map.of("text/plain", Map.of("schema", type("string")));
        }
        return json(route.answer() == Object.class ? type("object") : reference(route.answer()));
    }

    private static Map<String, Object> json(Map<String, Object> schema) {
        return Map.of("application/json", Map.of("schema", schema));
    }

    private Map<String, Object> reference(Class<?> type) {
        String name = type.getSimpleName();
        if (!schemas.containsKey(name)) {
            schemas.put(name, Map.of());
            Map<String, Object> properties = new LinkedHashMap<>();
            for (RecordComponent component : type.getRecordComponents()) {
                properties.put(component.getName(), schema(component.getAnnotatedType()));
            }
            schemas.put(name, object(properties));
        }
        return Map.of("$ref", "#/components/schemas/" + name);
    }

    private Map<String, Object> schema(AnnotatedType annotated) {
        Map<String, Object> schema = schema(annotated, annotated.getType());
        return annotated.isAnnotationPresent(Nullable.class)
                ? Map.of("anyOf", List.of(schema, type("null")))
                : schema;
    }

    private Map<String, Object> schema(AnnotatedType annotated, Type of) {
        Class<?> raw =
                (Class<?>) (of instanceof ParameterizedType generic ? generic.getRawType() : of);
        if (raw.isRecord()) {
            return reference(raw);
        }
        if (Collection.class.isAssignableFrom(raw)
                && annotated instanceof AnnotatedParameterizedType list) {
            return Map.of(
                    "type", "array", "items", schema(list.getAnnotatedActualTypeArguments()[0]));
        }
        return switch (raw.getSimpleName()) {
            case "boolean", "Boolean" -> type("boolean");
            case "int", "Integer", "long", "Long" -> type("integer");
            case "double", "Double" -> type("number");
            case "String" -> type("string");
            default -> type("object");
        };
    }

    private static Map<String, Object> object(Map<String, Object> properties) {
        return Map.of("type", "object", "properties", properties);
    }

    private static Map<String, Object> type(String name) {
        return Map.of("type", name);
    }
}
