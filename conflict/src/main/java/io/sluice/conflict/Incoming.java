package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableSchema;
import java.util.Objects;
import java.util.Optional;

/**
 * A change with all that another site must know to decide on it. It is the same wherever it
 * arrives.
 *
 * @param change never one that gives a row another key: such a change is a delete and an insert
 * @param version when and where it was made
 * @param since the first write of the run that it belongs to, see {@link RowVersion#since}
 * @param life which of the rows that had this key one after another it is about: the newest
 *     deletion that its site knew of, or an earlier one, where that was forgotten
 * @param seen what its site had of the others when it was made
 */
public record Incoming(
        RowChange change, Version version, HybridTimestamp since, Version life, Seen seen) {

    public Incoming {
        Objects.requireNonNull(version);
        Objects.requireNonNull(since);
        Objects.requireNonNull(life);
        Objects.requireNonNull(seen);
        if (change instanceof RowChange.Update update && update.changesKey()) {
            throw new IllegalArgumentException(
                    change.table().table() + ": a change of a key is a delete and an insert");
        }
    }

    /**
     * A change as its own site made it.
     *
     * @param standing the row as it stood there just before
     * @param seen what the site had of all origins, its own changes included
     * @param acknowledged up to which of its own changes the site knows that all others have them
     */
    public static Incoming local(
            RowChange change,
            Version version,
            Standing standing,
            Seen seen,
            HybridTimestamp acknowledged) {
        Optional<RowVersion> before = standing.version();
        Version life = before.map(RowVersion::life).orElse(Version.NONE);
        HybridTimestamp since =
                before.filter(row -> continues(row, version.origin(), acknowledged))
                        .map(RowVersion::since)
                        .orElse(version.at());
        return new Incoming(change, version, since, life, seen);
    }

    private static boolean continues(RowVersion row, Origin site, HybridTimestamp acknowledged) {
        return row.last().origin().equals(site) && row.last().at().compareTo(acknowledged) > 0;
    }

    /**
     * The life that the change is about, where something is known of such a row: a deletion that
     * its site had seen counts, whoever has forgotten it.
     */
    public Version life(RowVersion standing) {
        return seen.covers(standing.life()) ? life.max(standing.life()) : life;
    }

    public TableSchema table() {
        return change.table();
    }

    public boolean isDelete() {
        return change instanceof RowChange.Delete;
    }

    /** The row before, as far as the source said. */
    public Optional<Row> before() {
        return switch (change) {
            case RowChange.Insert insert -> Optional.empty();
            case RowChange.Update update -> Optional.of(update.before());
            case RowChange.Delete delete -> Optional.of(delete.before());
        };
    }

    /**
     * The row after, with what was not sent taken from the row before where that is known: a value
     * is not sent because it did not change.
     */
    public Optional<Row> after() {
        return switch (change) {
            case RowChange.Insert insert -> Optional.of(insert.after());
            case RowChange.Update update -> Optional.of(update.after().over(update.before()));
            case RowChange.Delete delete -> Optional.empty();
        };
    }

    /**
     * Whether the change may have given a column another value. What was not sent did not change;
     * what was sent without the value before may have.
     */
    public boolean changes(int position) {
        return switch (change) {
            case RowChange.Insert insert -> true;
            case RowChange.Delete delete -> true;
            case RowChange.Update update ->
                    update.after().isSent(position)
                            && !(update.before().isSent(position)
                                    && Objects.deepEquals(
                                            update.before().get(position),
                                            update.after().get(position)));
        };
    }
}
