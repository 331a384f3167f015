package io.sluice.gateway.sites;

/** How much of a site's own writes is kept in mind for each peer that has not seen them. */
final class UnseenLimits {

    /** What a row takes at most by this estimate, of which two logs may use half of the memory. */
    private static final int ROW_BYTES = 400;

    /**
     * What it may become in all, by one transaction, or where the peer's changes wait for what it
     * has not seen.
     */
    static final int IN_ALL =
            (int) Math.min(Runtime.getRuntime().maxMemory() / 4 / ROW_BYTES, 10_000_000);

    /**
     * With more than this kept here, of rows and their parts that have versions, no other
     * transaction is read until the peer has seen some of them. The one under way goes on: the peer
     * cannot see anything of it before its end.
     */
    static final int ROWS = Math.min(1_000_000, IN_ALL / 2);

    private UnseenLimits() {}
}
