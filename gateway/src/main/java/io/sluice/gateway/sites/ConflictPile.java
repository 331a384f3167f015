package io.sluice.gateway.sites;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.SiteSession;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The conflicts of one transaction of the target, on their way to the record. They are written with
 * each part of what is written as it comes, so that no more of them are held than of that; who is
 * told of them is told once they are durable. Used by one thread.
 */
final class ConflictPile {

    private final SiteSession session;
    private final ConflictMask mask;
    private final ConflictLines lines;
    private final SiteObserver observer;

    private List<ConflictRecord> waiting = new ArrayList<>();
    private int marked;
    private final Map<Sort, Counted> written = new LinkedHashMap<>();

    private record Sort(TableId table, String kind, String resolution) {}

    /** Of one sort, one of them and how many. */
    private record Counted(ConflictRecord first, long count) {}

    ConflictPile(
            SiteSession session, ConflictMask mask, ConflictLines lines, SiteObserver observer) {
        this.session = session;
        this.mask = mask;
        this.lines = lines;
        this.observer = observer;
    }

    void add(Collection<ConflictRecord> conflicts) {
        waiting.addAll(conflicts);
    }

    void mark() {
        marked = waiting.size();
    }

    void backToMark() {
        waiting = new ArrayList<>(waiting.subList(0, marked));
    }

    /** Puts them on record. What comes next is a mark, or the commit, or the end of it all. */
    void write() {
        session.record(waiting.stream().map(mask::masked).toList());
        for (ConflictRecord conflict : waiting) {
            written.merge(
                    new Sort(conflict.row().table(), conflict.kind(), conflict.resolution()),
                    new Counted(conflict, 1),
                    (before, one) -> new Counted(before.first(), before.count() + 1));
        }
        waiting = new ArrayList<>();
        marked = 0;
    }

    /** They are durable. */
    void committed() {
        written.forEach(
                (sort, counted) -> {
                    for (long i = 0; i < counted.count(); i++) {
                        observer.conflict(sort.kind(), sort.resolution());
                    }
                    lines.tell(counted.first(), counted.count());
                });
        clear();
    }

    void clear() {
        waiting = new ArrayList<>();
        marked = 0;
        written.clear();
    }
}
