package io.sluice.gateway.cli;

import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.config.ReplicationConfig;
import io.sluice.config.SitesConfig;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.sites.Arrivals;
import io.sluice.gateway.sites.ChosenPolicies;
import io.sluice.gateway.sites.ConflictMask;
import io.sluice.gateway.sites.Joining;
import io.sluice.gateway.sites.KeyForms;
import io.sluice.gateway.sites.KeyNumbering;
import io.sluice.gateway.sites.LocalLog;
import io.sluice.gateway.sites.MeshPolicies;
import io.sluice.gateway.sites.OwnForms;
import io.sluice.gateway.sites.SiteCheck;
import io.sluice.gateway.sites.SiteSide;
import io.sluice.gateway.sites.Tombstones;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What the pipelines of a replication between sites share. */
final class SitesWiring {

    private final String replication;
    private final String first;
    private final SitesConfig sites;
    private final ReplicationConfig config;
    private final Wiring wiring;
    private final PolicyChoices choices;
    private final PolicyCatalog catalog = PolicyCatalog.installed();
    private final Map<String, CountDownLatch> filled = new LinkedHashMap<>();
    private final Map<Way, LocalLog> logs = new LinkedHashMap<>();
    private final Map<String, Arrivals> arrivals = new LinkedHashMap<>();
    private final Map<String, Tombstones> tombstones = new LinkedHashMap<>();
    private final Map<String, Joining> joinings = new LinkedHashMap<>();
    private final MeshWiring mesh;

    /** From where to where a pipeline goes. */
    record Way(String source, String target) {}

    SitesWiring(String replication, ReplicationConfig config, Wiring wiring) {
        this.replication = replication;
        this.config = config;
        this.first = config.source();
        this.sites = config.sites().orElseThrow();
        this.choices = new PolicyChoices(sites);
        this.wiring = wiring;
        boolean inOrder = MeshPolicies.askHistory(choices.all());
        for (String site : sites.between()) {
            Map<String, Origin> appliers = appliers(site);
            others(site)
                    .forEach(other -> logs.put(new Way(site, other), log(site, other, appliers)));
            Set<Origin> writers =
                    others(site).stream().map(Origin::new).collect(Collectors.toSet());
            Arrivals arrived = new Arrivals(writers, inOrder);
            arrivals.put(site, arrived);
            tombstones.put(site, new Tombstones(new Origin(site), sites.tombstones(), arrived));
            if (!site.equals(first)) {
                filled.put(site, new CountDownLatch(1));
                joinings.put(site, joining(site));
            }
        }
        mesh =
                new MeshWiring(
                        replication,
                        sites.between(),
                        filled,
                        site ->
                                logs.values().stream()
                                        .filter(log -> log.site().name().equals(site))
                                        .toList(),
                        this::writer,
                        this::reader);
    }

    private LocalLog log(String site, String peer, Map<String, Origin> appliers) {
        return new LocalLog(new Origin(site), new Origin(peer), appliers, policies(site));
    }

    private Joining joining(String site) {
        return new Joining(
                site,
                sites.between(),
                new SiteNames(replication),
                new SiteDatabases(site),
                () -> log(first, site, appliers(first)));
    }

    private Map<String, Origin> appliers(String site) {
        Map<String, Origin> appliers = new LinkedHashMap<>();
        others(site)
                .forEach(
                        other ->
                                appliers.put(
                                        Wiring.name(replication, other, site), new Origin(other)));
        if (isMesh(sites)) {
            // What its readers agree on is as if the site itself had written then.
            appliers.put(MeshWiring.clockOf(replication, site), new Origin(site));
        }
        return appliers;
    }

    private final class SiteDatabases implements Joining.Databases {

        private final String joining;

        SiteDatabases(String joining) {
            this.joining = joining;
        }

        @Override
        public SourceDatabase source(String site) {
            return reader(site);
        }

        @Override
        public TargetDatabase target(String site) {
            return writer(site);
        }

        @Override
        public List<TableDefinition> tables(String site, SourceDatabase source) {
            return wiring.routing(config, site, joining).select(source.tables());
        }
    }

    /** What has to happen yet before a pipeline begins. */
    private Supplier<Optional<String>> awaited(Way way) {
        if (!isMesh(sites)) {
            return way.source().equals(first) ? Optional::empty : () -> MeshWiring.unfilled(filled);
        }
        Joining joining = joinings.get(way.target());
        if (joining == null) {
            return () -> mesh.awaited(way.source(), way.target());
        }
        if (way.source().equals(first)) {
            return joining::awaited;
        }
        Map<String, CountDownLatch> rows =
                Map.of(way.target(), Objects.requireNonNull(filled.get(way.target())));
        return () ->
                (joining.isUnderWay() ? MeshWiring.unfilled(rows) : Optional.<String>empty())
                        .or(() -> mesh.awaited(way.source(), way.target()));
    }

    private List<String> others(String site) {
        return sites.between().stream().filter(other -> !other.equals(site)).toList();
    }

    /** All of them, those from the first site first, which fill the others. */
    Set<Way> ways() {
        return logs.keySet();
    }

