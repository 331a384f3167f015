package io.sluice.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Binds one replication. */
final class ReplicationBinding {

    /** What is said of one direction only, or is done without asking what stands. */
    private static final List<String> ONE_WAY = List.of("rename", "excludeColumns");

    private static final String SITES = "is only for bidirectional and merge";

    private final Problems problems;
    private final Set<String> databases;

    /**
     * @param databases the names that a replication may refer to, whether their own entries are
     *     sound or not
     */
    ReplicationBinding(Problems problems, Set<String> databases) {
        this.problems = problems;
        this.databases = databases;
    }

    /** The replication; nothing where there was a problem in it. */
    Optional<ReplicationConfig> bind(Fields fields) {
        int before = problems.count();
        Optional<Mode> mode = fields.requiredValue("mode", ReplicationBinding::mode);
        boolean sites = mode.isPresent() && mode.get().hasManySites();
        Optional<String> source = site(fields, "source", mode.isPresent() && !sites);
        Optional<String> target = site(fields, "target", mode.isPresent() && !sites);
        Optional<SitesConfig> between = Optional.empty();
        if (source.isPresent() && source.equals(target)) {
            fields.problem("target", "must be another database than `source`");
        }
        if (sites) {
            between = new SitesBinding(problems, this::database).bind(fields, mode.orElseThrow());
            for (String key : ONE_WAY) {
                if (fields.entries().containsKey(key)) {
                    fields.problem(key, "is not available between sites in this version");
                }
            }
        }
        for (String key : List.of("source", "target")) {
            if (sites && fields.entries().containsKey(key)) {
                fields.problem(key, "`between` names the sites");
            }
        }
        if (between.isPresent()) {
            source = Optional.of(between.get().between().getFirst());
            target = Optional.of(between.get().between().get(1));
        }
        for (String key : SitesBinding.KEYS) {
            if (fields.entries().containsKey(key)) {
                fields.optional(key);
                if (mode.isPresent() && !sites) {
                    fields.problem(key, SITES);
                }
            }
        }
        List<Glob> tables = tables(fields);
        List<Glob> exclude = fields.list("exclude", Glob::parse);
        Renames rename = new RenamesBinding(fields, problems).bind("rename");
        Map<Glob, List<String>> columns = columns(fields);
        RpoConfig rpo = fields.settings("rpo", RpoConfig.DEFAULTS, ReplicationBinding::rpo);
        CopyConfig copy = fields.settings("copy", CopyConfig.DEFAULTS, ReplicationBinding::copy);
        ApplyConfig apply =
                fields.settings("apply", ApplyConfig.DEFAULTS, ReplicationBinding::apply);
        BufferConfig buffer =
                fields.settings("buffer", BufferConfig.DEFAULTS, ReplicationBinding::buffer);
        RetryConfig retry = fields.settings("retry", RetryConfig.DEFAULTS, this::retry);
        Duration heartbeat = fields.duration("heartbeat", ReplicationConfig.DEFAULT_HEARTBEAT);
        Duration stall = fields.duration("stallTimeout", ReplicationConfig.DEFAULT_STALL_TIMEOUT);
        boolean create = fields.flag("createTables", ReplicationConfig.DEFAULT_CREATE_TABLES);
        RowErrorPolicy onRowError =
                fields.optionalValue("onRowError", RowErrorPolicy::of)
                        .orElse(ReplicationConfig.DEFAULT_ON_ROW_ERROR);
        if (onRowError == RowErrorPolicy.PARK
                && mode.isPresent()
                && (sites || !mode.get().readsLog())) {
            fields.problem("onRowError", "can be park only for transactional and log-based");
        }
        LoadBinding loads = new LoadBinding(fields, mode);
        Optional<Schedule> schedule = loads.schedule();
        LoadKind load = loads.load();
        int keep = loads.keep();
        KeyBasedBinding keyed = new KeyBasedBinding(fields, mode);
        Map<Glob, String> cursor = keyed.cursor();
        Duration interval = keyed.interval();
        Duration overlap = keyed.overlap();
        Deletes deletes = keyed.deletes();
        if (stall.compareTo(heartbeat) <= 0) {
            String later =
                    fields.entries().containsKey("stallTimeout") ? "stallTimeout" : "heartbeat";
            fields.problem(later, "`stallTimeout` must be longer than `heartbeat`");
        }
        return problems.count() > before
                ? Optional.empty()
                : Optional.of(
                        new ReplicationConfig(
                                mode.orElseThrow(),
                                source.orElseThrow(),
                                target.orElseThrow(),
                                tables,
                                exclude,
                                rename,
                                columns,
                                rpo,
                                heartbeat,
                                copy,
                                apply,
                                buffer,
                                retry,
                                stall,
                                create,
                                onRowError,
                                schedule,
                                load,
                                keep,
                                cursor,
                                interval,
                                overlap,
                                deletes,
                                between));
    }

