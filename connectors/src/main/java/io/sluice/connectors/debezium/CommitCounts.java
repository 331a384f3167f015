package io.sluice.connectors.debezium;

import io.sluice.change.Lsn;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * How many row changes each transaction had when it left the log, in commit order: written by the
 * thread that reads the log, consumed by the one that decodes records. Bounded by the queue between
 * the two.
 */
final class CommitCounts {

    private final Queue<Count> counts = new ConcurrentLinkedQueue<>();

    void add(Lsn commit, long changes) {
        add(commit, changes, SiteLog.Ended.LOCAL);
    }

    void add(Lsn commit, long changes, SiteLog.Ended ended) {
        counts.add(new Count(commit, changes, ended));
    }

    /** The next transaction's; null if none has left the log. */
    @Nullable Count next() {
        return counts.poll();
    }

    /**
     * @param commit the position after the commit
     * @param changes rows and truncated tables, without those that were left out
     * @param ended who wrote it, where the log is a site's
     */
    record Count(Lsn commit, long changes, SiteLog.Ended ended) {}
}
