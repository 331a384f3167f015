package io.sluice.change;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A set of MySQL's global transaction identifiers: for each server, and each tag of it, the numbers
 * of its transactions. Immutable; equal by what it contains.
 *
 * <p>The text is MySQL's own: {@code uuid:1-5:7,uuid:tag:1-3}, white space allowed.
 */
public final class GtidSet {

    public static final GtidSet EMPTY = new GtidSet(new TreeMap<>());

    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern TAG = Pattern.compile("[a-z_][a-z0-9_]{0,31}");
    private static final Pattern INTERVAL = Pattern.compile("([0-9]{1,19})(?:-([0-9]{1,19}))?");

    /** By {@code uuid} or {@code uuid:tag}: runs of numbers, ascending, apart from each other. */
    private final TreeMap<String, List<Run>> runs;

    private record Run(long first, long last) {}

    private GtidSet(TreeMap<String, List<Run>> runs) {
        this.runs = runs;
    }

    /**
     * Reads MySQL's form; the empty text is the empty set.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static GtidSet parse(String text) {
        String compact = text.replaceAll("\\s", "").toLowerCase(Locale.ROOT);
        TreeMap<String, List<Run>> runs = new TreeMap<>();
        for (String server : compact.isEmpty() ? new String[0] : compact.split(",", -1)) {
            List<String> parts = Arrays.asList(server.split(":", -1));
            String source = parts.getFirst();
            if (!UUID.matcher(source).matches() || parts.size() < 2) {
                throw new IllegalArgumentException("not a set of GTIDs: " + text);
            }
            for (String part : parts.subList(1, parts.size())) {
                Matcher interval = INTERVAL.matcher(part);
                if (interval.matches()) {
                    long first = Long.parseLong(interval.group(1));
                    String last = interval.group(2);
                    add(runs, source, first, last == null ? first : Long.parseLong(last));
                } else if (TAG.matcher(part).matches()) {
                    source = parts.getFirst() + ":" + part;
                } else {
                    throw new IllegalArgumentException("not a set of GTIDs: " + text);
                }
            }
        }
        return new GtidSet(runs);
    }

    public boolean isEmpty() {
        return runs.isEmpty();
    }

    /** Whether every transaction of {@code other} is in this set. */
    public boolean containsAll(GtidSet other) {
        for (Map.Entry<String, List<Run>> source : other.runs.entrySet()) {
            List<Run> own = runs.getOrDefault(source.getKey(), List.of());
            for (Run run : source.getValue()) {
                if (own.stream().noneMatch(r -> r.first <= run.first && run.last <= r.last)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** This set and the other. */
    public GtidSet plus(GtidSet other) {
        TreeMap<String, List<Run>> sum = new TreeMap<>(runs);
        other.runs.forEach(
                (source, more) -> more.forEach(run -> add(sum, source, run.first, run.last)));
        return new GtidSet(sum);
    }

    /** What is in this set and not in the other. */
    public GtidSet minus(GtidSet other) {
        TreeMap<String, List<Run>> rest = new TreeMap<>();
        runs.forEach(
                (source, own) -> {
                    List<Run> left = own;
                    for (Run taken : other.runs.getOrDefault(source, List.of())) {
                        left = without(left, taken);
                    }
                    if (!left.isEmpty()) {
                        rest.put(source, List.copyOf(left));
                    }
                });
        return new GtidSet(rest);
    }

    private static List<Run> without(List<Run> from, Run taken) {
        List<Run> left = new ArrayList<>();
        for (Run run : from) {
            if (run.last < taken.first || run.first > taken.last) {
                left.add(run);
                continue;
            }
            if (run.first < taken.first) {
                left.add(new Run(run.first, taken.first - 1));
            }
            if (run.last > taken.last) {
                left.add(new Run(taken.last + 1, run.last));
            }
        }
        return left;
    }

    private static void add(TreeMap<String, List<Run>> runs, String source, long first, long last) {
        if (first < 1 || last < first) {
            throw new IllegalArgumentException("not a run of GTIDs: " + first + "-" + last);
        }
        List<Run> merged = new ArrayList<>();
        Run grown = new Run(first, last);
        for (Run run : runs.getOrDefault(source, List.of())) {
            if (run.last < grown.first - 1) {
                merged.add(run);
            } else if (run.first - 1 > grown.last) {
                merged.add(grown);
                grown = run;
            } else {
                grown = new Run(Math.min(run.first, grown.first), Math.max(run.last, grown.last));
            }
        }
        merged.add(grown);
        runs.put(source, List.copyOf(merged));
    }

    /** MySQL's form, without white space; tags stand with their server, as MySQL writes them. */
    public String text() {
        StringJoiner sets = new StringJoiner(",");
        runs.forEach(
                (source, list) -> {
                    StringJoiner set = new StringJoiner(":", source + ":", "");
                    list.forEach(
                            r ->
                                    set.add(
                                            r.first == r.last
                                                    ? Long.toString(r.first)
                                                    : r.first + "-" + r.last));
                    sets.add(set.toString());
                });
        return sets.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GtidSet set && runs.equals(set.runs);
    }

    @Override
    public int hashCode() {
        return runs.hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
