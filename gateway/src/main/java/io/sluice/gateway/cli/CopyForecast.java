package io.sluice.gateway.cli;

import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.snapshot.CopySettings;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a copy is going to be like, by the source's statistics. Pure. */
final class CopyForecast {

    /** A middling disk and a near network. It is a guess and said to be one. */
    private static final long ASSUMED_PER_SECOND = 20L << 20;

    private static final int SHOWN = 5;
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB"};

    private CopyForecast() {}

    static Finding of(String source, List<TableDefinition> tables, CopySettings copy) {
        long rows = tables.stream().mapToLong(t -> Math.max(0, t.estimatedRows())).sum();
        long bytes = tables.stream().mapToLong(t -> Math.max(0, t.estimatedBytes())).sum();
        long unknown = tables.stream().filter(t -> t.estimatedRows() < 0).count();
        long limit = copy.maxBytesPerSecond();
        boolean limited = limit > 0 && limit < ASSUMED_PER_SECOND;
        long rate = limited ? limit : ASSUMED_PER_SECOND;
        return Finding.notes(
                source,
                "The copy: %d tables, about %s rows, %s%s. At %s/s (%s) the rows take about %s, indexes"
                                .formatted(
                                        tables.size(),
                                        String.format(Locale.ROOT, "%,d", rows),
                                        size(bytes),
                                        unknown == 0
                                                ? ""
                                                : " (%d without statistics)".formatted(unknown),
                                        size(rate),
                                        limited
                                                ? "copy.maxBytesPerSecond"
                                                : "assumed, not measured: the first lines of run"
                                                        + " tell the real rate",
                                        time(Duration.ofSeconds(bytes / rate)))
                        + " not counted. Largest: %s.".formatted(largest(tables)));
    }

    private static String largest(List<TableDefinition> tables) {
        return tables.stream()
                .sorted(Comparator.comparingLong(TableDefinition::estimatedBytes).reversed())
                .limit(SHOWN)
                .map(t -> "%s %s".formatted(t.table(), size(Math.max(0, t.estimatedBytes()))))
                .collect(Collectors.joining(", "));
    }

    /** With one digit after the point. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double amount = bytes / 1024.0;
        int unit = 0;
        while (amount >= 1023.95 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** In its two largest units. */
    static String time(Duration duration) {
        long seconds = Math.max(1, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? "%d min %d s".formatted(seconds / 60, seconds % 60)
                : "%d h %d min".formatted(seconds / 3600, seconds % 3600 / 60);
    }
}
