package io.sluice.gateway.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.sluice.config.DatabaseConfig;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.server.Access.Caller;
import io.sluice.gateway.server.Operator.Action;
import io.sluice.gateway.server.Route.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that can be asked of a gateway. Thread-safe. */
final class Api implements AutoCloseable {

    private static final String V1 = "/api/v1";
    private static final int LONGEST_REASON = 200;
    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1_000;

    private static final Set<PipelineState> NOT_WORKING =
            Set.of(
                    PipelineState.STARTING,
                    PipelineState.DRAINING,
                    PipelineState.STOPPED,
                    PipelineState.FAILED);

    private final Insight insight;
    private final Guard guard;
    private final ObjectMapper json;
    private final EventStreams streams;
    private final Reports reports;
    private final ConflictRoutes conflicts;

    Api(Insight insight, Guard guard, ObjectMapper json) {
        this.insight = insight;
        this.guard = guard;
        this.json = json;
        this.reports = new Reports(insight);
        this.conflicts = new ConflictRoutes(insight.conflicts(), guard, json);
        this.streams = new EventStreams(insight.journal(), this::live, json);
    }

    @Override
    public void close() {
        streams.close();
    }

    List<Route> routes() {
        return Stream.concat(ownRoutes().stream(), conflicts.routes(V1).stream()).toList();
    }

    private List<Route> ownRoutes() {
        return List.of(
                Route.get(
                        "/health/live",
                        "Whether the process works.",
                        Views.Health.class,
                        ctx -> ctx.json(new Views.Health("live", null))),
                Route.get(
                        "/health/ready",
                        "Whether every pipeline works; 503 where one does not.",
                        Views.Health.class,
                        this::ready),
                Route.get("/metrics", "Prometheus' text format.", String.class, this::scrape),
                Route.get(
                        V1 + "/session", "Who asks, and whom.", Views.Session.class, this::session),
                Route.get(
                        V1 + "/replications",
                        "All replications and their pipelines.",
                        Views.Replications.class,
                        ctx -> ctx.json(Views.replications(pipelines(), insight.outlooks()))),
                Route.get(
                        V1 + "/replications/{name}",
                        "One replication.",
                        Views.Replication.class,
                        this::replication),
                Route.get(
                        V1 + "/pipelines/{name}",
                        "One pipeline, named replication:source->target and percent-encoded.",
                        Views.Pipeline.class,
                        ctx -> ctx.json(Views.pipeline(named(ctx), insight.outlooks()))),
                Route.get(
                                V1 + "/pipelines/{name}/history",
                                "Its last quarter of an hour, a sample a second.",
                                Views.Course.class,
                                this::history)
                        .with(
                                new Parameter(
                                        "after", "Only later samples; milliseconds since 1970.")),
                Route.get(
                                V1 + "/pipelines/{name}/tables",
                                "Its tables: their copy, what was applied to them, and when last.",
                                TableViews.Tables.class,
                                ctx ->
                                        ctx.json(
                                                TableViews.tables(
                                                        insight.tables().apply(named(ctx).name()),
                                                        question(ctx))))
                        .with(
                                new Parameter(
                                        "name", "Only those whose name holds this.", "string"),
                                new Parameter(
                                        "sort",
                                        "name; copy, changes or last-change: the least copied, most"
                                                + " or latest changed first.",
                                        "string"),
                                new Parameter("offset", "How many to leave out."),
                                new Parameter("limit", "How many at most; 100, up to 1000.")),
                Route.post(
                        V1 + "/pipelines/{name}/pause",
                        "Lets it write what it has read and wait; the source keeps its log.",
                        Views.Pipeline.class,
                        ctx -> order(ctx, Action.PAUSE)),
                Route.post(
                        V1 + "/pipelines/{name}/resume",
                        "Lets a paused pipeline go on from its checkpoint.",
                        Views.Pipeline.class,
                        ctx -> order(ctx, Action.RESUME)),
                Route.post(
                        V1 + "/pipelines/{name}/restart",
                        "Begins again as at the gateway's start, also where it has failed.",
                        Views.Pipeline.class,
                        ctx -> order(ctx, Action.RESTART)),
                Route.get(
                        V1 + "/rpo",
                        "What would be lost now, by pipeline, and the worst, also of each replication"
                                + " and of what leaves each region.",
                        RpoViews.RpoOverview.class,
                        ctx ->
                                ctx.json(
                                        RpoViews.overview(
                                                pipelines(), insight.outlooks(), this::region))),
                Route.get(
                                V1 + "/rpo/report",
                                "How the objectives were kept in a month: HTML or CSV for callers"
                                        + " that accept text/html or text/csv.",
                                ReportViews.RpoReport.class,
                                reports::answer)
                        .with(
                                new Parameter(
                                        "month",
                                        "Such as 2026-05, in UTC; the present one without it.",
                                        "string"),
                                new Parameter("format", "json, html or csv.", "string")),
                Route.get(
                                V1 + "/events",
                                "What happened, the oldest first; as it happens for callers that"
                                        + " accept text/event-stream.",
                                Views.Events.class,
                                this::events)
                        .with(
                                new Parameter(
                                        "after", "Only what came after the event of this id."),
                                new Parameter("before", "The last ones before this id."),
                                new Parameter("limit", "How many at most; 100, up to 1000.")),
                Route.get(
                        V1 + "/stream",
                        "Server-sent: the status every second, and each event at once.",
                        String.class,
                        streams::live),
                Route.get(
                        V1 + "/configuration",
                        "What is in force, secrets masked.",
                        Object.class,
                        ctx -> ctx.json(ConfigurationView.of(insight.config()))),
                Route.get(
                        V1 + "/openapi.json",
                        "This description.",
                        Object.class,
                        ctx -> ctx.json(OpenApi.document(routes(), insight.version()))));
    }