    SiteSide side(Way way) {
        String source = way.source();
        String target = way.target();
        boolean copies = source.equals(first);
        CountDownLatch copied =
                Objects.requireNonNull(filled.get(target.equals(first) ? source : target));
        return new SiteSide(
                Objects.requireNonNull(logs.get(way)),
                Objects.requireNonNull(logs.get(new Way(target, source))),
                Wiring.name(replication, target, source),
                () -> reader(target),
                () -> prepare(way),
                copied,
                awaited(way),
                copies,
                policies(target),
                sites.maxClockSkew(),
                isMesh(sites)
                        ? Optional.of(
                                new SiteSide.Mesh(
                                        MeshWiring.clockOf(replication, target),
                                        Objects.requireNonNull(arrivals.get(target)),
                                        Objects.requireNonNull(tombstones.get(target)),
                                        () -> mesh.reached(target),
                                        position -> mesh.begin(source, position),
                                        copies
                                                ? Optional.ofNullable(joinings.get(target))
                                                : Optional.empty()))
                        : Optional.empty(),
                new SiteCheck(
                        catalog,
                        choices.at(names(source), source.equals(first)),
                        Set.copyOf(sites.between()),
                        sites.allowDivergence()),
                new ConflictMask(masked(target), masked(source)),
                new KeyForms(tables -> standing(source, target, tables), copies),
                new KeyNumbering(
                        sites.between(),
                        source,
                        target,
                        tables -> standing(source, target, tables),
                        tables -> rowNumbers(target, tables)),
                new OwnForms());
    }

    /** Tables of a site as they stand at the other one, or as they would be made there. */
    private List<TableDefinition> standing(
            String source, String target, List<TableDefinition> tables) {
        SchemaNames names =
                SchemaNames.between(
                        wiring.database(source), wiring.database(first), wiring.database(target));
        List<TableDefinition> wanted = tables.stream().map(table -> renamed(table, names)).toList();
        DatabaseAddress address = wiring.address(target);
        Connector connector = Wiring.connector(address);
        try (TargetDatabase site = connector.siteTarget(address)) {
            Map<TableId, TableDefinition> known = new HashMap<>();
            site.tables(wanted.stream().map(TableDefinition::table).toList())
                    .forEach(table -> known.put(table.table(), table));
            List<TableDefinition> standing = new ArrayList<>();
            for (TableDefinition table : wanted) {
                TableDefinition there = known.get(table.table());
                if (there == null && table.engine() != connector.engine()) {
                    there = made(site.own(table), connector);
                }
                standing.add(there == null ? table : there);
            }
            return standing;
        }
    }

    private List<RowNumbers> rowNumbers(String site, List<TableDefinition> tables) {
        try (SourceDatabase database = reader(site)) {
            return database.rowNumbers(tables);
        }
    }

    private static TableDefinition renamed(TableDefinition table, SchemaNames names) {
        TableId to = new TableId(names.schema(table.table().schema()), table.table().name());
        return with(table, to, table.engine(), table.columns());
    }

    /** With the types that its columns will be found to have. */
    private static TableDefinition made(TableDefinition own, Connector connector) {
        List<ColumnDefinition> columns =
                own.columns().stream()
                        .map(
                                column ->
                                        new ColumnDefinition(
                                                column.name(),
                                                connector.typeOf(column.nativeType()),
                                                column.nativeType(),
                                                column.notNull(),
                                                column.defaultExpression(),
                                                column.generated(),
                                                column.identity(),
                                                column.collation()))
                        .toList();
        return with(own, own.table(), connector.engine(), columns);
    }

    private static TableDefinition with(
            TableDefinition table, TableId name, Engine engine, List<ColumnDefinition> columns) {
        return new TableDefinition(
                name,
                engine,
                columns,
                table.primaryKey(),
                table.uniqueKeys(),
                table.replicaKey(),
                table.rowIdentity(),
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }

    private Function<TableId, Set<String>> masked(String database) {
        SchemaNames names = SchemaNames.between(wiring.database(database), wiring.database(first));
        Map<TableId, Set<String>> known = new ConcurrentHashMap<>();
        return name ->
                known.computeIfAbsent(
                        name,
                        table ->
                                sites.conflict()
                                        .masked(names.schema(table.schema()), table.name()));
    }

    private static boolean isMesh(SitesConfig sites) {
        return sites.between().size() > 2;
    }

    /** How the log of one of the sites is read. */
    static SiteReading reading(String replication, SitesConfig sites, String database) {
        Set<String> appliers = new LinkedHashSet<>();
        sites.between().stream()
                .filter(other -> !other.equals(database))
                .forEach(other -> appliers.add(Wiring.name(replication, other, database)));
        if (isMesh(sites)) {
            appliers.add(MeshWiring.clockOf(replication, database));
        }
        return new SiteReading(appliers, Set.copyOf(sites.acceptOrigins()));
    }

    private SourceDatabase reader(String database) {
        DatabaseAddress address = wiring.address(database);
        return Wiring.connector(address).siteSource(address, reading(replication, sites, database));
    }

    private TargetDatabase writer(String database) {
        DatabaseAddress address = wiring.address(database);
        return Wiring.connector(address).siteTarget(address);
    }

    /** What a site's log is to show has to be there before it is read. */
    private void prepare(Way way) {
        try (TargetDatabase site = writer(way.source())) {
            site.prepare();
        }
    }

    /** The configuration's patterns are about names at the first site. */
    private SchemaNames names(String database) {
        return SchemaNames.between(wiring.database(database), wiring.database(first));
    }

    /** Made anew for a table that has become another one. */
    private Function<TableSchema, TablePolicy> policies(String database) {
        ChosenPolicies chosen = choices.at(names(database), false);
        Map<TableSchema, TablePolicy> known = new ConcurrentHashMap<>();
        return table ->
                known.computeIfAbsent(table, schema -> policy(chosen.of(schema.table()), schema));
    }

    /** Found by `check` already, unless the table has become another one since. */
    private TablePolicy policy(TableChoice choice, TableSchema table) {
        try {
            return TablePolicy.create(catalog, choice, table);
        } catch (IllegalArgumentException e) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: its policies cannot be used any more (%s). Mend `conflict` and restart the gateway."
                            .formatted(replication, e.getMessage()),
                    e);
        }
    }
}
