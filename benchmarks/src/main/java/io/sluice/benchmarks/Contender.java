package io.sluice.benchmarks;

import java.sql.SQLException;

/** Something that replicates the benchmark's tables from its source to its target. */
interface Contender {

    String name();

    /** Whether it copies what stands; else both sides have it before it begins. */
    default boolean copies() {
        return true;
    }

    /** Whether its copy is whole on the target. */
    boolean hasCopied() throws SQLException;

    /** Begins, with a copy the first time; goes on where it was each further time. */
    void start() throws SQLException, InterruptedException;

    /** Stands still until it is started again; the source keeps what it is to catch up with. */
    void stop() throws SQLException, InterruptedException;
}
