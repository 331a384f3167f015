package io.sluice.gateway.server;

import io.sluice.gateway.server.ReportViews.BreachView;
import io.sluice.gateway.server.ReportViews.Day;
import io.sluice.gateway.server.ReportViews.PipelineReport;
import io.sluice.gateway.server.ReportViews.RpoReport;
import io.sluice.gateway.server.ReportViews.Spent;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report as one page that stands by itself, to be printed or filed. */
final class ReportPage {

    private static final String STYLE =
            """
            body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:62em;padding:0 1em;color:#16202a}
            table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}
            th,td{border-bottom:1px solid #d5dbe0;padding:.25em .6em;text-align:right;vertical-align:top}
            th:first-child,td:first-child,td.text{text-align:left}
            h2{margin-top:2em;overflow-wrap:anywhere}.met{color:#1c7a4b}.missed{color:#b3261e}
            """;

    /** Nothing but this style. */
    static final String POLICY =
            "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                    .formatted(hash(STYLE));

    private final StringBuilder page = new StringBuilder();

    private ReportPage() {}

    static String of(RpoReport report) {
        ReportPage page = new ReportPage();
        page.write(report);
        return page.page.toString();
    }

    private static String hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void write(RpoReport report) {
        add("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
        add("<title>RPO report, " + report.from() + "</title><style>" + STYLE + "</style>");
        add("<h1>RPO report</h1><p>Gateway " + escaped(report.gateway()) + ", from ");
        add(
                report.from()
                        + " up to "
                        + report.until()
                        + " (UTC), as of "
                        + report.asOf()
                        + ".</p>");
        report.pipelines().forEach(this::write);
        add("<p>Kept: the RPO was known and within the objective. Over: it was not. Unknown: a ");
        add("gateway ran and could not tell. Unwatched: none ran, or it did not look. Exempt: no ");
        add("objective applied. Only what is kept counts towards the target; time before the RPO ");
        add("was first known and exempt time do not count at all.</p></html>");
    }

    private void write(PipelineReport report) {
        Spent all = report.all();
        add("<h2>" + escaped(report.pipeline()) + "</h2><p>The RPO is to be at most ");
        add(seconds(report.objectiveSeconds()) + " for " + percent(report.targetRatio()));
        add(" of the time. ");
        if (!report.isWhole()) {
            add("<strong>Not whole: what earlier runs kept in " + escaped(report.target()));
            add(" has not been read yet.</strong> ");
        }
        Boolean met = report.targetMet();
        if (met == null) {
            add("There was nothing to keep.</p>");
            return;
        }
        add("It was for <strong class=\"" + (met ? "met" : "missed") + "\">");
        add(percent(all.attained()) + "</strong>: the target was " + (met ? "met" : "missed"));
        add(". Of the error budget of " + seconds(report.budgetSeconds()) + ", ");
        add(seconds(all.over() + all.unknown() + all.unwatched()) + " were used. Known since ");
        add(report.knownSince() + ".</p>");
        days(report);
        breaches(report);
    }

    private void days(PipelineReport report) {
        add("<table><thead><tr><th>Day<th>Attained<th>Kept<th>Over<th>Unknown<th>Unwatched");
        add("<th>Exempt<th>Worst RPO</thead><tbody>");
        for (Day day : report.days()) {
            Spent spent = day.spent();
            add("<tr><td>" + day.date() + "<td>" + percent(spent.attained()));
            cell(spent.kept());
            cell(spent.over());
            cell(spent.unknown());
            cell(spent.unwatched());
            cell(spent.exempt());
            cell(spent.worstRpo());
        }
        add("</tbody></table>");
    }

    private void breaches(PipelineReport report) {
        if (report.breaches().isEmpty()) {
            add("<p>There was no breach.</p>");
            return;
        }
        add(
                "<table><thead><tr><th>Breach from<th>until<th>for<th>at worst<th>Cause</thead><tbody>");
        for (BreachView breach : report.breaches()) {
            String ended = breach.ended();
            add("<tr><td>" + breach.started() + "<td>" + (ended == null ? "it lasts" : ended));
            cell(breach.seconds());
            cell(breach.worstSeconds());
            add("<td class=\"text\">" + escaped(breach.cause()));
        }
        add("</tbody></table>");
    }

    private void cell(double value) {
        add("<td>" + seconds(value));
    }

    private void add(String text) {
        page.append(text);
    }

    private static String seconds(double value) {
        return value < 120
                ? String.format(Locale.ROOT, "%.1f s", value)
                : String.format(
                        Locale.ROOT,
                        "%d h %02d min %02d s",
                        (long) value / 3600,
                        (long) value / 60 % 60,
                        (long) value % 60);
    }

    /** Rounded down: what is not all does not read as all. */
    private static String percent(@Nullable Double ratio) {
        return ratio == null
                ? "–"
                : String.format(Locale.ROOT, "%.4f %%", Math.floor(ratio * 1e6 + 1e-6) / 1e4);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
