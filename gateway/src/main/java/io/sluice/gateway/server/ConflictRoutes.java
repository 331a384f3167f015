package io.sluice.gateway.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.gateway.conflicts.Choice;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.conflicts.ConflictName;
import io.sluice.gateway.conflicts.ConflictRefusedException;
import io.sluice.gateway.conflicts.NoSuchRecordException;
import io.sluice.gateway.server.Access.Caller;
import io.sluice.gateway.server.Access.Role;
import io.sluice.gateway.server.Route.Parameter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What can be asked about conflicts, and ordered for them. Thread-safe. */
final class ConflictRoutes {

    private static final int PAGE = 100;
    private static final int LARGEST_PAGE = 1_000;
    private static final int LONGEST_REASON = 200;

    private final ConflictDesk desk;
    private final Guard guard;
    private final ObjectMapper json;

    ConflictRoutes(ConflictDesk desk, Guard guard, ObjectMapper json) {
        this.desk = desk;
        this.guard = guard;
        this.json = json;
    }

    List<Route> routes(String prefix) {
        String one = prefix + "/conflicts/{site}/{id}";
        return List.of(
                Route.get(
                                prefix + "/conflicts",
                                "The conflicts that were decided, the newest first.",
                                ConflictViews.Conflicts.class,
                                this::page)
                        .with(
                                text("site", "Only those decided at this database."),
                                text("pipeline", "Only those of this pipeline."),
                                text("table", "Only those of this table, schema.name."),
                                text("kind", "Only those of this kind, in PostgreSQL's words."),
                                text("resolution", "apply, keep, merge or park."),
                                text("since", "Decided at this time or later, ISO 8601."),
                                text("until", "Decided before this time."),
                                text("open", "true: only those that wait for a person."),
                                text("after", "A former answer's `next`: those that follow."),
                                new Parameter("limit", "How many at most; 100, up to 1000.")),
                Route.get(
                        one,
                        "One conflict with both rows; their values are for operators.",
                        ConflictViews.ConflictDetail.class,
                        this::one),
                Route.post(
                                one + "/resolve",
                                "Writes what is chosen where the conflict was decided, from where"
                                        + " it comes to all sites.",
                                ConflictViews.ConflictDetail.class,
                                this::resolve)
                        .taking(ConflictViews.Resolve.class));
    }

    private static Parameter text(String name, String meaning) {
        return new Parameter(name, meaning, "string");
    }

    private void page(Context ctx) {
        ConflictSearch search =
                new ConflictSearch(
                        ctx.queryParam("pipeline"),
                        ctx.queryParam("table"),
                        ctx.queryParam("kind"),
                        ctx.queryParam("resolution"),
                        moment(ctx, "since"),
                        moment(ctx, "until"),
                        isOpen(ctx.queryParam("open")));
        int limit = limit(ctx.queryParam("limit"));
        ConflictDesk.Page page =
                answered(
                        () ->
                                desk.page(
                                        search,
                                        ctx.queryParam("site"),
                                        ctx.queryParam("after"),
                                        limit));
        ctx.json(ConflictViews.page(page));
    }

    private static boolean isOpen(@Nullable String text) {
        if (text != null && !text.equals("true") && !text.equals("false")) {
            throw Refusal.of(400, "`open` is true or false.");
        }
        return "true".equals(text);
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return PAGE;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw Refusal.of(400, "`limit` is a whole number.");
        }
        return Math.clamp(Long.parseLong(text), 1, LARGEST_PAGE);
    }

    private static @Nullable Instant moment(Context ctx, String parameter) {
        String text = ctx.queryParam(parameter);
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw Refusal.of(400, "`since` and `until` are times such as 2026-05-01T12:00:00Z.");
        }
    }

    private void one(Context ctx) {
        ConflictName name = name(ctx);
        ConflictDesk.Located found =
                answered(() -> desk.find(name)).orElseThrow(ConflictRoutes::unknown);
        ctx.json(ConflictViews.detail(found, isViewer(ctx)));
    }

    private static boolean isViewer(Context ctx) {
        return Objects.requireNonNull(Guard.caller(ctx)).role() == Role.VIEWER;
    }

    private static ConflictName name(Context ctx) {
        return ConflictName.of(ctx.pathParam("site") + "/" + ctx.pathParam("id"))
                .orElseThrow(ConflictRoutes::unknown);
    }

    private static HttpResponseException unknown() {
        return Refusal.of(404, "There is no conflict of that number on record at that site.");
    }

    private void resolve(Context ctx) {
        Caller caller = guard.operator(ctx);
        ConflictName name = name(ctx);
        ConflictViews.Resolve order = order(ctx.body());
        Choice choice =
                Choice.of(String.valueOf(order.choice())).orElseThrow(ConflictRoutes::unreadable);
        String reason = reason(order.reason());
        String by = caller.name() + (reason.isEmpty() ? "" : ": " + reason);
        ConflictDesk.Outcome outcome =
                answered(() -> desk.resolve(name, choice, Boolean.TRUE.equals(order.force()), by))
                        .orElseThrow(ConflictRoutes::unknown);
        ctx.status(202).json(ConflictViews.detail(outcome.conflict(), false));
    }

    private ConflictViews.Resolve order(String body) {
        try {
            ConflictViews.Resolve order = json.readValue(body, ConflictViews.Resolve.class);
            if (order == null) {
                throw unreadable();
            }
            return order;
        } catch (JsonProcessingException e) {
            throw unreadable();
        }
    }

    private static HttpResponseException unreadable() {
        return Refusal.of(
                400,
                "The body is to be like {\"choice\": \"apply-incoming\"}; other choices are keep and"
                        + " dismiss.");
    }

    private static String reason(@Nullable String given) {
        String line = given == null ? "" : given.strip().replaceAll("[\\p{Cntrl}\\p{Cf}]", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON);
    }

    private static <T> T answered(Supplier<T> asking) {
        try {
            return asking.get();
        } catch (NoSuchRecordException e) {
            throw Refusal.of(404, String.valueOf(e.getMessage()));
        } catch (ConflictRefusedException e) {
            throw Refusal.of(409, String.valueOf(e.getMessage()));
        } catch (ConnectorException e) {
            throw Refusal.of(
                    e.errorClass() == ErrorClass.RETRY ? 503 : 409, String.valueOf(e.getMessage()));
        }
    }
}
