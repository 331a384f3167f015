package io.sluice.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Binds the keys that only a replication has whose sites all write. */
final class SitesBinding {

    /** All of them. */
    static final List<String> KEYS =
            List.of(
                    "between",
                    "conflict",
                    "tombstones",
                    "acceptOrigins",
                    "versionColumn",
                    "maxClockSkew",
                    "allowDivergence");

    private final Problems problems;
    private final Function<String, String> database;

    /**
     * @param database reads a database's name
     */
    SitesBinding(Problems problems, Function<String, String> database) {
        this.problems = problems;
        this.database = database;
    }

    /** The sites; nothing where there was a problem. */
    Optional<SitesConfig> bind(Fields fields, Mode mode) {
        int before = problems.count();
        fields.required("between");
        List<String> between = fields.list("between", database);
        boolean twice = new HashSet<>(between).size() < between.size();
        boolean fits = mode == Mode.MERGE ? between.size() > 2 : between.size() == 2;
        if (problems.count() == before && (twice || !fits)) {
            fields.problem(
                    "between",
                    mode == Mode.MERGE
                            ? "must name three or more different databases"
                            : "must name two different databases; mode `merge` takes more");
        }
        ConflictConfig conflict =
                fields.settings(
                        "conflict",
                        ConflictConfig.DEFAULTS,
                        inner -> new ConflictBinding(problems).bind(inner));
        Map<Glob, String> columns =
                fields.columnByTable("versionColumn", fields.optional("versionColumn"));
        Duration tombstones = fields.duration("tombstones", SitesConfig.DEFAULT_TOMBSTONES);
        Duration skew = fields.duration("maxClockSkew", SitesConfig.DEFAULT_MAX_CLOCK_SKEW);
        List<String> origins = fields.list("acceptOrigins", ReplicationBinding::column);
        boolean divergence = fields.flag("allowDivergence", false);
        return problems.count() > before
                ? Optional.empty()
                : Optional.of(
                        new SitesConfig(
                                between, conflict, tombstones, origins, columns, skew, divergence));
    }
}