    private List<PipelineStatus> pipelines() {
        return insight.pipelines().get();
    }

    private String region(String database) {
        DatabaseConfig known = insight.config().databases().get(database);
        return known == null ? database : known.region().orElse(database);
    }

    private Object live() {
        return new Views.Live(
                insight.clock().instant().toString(),
                Views.replications(pipelines(), insight.outlooks()).replications());
    }

    private void ready(Context ctx) {
        List<String> reasons =
                pipelines().stream()
                        .filter(p -> NOT_WORKING.contains(p.state()))
                        .map(Api::reason)
                        .toList();
        ctx.status(reasons.isEmpty() ? 200 : 503);
        String status = reasons.isEmpty() ? "ready" : "not ready";
        // Reasons name tables and constraints; without a token only the status is told.
        ctx.json(new Views.Health(status, Guard.caller(ctx) == null ? null : reasons));
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
        ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(insight.metrics().scrape());
    }

    private void session(Context ctx) {
        Caller caller = Objects.requireNonNull(Guard.caller(ctx));
        ctx.json(
                new Views.Session(
                        insight.config().gateway().name(),
                        insight.version(),
                        caller.name(),
                        caller.role().name().toLowerCase(Locale.ROOT)));
    }

    private void replication(Context ctx) {
        String name = ctx.pathParam("name");
        List<PipelineStatus> own =
                pipelines().stream().filter(p -> p.replication().equals(name)).toList();
        if (own.isEmpty()) {
            throw Refusal.of(404, "There is no replication of that name.");
        }
        ctx.json(Views.replication(own, insight.outlooks()));
    }

    private PipelineStatus named(Context ctx) {
        String name = ctx.pathParam("name");
        return pipelines().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                Refusal.of(
                                        404,
                                        "There is no pipeline of that name; names are"
                                                + " replication:source->target,"
                                                + " percent-encoded."));
    }

    private void history(Context ctx) {
        PipelineStatus pipeline = named(ctx);
        double after = number(ctx, "after", 0) / 1000.0;
        List<History.Sample> samples =
                insight.history().of(pipeline.name()).stream()
                        .filter(sample -> sample.at() > after)
                        .toList();
        ctx.json(new Views.Course(pipeline.objective().toNanos() / 1e9, samples));
    }

    private static TableViews.Question question(Context ctx) {
        String name = ctx.queryParam("name");
        String sort = ctx.queryParam("sort");
        return new TableViews.Question(
                name == null ? "" : name,
                TableViews.order(sort == null ? "name" : sort),
                number(ctx, "offset", 0),
                Math.clamp(number(ctx, "limit", PAGE), 1, LARGEST_PAGE));
    }

    private void order(Context ctx, Action action) {
        Caller caller = guard.operator(ctx);
        String name = named(ctx).name();
        String reason = reason(ctx.body());
        try {
            insight.operator()
                    .order(name, action, caller.name() + (reason == null ? "" : ": " + reason));
        } catch (IllegalStateException e) {
            throw Refusal.of(409, String.valueOf(e.getMessage()));
        }
        ctx.status(202).json(Views.pipeline(named(ctx), insight.outlooks()));
    }

    private @Nullable String reason(String body) {
        if (body.isBlank()) {
            return null;
        }
        try {
            String reason = json.readValue(body, Views.Order.class).reason();
            if (reason == null || reason.isBlank()) {
                return null;
            }
            String line = reason.strip().replaceAll("[\\p{Cntrl}\\p{Cf}]", " ");
            return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON);
        } catch (JsonProcessingException e) {
            throw Refusal.of(400, "The body is to be empty or like {\"reason\": \"…\"}.");
        }
    }

    private void events(Context ctx) {
        String accept = ctx.header("Accept");
        if (accept != null && accept.contains("text/event-stream")) {
            String last = ctx.header("Last-Event-ID");
            long after = last == null ? number(ctx, "after", insight.journal().lastId()) : id(last);
            streams.events(ctx, after);
            return;
        }
        int limit = (int) Math.clamp(number(ctx, "limit", PAGE), 1, LARGEST_PAGE);
        if (ctx.queryParam("after") != null) {
            long after = number(ctx, "after", 0);
            ctx.json(Views.events(insight.journal().after(after, limit), after));
        } else {
            long before = number(ctx, "before", Long.MAX_VALUE);
            ctx.json(Views.events(insight.journal().before(before, limit), 0));
        }
    }

    private static long number(Context ctx, String parameter, long otherwise) {
        String text = ctx.queryParam(parameter);
        return text == null ? otherwise : id(text);
    }

    private static long id(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw Refusal.of(400, "`after`, `before`, `offset` and `limit` are whole numbers.");
        }
        return Long.parseLong(text);
    }
}
