package io.sluice.config;

import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What only a replication has whose sites all write.
 *
 * @param between the names of the databases, two or more
 * @param tombstones how long versions of rows, deleted ones included, are kept for a site of
 *     several that is away
 * @param acceptOrigins names of other replications' origins whose changes count as the site's own
 * @param versionColumn by table pattern, the column that says which of two rows is the newer one;
 *     the first that matches counts
 * @param maxClockSkew how far apart the sites' clocks may be
 * @param allowDivergence whether policies may be combined under which sites can end different
 */
public record SitesConfig(
        List<String> between,
        ConflictConfig conflict,
        Duration tombstones,
        List<String> acceptOrigins,
        Map<Glob, String> versionColumn,
        Duration maxClockSkew,
        boolean allowDivergence) {

    public static final Duration DEFAULT_TOMBSTONES = Duration.ofDays(7);
    public static final Duration DEFAULT_MAX_CLOCK_SKEW = Duration.ofSeconds(10);

    public SitesConfig {
        between = List.copyOf(between);
        acceptOrigins = List.copyOf(acceptOrigins);
        versionColumn = Collections.unmodifiableMap(new LinkedHashMap<>(versionColumn));
        Objects.requireNonNull(conflict);
        DurationText.requirePositive(tombstones);
        DurationText.requirePositive(maxClockSkew);
        if (between.size() < 2 || new HashSet<>(between).size() < between.size()) {
            throw new IllegalArgumentException("two or more different databases");
        }
    }

    /**
     * The column that says which of two rows of a table is the newer one, by its name at the first
     * site.
     */
    public Optional<String> versionColumn(String schema, String table) {
        return versionColumn.entrySet().stream()
                .filter(entry -> entry.getKey().matches(schema, table))
                .findFirst()
                .map(Map.Entry::getValue);
    }
}
