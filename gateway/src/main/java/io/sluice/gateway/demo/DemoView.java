package io.sluice.gateway.demo;

import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the demonstration shows while it runs: in place on a terminal, a line at a time elsewhere.
 * Used by one thread.
 */
public final class DemoView {

    private final PrintWriter out;
    private final boolean inPlace;
    private final List<String> regions;
    private final Map<String, Long> lastChanges = new HashMap<>();
    private int linesShown;

    /**
     * What the users of all regions have done so far.
     *
     * @param sales transactions of the shop, in the first region
     * @param bookings transactions on the stock, in two regions
     * @param conflicts bookings that did not know of each other
     */
    public record Load(long sales, long bookings, long conflicts) {

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,d source transactions in the shop, %,d bookings in both regions, %,d conflicts settled",
                    sales,
                    bookings,
                    conflicts);
        }
    }

    /**
     * @param inPlace whether the output is a terminal that can be written over
     * @param regions their names, the source first
     */
    public DemoView(PrintWriter out, boolean inPlace, List<String> regions) {
        this.out = out;
        this.inPlace = inPlace;
        this.regions = List.copyOf(regions);
    }

    /**
     * @param rows rows of each table, in the order of the regions
     * @param load what was committed, and what came of it
     * @param sinceLast since the last call
     */
    public void show(
            List<PipelineStatus> pipelines,
            Map<String, long[]> rows,
            Load load,
            Duration sinceLast) {
        double seconds = Math.max(0.001, sinceLast.toMillis() / 1000.0);
        List<String> headlines = new ArrayList<>();
        for (PipelineStatus pipeline : pipelines) {
            Long last = lastChanges.put(pipeline.name(), pipeline.appliedChanges());
            double rate = (pipeline.appliedChanges() - (last == null ? 0 : last)) / seconds;
            headlines.add("%-24s%s".formatted(pipeline.name(), headline(pipeline, rate)));
        }
        headlines.add(load.toString());
        if (inPlace) {
            showInPlace(headlines, rows);
        } else {
            headlines.forEach(out::println);
        }
        out.flush();
    }

    private void showInPlace(List<String> headlines, Map<String, long[]> rows) {
        StringBuilder text = new StringBuilder();
        if (linesShown > 0) {
            text.append("\033[").append(linesShown).append('A');
        }
        headlines.forEach(headline -> line(text, headline));
        StringBuilder names = new StringBuilder(String.format(Locale.ROOT, "  %-22s", "rows"));
        regions.forEach(region -> names.append(String.format(Locale.ROOT, " %12s", region)));
        line(text, names.toString());
        rows.forEach(
                (table, counts) -> {
                    StringBuilder row =
                            new StringBuilder(String.format(Locale.ROOT, "  %-22s", table));
                    for (long count : counts) {
                        row.append(String.format(Locale.ROOT, " %,12d", count));
                    }
                    line(text, row.toString());
                });
        linesShown = headlines.size() + rows.size() + 1;
        out.print(text);
    }

    private static void line(StringBuilder text, String line) {
        text.append("\033[2K").append(line).append('\n');
    }

    private static String headline(PipelineStatus pipeline, double changesPerSecond) {
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
                "%s  RPO %s  %,.0f changes/s  %,d changes applied%s",
                pipeline.state(),
                age == null ? "unknown" : String.format(Locale.ROOT, "%.3f s", age.toNanos() / 1e9),
                changesPerSecond,
                pipeline.appliedChanges(),
                pipeline.failure() == null ? "" : "  " + pipeline.failure().message());
    }
}
