package io.sluice.gateway.server;

import io.javalin.http.Context;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.gateway.journal.ObjectiveKeeper;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.server.ReportViews.PipelineReport;
import io.sluice.gateway.server.ReportViews.RpoReport;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** Answers how the objectives were kept in a month. Thread-safe. */
final class Reports {

    private final Insight insight;

    Reports(Insight insight) {
        this.insight = insight;
    }

    /** As which the report is asked for. */
    private enum Form {
        JSON,
        HTML,
        CSV
    }

    void answer(Context ctx) {
        Form form = form(ctx);
        RpoReport report = report(month(ctx));
        switch (form) {
            case JSON -> ctx.json(report);
            case CSV -> ctx.contentType("text/csv; charset=utf-8").result(ReportText.csv(report));
            case HTML -> {
                ctx.header("Content-Security-Policy", ReportPage.POLICY);
                ctx.contentType("text/html; charset=utf-8").result(ReportPage.of(report));
            }
        }
    }

    private static Form form(Context ctx) {
        String format = ctx.queryParam("format");
        if (format != null) {
            try {
                return Form.valueOf(format.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw Refusal.of(400, "`format` is json, html or csv.");
            }
        }
        String accept = ctx.header("Accept");
        if (accept == null) {
            return Form.JSON;
        }
        return accept.contains("text/html")
                ? Form.HTML
                : accept.contains("text/csv") ? Form.CSV : Form.JSON;
    }

    private YearMonth month(Context ctx) {
        String text = ctx.queryParam("month");
        if (text == null) {
            return YearMonth.from(insight.clock().instant().atOffset(ZoneOffset.UTC));
        }
        try {
            if (text.length() == "2026-01".length()) {
                return YearMonth.parse(text);
            }
        } catch (DateTimeParseException e) {
            // said below
        }
        throw Refusal.of(400, "`month` is a month such as 2026-01.");
    }

    private RpoReport report(YearMonth month) {
        Instant now = insight.clock().instant();
        return new RpoReport(
                insight.config().gateway().name(),
                month.atDay(1).toString(),
                month.plusMonths(1).atDay(1).toString(),
                now.toString(),
                insight.pipelines().get().stream().map(p -> report(p, month, now)).toList());
    }

    private PipelineReport report(PipelineStatus pipeline, YearMonth month, Instant now) {
        ObjectiveKeeper keeper = insight.objectives().apply(pipeline.name());
        try {
            return ReportViews.pipeline(
                    pipeline,
                    keeper.report(month.atDay(1), month.plusMonths(1).atDay(1)),
                    keeper.isRestored(),
                    now);
        } catch (ConnectorException e) {
            throw Refusal.of(
                    503,
                    "What was kept of so long ago lies in %s, which does not answer."
                            .formatted(pipeline.target()));
        }
    }
}
