package io.sluice.gateway.server;

/** Every metric's name, once. Dashboards and alerts hold on to them. */
public final class MetricNames {

    /**
     * Gauge, seconds. Age of the oldest source commit not durable on the target; NaN if unknown.
     */
    public static final String RPO = "sluice_rpo_seconds";

    /** Gauge, seconds. What the RPO is to stay under. */
    public static final String RPO_OBJECTIVE = "sluice_rpo_objective_seconds";

    /** Gauge. For which part of the objective's window it is to be kept. */
    public static final String OBJECTIVE_TARGET = "sluice_rpo_objective_target_ratio";

    /** Counter, seconds, by {@code outcome}: kept, over, unknown, exempt, unwatched. */
    public static final String OBJECTIVE_TIME = "sluice_rpo_objective_time_seconds_total";

    /**
     * Gauge. The part of the window's error budget that is left; negative where it is overdrawn.
     */
    public static final String BUDGET_LEFT = "sluice_rpo_error_budget_left_ratio";

    /** Gauge by {@code over}: 1h, 6h. How many times faster than allowed the budget is used up. */
    public static final String BURN_RATE = "sluice_rpo_burn_rate";

    /**
     * Gauge, seconds. Until the RPO is over its objective, at its trend; NaN if it is not to be.
     */
    public static final String FORECAST_BREACH = "sluice_forecast_breach_seconds";

    /** Gauge, seconds. Until the backlog is worked off, at its trend; NaN if it does not shrink. */
    public static final String FORECAST_CATCH_UP = "sluice_forecast_catch_up_seconds";

    /** Gauge, seconds. Until the source gives up unread log, at its trend; NaN if it is not to. */
    public static final String FORECAST_RETENTION = "sluice_forecast_retention_seconds";

    /** Gauge, bytes. The source's log beyond the checkpoint; NaN if unknown. */
    public static final String LAG_BYTES = "sluice_lag_bytes";

    /** Gauge, bytes. Log that the source keeps for the pipeline; NaN if unknown. */
    public static final String RETAINED_BYTES = "sluice_source_retained_bytes";

    /** Gauge. Transactions read from the source and not durable on the target. */
    public static final String UNREPLICATED = "sluice_unreplicated_transactions";

    /** Gauge, rows. Of these transactions. */
    public static final String UNREPLICATED_ROWS = "sluice_unreplicated_rows";

    /** Gauge, bytes. What these transactions take in the gateway's memory, at most. */
    public static final String UNREPLICATED_BYTES = "sluice_unreplicated_bytes";

    /** Gauge by {@code basis}: 1 for how the RPO is known, 0 for the others. */
    public static final String RPO_BASIS = "sluice_rpo_basis";

    /** Histogram, seconds. From the source's commit to the target's. */
    public static final String LATENCY = "sluice_replication_latency_seconds";

    /** Counter by {@code operation}. Changes durable on the target. */
    public static final String APPLIED_CHANGES = "sluice_applied_changes_total";

    /** Counter. Source transactions durable on the target. */
    public static final String APPLIED_TRANSACTIONS = "sluice_applied_transactions_total";

    /** Gauge by {@code state}: 1 for the state that the pipeline is in, 0 for the others. */
    public static final String STATE = "sluice_pipeline_state";

    /** Counter by {@code class}: retry, row, fatal. */
    public static final String ERRORS = "sluice_errors_total";

    /** Counter. Rows brought by the initial copy. */
    public static final String COPY_ROWS = "sluice_copy_rows_total";

    /** Counter by {@code type} and {@code resolution}. Conflicts between sites. */
    public static final String CONFLICTS = "sluice_conflicts_total";

    /** Gauge, rows. Refused by the target and parked, to be dealt with by the operator. */
    public static final String PARKED_ROWS = "sluice_parked_rows";

    /** Counter by {@code table}. Rows that were parked since the gateway's start. */
    public static final String REFUSED_ROWS = "sluice_refused_rows_total";

    /** Counter. Bytes brought by the initial copy. */
    public static final String COPY_BYTES = "sluice_copy_bytes_total";

    /** Gauge by {@code state}: done, left. Parts that the copied tables are cut into. */
    public static final String COPY_CHUNKS = "sluice_copy_chunks";

    /** Gauge by {@code state}: done, left. Tables of the copy. */
    public static final String COPY_TABLES = "sluice_copy_tables";

    /** Gauge, seconds. What is left of the copy at its rate so far; NaN if unknown. */
    public static final String COPY_REMAINING = "sluice_copy_remaining_seconds";

    /** Gauge: 1 while the copy stands still for a replica of the source, else 0. */
    public static final String COPY_PAUSED = "sluice_copy_paused";

    /** Gauge by {@code state}: done, pending, failed. Indexes and keys made after the rows. */
    public static final String BUILDS = "sluice_index_builds";

    /** Gauge, rows. Read from the source and waiting to be applied. */
    public static final String BUFFER_ROWS = "sluice_buffer_rows";

    /** Gauge, bytes. Read from the source and waiting to be applied. */
    public static final String BUFFER_BYTES = "sluice_buffer_bytes";

    /** Gauge, seconds. How far the source's clock is ahead of the gateway's. */
    public static final String CLOCK_OFFSET = "sluice_source_clock_offset_seconds";

    /** Gauge, seconds. By how much the clock offset may be wrong, either way. */
    public static final String CLOCK_UNCERTAINTY = "sluice_source_clock_uncertainty_seconds";

    /**
     * Gauge, seconds, between sites. How far the source's clock is ahead of the target's; NaN where
     * either does not answer.
     */
    public static final String CLOCK_SKEW = "sluice_clock_skew_seconds";

    private MetricNames() {}
}
