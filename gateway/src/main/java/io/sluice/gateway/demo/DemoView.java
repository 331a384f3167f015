package io.sluice.gateway.demo;

import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * What the demonstration shows while it runs: in place on a terminal, a line at a time elsewhere.
 * Used by one thread.
 */
public final class DemoView {

    private final PrintWriter out;
    private final boolean inPlace;
    private int linesShown;
    private long lastChanges;

    /**
     * @param inPlace whether the output is a terminal that can be written over
     */
    public DemoView(PrintWriter out, boolean inPlace) {
        this.out = out;
        this.inPlace = inPlace;
    }

    /**
     * @param rows rows of each table: in the source, in the target
     * @param sourceTransactions that the load has committed
     * @param sinceLast since the last call
     */
    public void show(
            PipelineStatus pipeline,
            Map<String, long[]> rows,
            long sourceTransactions,
            Duration sinceLast) {
        double seconds = Math.max(0.001, sinceLast.toMillis() / 1000.0);
        double rate = (pipeline.appliedChanges() - lastChanges) / seconds;
        lastChanges = pipeline.appliedChanges();
        if (inPlace) {
            showInPlace(pipeline, rows, sourceTransactions, rate);
        } else {
            out.println(headline(pipeline, sourceTransactions, rate));
        }
        out.flush();
    }

    private void showInPlace(
            PipelineStatus pipeline,
            Map<String, long[]> rows,
            long sourceTransactions,
            double rate) {
        StringBuilder text = new StringBuilder();
        if (linesShown > 0) {
            text.append("\033[").append(linesShown).append('A');
        }
        line(text, headline(pipeline, sourceTransactions, rate));
        line(text, String.format(Locale.ROOT, "  %-22s %12s %12s", "rows", "us-east", "eu-west"));
        rows.forEach(
                (table, counts) ->
                        line(
                                text,
                                String.format(
                                        Locale.ROOT,
                                        "  %-22s %,12d %,12d",
                                        table,
                                        counts[0],
                                        counts[1])));
        linesShown = rows.size() + 2;
        out.print(text);
    }

    private static void line(StringBuilder text, String line) {
        text.append("\033[2K").append(line).append('\n');
    }

    private static String headline(
            PipelineStatus pipeline, long sourceTransactions, double changesPerSecond) {
        CopyMonitor.Progress copy = pipeline.copy();
        if (pipeline.state() == PipelineState.COPYING && copy != null) {
            return String.format(
                    Locale.ROOT,
                    "%s  %,d of about %,d rows copied, %,d rows/s",
                    pipeline.state(),
                    copy.rows(),
                    copy.rowsExpected(),
                    copy.rowsPerSecond());
        }
        Duration age = pipeline.exposure().age();
        return String.format(
                Locale.ROOT,
                "%s  RPO %s  %,.0f changes/s  %,d changes of %,d source transactions applied%s",
                pipeline.state(),
                age == null ? "unknown" : String.format(Locale.ROOT, "%.3f s", age.toNanos() / 1e9),
                changesPerSecond,
                pipeline.appliedChanges(),
                sourceTransactions,
                pipeline.failure() == null ? "" : "  " + pipeline.failure().message());
    }
}
