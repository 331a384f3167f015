package io.sluice.gateway.failpoint;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The moments at which a crash is most telling. A test names one in the system property {@code
 * sluice.failpoint}, with how often it is passed before ({@code COMMITTED:3}); the gateway then
 * says on standard error that it got there and that thread stands still, to be killed. Without the
 * property nothing happens.
 */
public enum Failpoint {
    /** The source keeps its log for the pipeline; the target does not know of it yet. */
    LOG_STARTED,
    /** The checkpoint says that the copy has begun; no row is copied. */
    COPY_BEGUN,
    /** A part of a table is committed; others are not. */
    CHUNK_COPIED,
    /** A table's rows are committed; others are not. */
    TABLE_COPIED,
    /** All rows are copied; the checkpoint does not say so yet. */
    COPY_WRITTEN,
    /** An index, constraint or foreign key is made; nobody has noted it, and others are not. */
    INDEX_BUILT,
    /** The tables of a load are created beside those that stand; no row is in them. */
    SHADOWS_CREATED,
    /** They are filled, and not switched in. */
    SHADOWS_FILLED,
    /** One of them is switched in; others are not. */
    TABLE_SWITCHED,
    /** All are switched in; it is not recorded that the load is complete. */
    SWITCHED,
    /** Rows are written to the target, and not committed. */
    ROWS_WRITTEN,
    /** A part of a large transaction is written to the target. */
    CHUNK_WRITTEN,
    /** Columns that came on the source are added to the target; the checkpoint is before that. */
    COLUMNS_ADDED,
    /** The target has committed; the source has not heard of it. */
    COMMITTED,
    /** The source has been told. */
    ACKNOWLEDGED;

    /** Marks that the moment has come. */
    public void reached() {
        if (Armed.FAILPOINT.equals(name()) && Armed.PASSES_LEFT.getAndDecrement() <= 0) {
            stand();
        }
    }

    @SuppressWarnings("SystemOut") // read by the test that armed it
    private void stand() {
        System.err.println("failpoint " + name());
        System.err.flush();
        while (true) {
            LockSupport.park();
        }
    }

    private static final class Armed {
        static final String FAILPOINT;
        static final AtomicInteger PASSES_LEFT;

        static {
            String[] parts = System.getProperty("sluice.failpoint", "").split(":", 2);
            FAILPOINT = parts[0];
            PASSES_LEFT = new AtomicInteger(parts.length < 2 ? 0 : Integer.parseInt(parts[1]));
        }
    }
}
