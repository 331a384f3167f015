package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one of two sites has to know of a row to decide on what comes from the other: nothing of
 * most rows.
 *
 * <p>A change's site had seen all that it had sent before, so of what stands here it can be
 * ignorant of this site's own writes alone. They are told by the log ({@link OwnWrites}); what
 * became of those that met a change is kept ({@link Verdict}). Both may be forgotten once the other
 * site has seen the writes: what comes afterwards was made in knowledge of them, and of all that
 * was known when they were decided on.
 *
 * @param site where this is recalled
 * @param verdict on the last change that met one of the writes
 */
public record Recollection(
        Origin site, Origin peer, Optional<OwnWrites> own, Optional<Verdict> verdict) {

    /**
     * What a row came to.
     *
     * @param at up to when the site's own writes were known
     */
    public record Verdict(RowVersion version, HybridTimestamp at) {}

    /** The version of a row that nobody wrote without the peer's knowledge. */
    static RowVersion unknown(Origin peer) {
        return RowVersion.copied(new Version(HybridTimestamp.ZERO, peer));
    }

    /** The row, as it is to be decided on. */
    public Standing standing(Optional<Row> row) {
        Optional<RowVersion> version = version();
        return row.isEmpty()
                ? new Standing(Optional.empty(), version.filter(RowVersion::deleted))
                : Standing.of(
                        row.get(),
                        version.filter(known -> !known.deleted()).orElseGet(() -> unknown(peer)));
    }

    private Optional<RowVersion> version() {
        if (verdict.isEmpty()) {
            return own.map(OwnWrites::version);
        }
        RowVersion decided = verdict.get().version();
        HybridTimestamp at = verdict.get().at();
        return own.map(OwnWrites::version)
                .filter(written -> written.last().at().compareTo(at) > 0)
                .map(written -> laid(written, decided, at))
                .or(() -> Optional.of(decided));
    }

    /**
     * Whether a row has to stand: the site itself wrote it last, without the knowledge of who made
     * the change.
     */
    public boolean requiresRow(Seen seen) {
        return own.map(OwnWrites::version)
                .filter(written -> !written.deleted() && !seen.covers(written.last()))
                .filter(written -> !isDecidedOn(written))
                .isPresent();
    }

    private boolean isDecidedOn(RowVersion written) {
        return verdict.filter(known -> written.last().at().compareTo(known.at()) <= 0).isPresent();
    }

    /** The writes that came after a verdict, laid over it. */
    private RowVersion laid(RowVersion written, RowVersion decided, HybridTimestamp at) {
        Version life = written.life().max(decided.life());
        boolean another =
                written.deleted() || decided.deleted() || written.born().at().compareTo(at) > 0;
        Map<String, Version> marks = new HashMap<>(another ? Map.of() : decided.marks());
        written.marks()
                .forEach(
                        (part, mark) -> {
                            if (mark.at().compareTo(at) > 0) {
                                marks.put(part, mark);
                            }
                        });
        return new RowVersion(
                another ? written.born() : decided.born(),
                written.last().max(decided.last()),
                since(decided, written, at),
                life,
                written.deleted(),
                marks);
    }

    private HybridTimestamp since(RowVersion decided, RowVersion written, HybridTimestamp at) {
        if (decided.last().origin().equals(site)) {
            return decided.since().max(written.since());
        }
        return run().flatMap(run -> run.first(HybridTimestamp.ZERO, at))
                .orElse(written.last().at());
    }

    /**
     * Whether what became of the row is to be kept: it met a conflict, or its parts are of writes
     * that the change's site had not seen all of.
     */
    public boolean isToBeKept(Incoming incoming, Settlement settlement) {
        return settlement.conflict().isPresent()
                || own.filter(writes -> !incoming.seen().covers(writes.version().last()))
                        .isPresent();
    }

    private Optional<Run> run() {
        return own.map(OwnWrites::run);
    }

    /**
     * What stands, as a change meets it: the run of the site's own writes begins with the first
     * that the change's site had not seen.
     */
    public Standing towards(Incoming incoming, Standing standing) {
        HybridTimestamp seen = incoming.seen().upTo().getOrDefault(site, HybridTimestamp.ZERO);
        return standing.version()
                .filter(version -> version.last().origin().equals(site))
                .flatMap(version -> run().flatMap(run -> run.first(version.since(), seen)))
                .map(since -> standing.since(since))
                .orElse(standing);
    }
}
