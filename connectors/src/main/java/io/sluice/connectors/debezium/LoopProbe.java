package io.sluice.connectors.debezium;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Whether what the gateway writes at a site comes out of that site's log as the gateway's own. A
 * transaction is written under a mark of its own name; the log's reader must meet it, as applied,
 * before it meets anything that was committed later.
 *
 * <p>{@link #write} is called by the thread that starts the reader, the rest by the one that reads.
 */
final class LoopProbe {

    /** No pipeline's name begins so: a replication's name has no space. */
    private static final String PREFIX = "probe ";

    private final String pipeline;
    private final SiteCapture site;
    private final String name = PREFIX + UUID.randomUUID();
    private volatile @Nullable CountDownLatch writing;
    private volatile @Nullable SourcePosition written;
    private volatile boolean proven;

    LoopProbe(String pipeline, SiteCapture site) {
        this.pipeline = pipeline;
        this.site = site;
    }

    void write() {
        CountDownLatch end = new CountDownLatch(1);
        writing = end;
        try {
            written = site.prober().write(name);
        } finally {
            end.countDown();
        }
    }

    /** Whether a transaction of this pipeline's name is a probe; by its own one it is proven. */
    boolean recognises(String applied) {
        proven |= applied.equals(name);
        return applied.startsWith(PREFIX); // of earlier starts, and of other readers too
    }

    boolean isProven() {
        return proven;
    }

    /**
     * While the probe is being written, what is read may have been committed after it: that waits
     * until its place is known.
     *
     * @param end of a transaction that was read
     * @throws ConnectorException FATAL if the probe should have come before it
     */
    void passed(SourcePosition end) {
        if (proven) {
            return;
        }
        awaitWritten();
        SourcePosition expected = written;
        if (expected != null && !expected.covers(end)) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: a transaction that was written under the gateway's mark did not come out"
                                    + " of the log before %s, so that applied changes would go round"
                                    + " for ever. See that reading and writing reach the same"
                                    + " server, and that its log takes in all that the gateway"
                                    + " writes: on MySQL the database sluice, by binlog_do_db and"
                                    + " binlog_ignore_db")
                            .formatted(pipeline, end.text()));
        }
    }

    private void awaitWritten() {
        CountDownLatch end = writing;
        if (end == null) {
            return;
        }
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectorException(
                    ErrorClass.RETRY, pipeline + ": the reader was closed while it started", e);
        }
    }
}
