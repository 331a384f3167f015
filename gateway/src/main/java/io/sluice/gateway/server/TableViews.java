package io.sluice.gateway.server;

import io.sluice.gateway.pipeline.TableStatus;
import io.sluice.gateway.snapshot.TableProgress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A pipeline's tables as the API shows them. */
final class TableViews {

    private static final Comparator<TableStatus> BY_NAME =
            Comparator.comparing(status -> status.table().toString());

    private TableViews() {}

    /**
     * A page of tables.
     *
     * @param total how many the pipeline has
     * @param matching how many of them were asked for
     */
    record Tables(int total, int matching, List<Table> tables) {}

    /**
     * @param table on the target
     * @param source the same on the source
     * @param copy null where there is none to tell of
     * @param inserts applied since the gateway's start, as the others
     * @param lastChange when the last of them became durable; null for none
     */
    record Table(
            String table,
            String source,
            @Nullable TableCopied copy,
            long inserts,
            long updates,
            long deletes,
            long truncates,
            @Nullable String lastChange) {}

    /**
     * @param state waiting, copying or copied
     */
    record TableCopied(String state, long rows, long rowsExpected, int chunksDone, int chunks) {}

    /**
     * @param part of the names that are looked for
     */
    record Question(String part, Comparator<TableStatus> order, long offset, long limit) {}

    /** By the name that callers give the order. */
    static Comparator<TableStatus> order(String name) {
        return switch (name) {
            case "name" -> BY_NAME;
            case "copy" -> Comparator.comparingDouble(TableViews::copied).thenComparing(BY_NAME);
            case "changes" ->
                    Comparator.comparingLong(TableStatus::changes)
                            .reversed()
                            .thenComparing(BY_NAME);
            case "last-change" ->
                    Comparator.comparing(TableViews::lastChange).reversed().thenComparing(BY_NAME);
            default -> throw Refusal.of(400, "`sort` is name, copy, changes or last-change.");
        };
    }

    static Tables tables(List<TableStatus> all, Question question) {
        String part = question.part().toLowerCase(Locale.ROOT);
        List<TableStatus> matching =
                all.stream()
                        .filter(t -> t.table().toString().toLowerCase(Locale.ROOT).contains(part))
                        .sorted(question.order())
                        .toList();
        return new Tables(
                all.size(),
                matching.size(),
                matching.stream()
                        .skip(question.offset())
                        .limit(question.limit())
                        .map(TableViews::table)
                        .toList());
    }

    private static Table table(TableStatus status) {
        Instant last = status.lastChange();
        return new Table(
                status.table().toString(),
                status.source().toString(),
                copy(status.copy()),
                status.inserts(),
                status.updates(),
                status.deletes(),
                status.truncates(),
                last == null ? null : last.toString());
    }

    private static @Nullable TableCopied copy(@Nullable TableProgress p) {
        return p == null
                ? null
                : new TableCopied(
                        p.isDone()
                                ? "copied"
                                : p.rows() > 0 || p.chunksDone() > 0 ? "copying" : "waiting",
                        p.rows(),
                        p.rowsExpected(),
                        p.chunksDone(),
                        p.chunks());
    }

    /** The part of the rows that is there; more than all where there is nothing to copy. */
    private static double copied(TableStatus status) {
        TableProgress copy = status.copy();
        if (copy == null) {
            return 2;
        }
        return copy.isDone() ? 1 : 0.999 * copy.rows() / Math.max(1, copy.rowsExpected());
    }

    private static Instant lastChange(TableStatus status) {
        Instant last = status.lastChange();
        return last == null ? Instant.MIN : last;
    }
}
