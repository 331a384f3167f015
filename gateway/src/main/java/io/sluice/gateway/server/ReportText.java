package io.sluice.gateway.server;

import io.sluice.gateway.server.ReportViews.Day;
import io.sluice.gateway.server.ReportViews.PipelineReport;
import io.sluice.gateway.server.ReportViews.RpoReport;
import io.sluice.gateway.server.ReportViews.Spent;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;

/** A report as comma-separated values: a line a day and pipeline. */
final class ReportText {

    private static final String HEADER =
            "date,pipeline,objective_seconds,target_ratio,kept_seconds,over_seconds,"
                    + "unknown_seconds,unwatched_seconds,exempt_seconds,attained_ratio,"
                    + "worst_rpo_seconds";

    private ReportText() {}

    static String csv(RpoReport report) {
        StringBuilder text = new StringBuilder(HEADER).append("\r\n");
        for (PipelineReport pipeline : report.pipelines()) {
            for (Day day : pipeline.days()) {
                line(text, pipeline, day);
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, PipelineReport pipeline, Day day) {
        Spent spent = day.spent();
        text.append(day.date()).append(',').append(quoted(pipeline.pipeline()));
        text.append(',').append(number(pipeline.objectiveSeconds()));
        text.append(',').append(ratio(pipeline.targetRatio()));
        for (double value :
                new double[] {
                    spent.kept(), spent.over(), spent.unknown(), spent.unwatched(), spent.exempt()
                }) {
            text.append(',').append(number(value));
        }
        Double attained = spent.attained();
        text.append(',').append(attained == null ? "" : ratio(attained));
        text.append(',').append(number(spent.worstRpo())).append("\r\n");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6f", value)
                .replaceFirst("0+$", "")
                .replaceFirst("\\.$", "");
    }

    /** Rounded down, so that a target that was just missed does not read as met. */
    static String ratio(double value) {
        BigDecimal exact = BigDecimal.valueOf(value).setScale(8, RoundingMode.DOWN);
        return exact.signum() == 0 ? "0" : exact.stripTrailingZeros().toPlainString();
    }
}
