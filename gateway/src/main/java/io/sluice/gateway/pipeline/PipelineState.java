package io.sluice.gateway.pipeline;

/**
 * The life cycle of a pipeline. All moves are made by its own thread.
 *
 * <pre>
 *   STARTING ──► COPYING ──► CATCHING_UP ◄──► STREAMING ──► DRAINING ──► STOPPED, or PAUSED
 *      ▲  └─────────────────────▲                │
 *      └── (after an error that may pass) ◄──────┘          any ──► FAILED
 *
 *   STARTING ──► COPYING ◄──► WAITING            (whole tables, on a schedule)
 *                   └──► COMPLETED               (whole tables, once)
 * </pre>
 *
 * <p>PAUSED and FAILED go to STARTING when an operator resumes or restarts the pipeline.
 */
public enum PipelineState {
    /** Connects, checks, claims the checkpoint; or waits to do so again after an error. */
    STARTING,
    /** Fills the target's tables from a snapshot. */
    COPYING,
    /** Applies the log, behind where the source stands. */
    CATCHING_UP,
    /** Applies the log as it is written; or, key-based, polls its tables. */
    STREAMING,
    /** Has done what was due, and waits until more is. */
    WAITING,
    /** Has done all that there was to do, and ended by itself. */
    COMPLETED,
    /** Waits until an operator lets it go on; the source keeps its log meanwhile. */
    PAUSED,
    /** Has stopped reading and writes what it has read. */
    DRAINING,
    /** Ended as it was told to. */
    STOPPED,
    /** Ended by an error that does not pass by itself; says which, and what to do. */
    FAILED
}