    private static Mode mode(String text) {
        return Mode.of(text)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "unknown mode "
                                                + Fields.shown(text)
                                                + Nearest.hint(text, Mode.names())));
    }

    private Optional<String> site(Fields fields, String key, boolean required) {
        Optional<Node> node = required ? fields.required(key) : fields.optional(key);
        return node.flatMap(value -> fields.scalar(value, fields.path(key), this::database));
    }

    private String database(String name) {
        if (!databases.contains(name)) {
            throw new IllegalArgumentException(
                    "no database is named " + Fields.shown(name) + Nearest.hint(name, databases));
        }
        return name;
    }

    private List<Glob> tables(Fields fields) {
        Optional<Node> node = fields.required("tables");
        if (node.isPresent()
                && node.get() instanceof Node.ListNode list
                && list.items().isEmpty()) {
            fields.problem("tables", "must hold at least one pattern, such as `public.*`");
        }
        return fields.list("tables", Glob::parse);
    }

    private Map<Glob, List<String>> columns(Fields fields) {
        Map<Glob, List<String>> columns = new LinkedHashMap<>();
        fields.map("excludeColumns")
                .forEach(
                        (pattern, node) -> {
                            String path = fields.path("excludeColumns");
                            Node key = new Node.TextNode(node.line(), pattern);
                            List<String> names =
                                    fields.items(node, path, ReplicationBinding::column);
                            fields.scalar(key, path, Glob::parse)
                                    .ifPresent(
                                            glob ->
                                                    columns.computeIfAbsent(
                                                                    glob, g -> new ArrayList<>())
                                                            .addAll(names));
                        });
        return columns;
    }

    static String column(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a name must not be empty");
        }
        return name;
    }

    private static RpoConfig rpo(Fields fields) {
        RpoConfig defaults = RpoConfig.DEFAULTS;
        return new RpoConfig(
                fields.duration("objective", defaults.objective()),
                fields.duration("window", defaults.window()),
                fields.value("target", defaults.target(), Percentage::parse));
    }

    private static CopyConfig copy(Fields fields) {
        CopyConfig defaults = CopyConfig.DEFAULTS;
        return new CopyConfig(
                fields.count("workers", defaults.workers()),
                fields.size("chunkSize", defaults.chunkSize()),
                fields.size("maxBytesPerSecond"),
                fields.duration("pauseWhenSourceLagExceeds"));
    }

    private static ApplyConfig apply(Fields fields) {
        ApplyConfig defaults = ApplyConfig.DEFAULTS;
        return new ApplyConfig(
                fields.count("maxRows", defaults.maxRows()),
                fields.size("maxBytes", defaults.maxBytes()),
                fields.duration("maxDelay", defaults.maxDelay()),
                fields.duration("statementTimeout", defaults.statementTimeout()),
                fields.count("maxParked", defaults.maxParked()));
    }

    private static BufferConfig buffer(Fields fields) {
        BufferConfig defaults = BufferConfig.DEFAULTS;
        return new BufferConfig(
                fields.count("maxRows", defaults.maxRows()),
                fields.size("maxBytes", defaults.maxBytes()));
    }

    private RetryConfig retry(Fields fields) {
        int before = problems.count();
        Duration initial = fields.duration("initialDelay", RetryConfig.DEFAULTS.initialDelay());
        Duration most = fields.duration("maxDelay", RetryConfig.DEFAULTS.maxDelay());
        if (problems.count() == before && initial.compareTo(most) > 0) {
            String key = fields.entries().containsKey("initialDelay") ? "initialDelay" : "maxDelay";
            fields.problem(key, "`initialDelay` must not be longer than `maxDelay`");
        }
        return problems.count() > before ? RetryConfig.DEFAULTS : new RetryConfig(initial, most);
    }
}
