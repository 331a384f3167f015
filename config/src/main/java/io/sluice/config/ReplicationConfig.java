package io.sluice.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One replication: what goes where, and how.
 *
 * @param source the name of the database that is read
 * @param target the name of the database that is written; another one
 * @param tables which tables, by their names in the source; at least one pattern
 * @param exclude which of them not
 * @param rename what schemas and tables are called in the target, where that differs
 * @param excludeColumns the columns that stay behind, by table pattern
 * @param heartbeat how often the source is written to, so that an idle log moves
 * @param stallTimeout how long a source may stay silent before it is connected to afresh; longer
 *     than {@code heartbeat}
 * @param createTables whether missing tables are created in the target, and columns that came on
 *     the source later, where its log tells of them
 * @param onRowError what becomes of a row that the target refuses
 * @param schedule when whole tables are loaded; once where there is none
 * @param load how they take the place of what stands
 * @param keep how many former ones a snapshot leaves standing
 * @param cursor the column by which a table is read, by table pattern, the first that matches
 * @param interval from the beginning of one poll to that of the next
 * @param overlap how late after its cursor was set a row may become visible
 * @param deletes how rows are found that are gone
 * @param sites where both databases are written by others too: {@code source} is the first of them,
 *     whose rows the others get
 */
public record ReplicationConfig(
        Mode mode,
        String source,
        String target,
        List<Glob> tables,
        List<Glob> exclude,
        Renames rename,
        Map<Glob, List<String>> excludeColumns,
        RpoConfig rpo,
        Duration heartbeat,
        CopyConfig copy,
        ApplyConfig apply,
        BufferConfig buffer,
        RetryConfig retry,
        Duration stallTimeout,
        boolean createTables,
        RowErrorPolicy onRowError,
        Optional<Schedule> schedule,
        LoadKind load,
        int keep,
        Map<Glob, String> cursor,
        Duration interval,
        Duration overlap,
        Deletes deletes,
        Optional<SitesConfig> sites) {

    /** The most former tables that a snapshot keeps. */
    static final int MOST_KEPT = 100;

    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);
    public static final Duration DEFAULT_STALL_TIMEOUT = Duration.ofSeconds(30);
    public static final boolean DEFAULT_CREATE_TABLES = true;
    public static final RowErrorPolicy DEFAULT_ON_ROW_ERROR = RowErrorPolicy.STOP;
    public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(10);
    public static final Duration DEFAULT_OVERLAP = Duration.ofSeconds(10);

    public ReplicationConfig {
        Objects.requireNonNull(mode);
        Objects.requireNonNull(target);
        Objects.requireNonNull(rename);
        Objects.requireNonNull(rpo);
        Objects.requireNonNull(copy);
        Objects.requireNonNull(apply);
        Objects.requireNonNull(buffer);
        Objects.requireNonNull(retry);
        Objects.requireNonNull(onRowError);
        Objects.requireNonNull(schedule);
        Objects.requireNonNull(load);
        if (keep < 0 || keep > MOST_KEPT) {
            throw new IllegalArgumentException("keep must be 0 to " + MOST_KEPT);
        }
        tables = List.copyOf(tables);
        exclude = List.copyOf(exclude);
        LinkedHashMap<Glob, List<String>> columns = new LinkedHashMap<>();
        excludeColumns.forEach((glob, names) -> columns.put(glob, List.copyOf(names)));
        excludeColumns = Collections.unmodifiableMap(columns);
        cursor = Collections.unmodifiableMap(new LinkedHashMap<>(cursor));
        DurationText.requirePositive(interval);
        DurationText.requirePositive(overlap);
        Objects.requireNonNull(deletes);
        Objects.requireNonNull(sites);
        if (source.equals(target)) {
            throw new IllegalArgumentException("source and target are the same database");
        }
        if (tables.isEmpty()) {
            throw new IllegalArgumentException("at least one table pattern");
        }
        DurationText.requirePositive(heartbeat);
        DurationText.requirePositive(stallTimeout);
        if (stallTimeout.compareTo(heartbeat) <= 0) {
            throw new IllegalArgumentException("stallTimeout must be longer than heartbeat");
        }
    }

    /** Which tables of the source take part. */
    public TableFilter filter() {
        return new TableFilter(tables, exclude);
    }

    /** The column by which a source's table is read. */
    public Optional<String> cursor(String schema, String table) {
        return cursor.entrySet().stream()
                .filter(entry -> entry.getKey().matches(schema, table))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The columns of a source's table that stay behind: those of every pattern that matches it. */
    public Set<String> excludedColumns(String schema, String table) {
        Set<String> columns = new LinkedHashSet<>();
        excludeColumns.forEach(
                (glob, names) -> {
                    if (glob.matches(schema, table)) {
                        columns.addAll(names);
                    }
                });
        return columns;
    }
}
