package io.sluice.gateway.cli;

import io.sluice.change.Origin;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.config.ConflictConfig;
import io.sluice.config.PolicyConfig;
import io.sluice.config.ReplicationConfig;
import io.sluice.config.SitesConfig;
import io.sluice.conflict.ConflictKind;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.sites.KeyForms;
import io.sluice.gateway.sites.LocalLog;
import io.sluice.gateway.sites.SiteCheck;
import io.sluice.gateway.sites.SiteSide;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/** What the two pipelines of a replication between sites share. */
final class SitesWiring {

    private final String replication;
    private final String first;
    private final String second;
    private final SitesConfig sites;
    private final Wiring wiring;
    private final PolicyCatalog catalog = PolicyCatalog.installed();
    private final CountDownLatch copied = new CountDownLatch(1);
    private final LocalLog firstLog;
    private final LocalLog secondLog;

    SitesWiring(String replication, ReplicationConfig config, Wiring wiring) {
        this.replication = replication;
        this.first = config.source();
        this.second = config.target();
        this.sites = config.sites().orElseThrow();
        this.wiring = wiring;
        Origin one = new Origin(first);
        Origin other = new Origin(second);
        firstLog = new LocalLog(one, other, Wiring.name(replication, second, first));
        secondLog = new LocalLog(other, one, Wiring.name(replication, first, second));
    }

    /** From the first site to the second, which it fills. */
    SiteSide there() {
        return side(first, second, firstLog, secondLog, true);
    }

    SiteSide back() {
        return side(second, first, secondLog, firstLog, false);
    }

    private SiteSide side(
            String source, String target, LocalLog from, LocalLog to, boolean copies) {
        String own = Wiring.name(replication, source, target);
        String other = Wiring.name(replication, target, source);
        return new SiteSide(
                from,
                to,
                other,
                () -> reader(target, own),
                () -> prepare(source),
                copied,
                copies,
                policies(target),
                sites.maxClockSkew(),
                new SiteCheck(
                        catalog,
                        choices(source),
                        Set.copyOf(sites.between()),
                        sites.allowDivergence()),
                new KeyForms(tables -> standing(source, target, tables)));
    }

    /** Tables of a site as they stand at the other one, or as they would be made there. */
    private List<TableDefinition> standing(
            String source, String target, List<TableDefinition> tables) {
        SchemaNames names = SchemaNames.between(wiring.database(source), wiring.database(target));
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

    private SourceDatabase reader(String database, String applier) {
        DatabaseAddress address = wiring.address(database);
        return Wiring.connector(address)
                .siteSource(
                        address,
                        new SiteReading(Set.of(applier), Set.copyOf(sites.acceptOrigins())));
    }

    /** What a site's log is to show has to be there before it is read. */
    private void prepare(String database) {
        DatabaseAddress address = wiring.address(database);
        try (TargetDatabase site = Wiring.connector(address).siteTarget(address)) {
            site.prepare();
        }
    }

    /** Made anew for a table that has become another one. */
    private Function<TableSchema, TablePolicy> policies(String database) {
        Function<TableId, TableChoice> choices = choices(database);
        Map<TableSchema, TablePolicy> known = new ConcurrentHashMap<>();
        return table ->
                known.computeIfAbsent(
                        table,
                        schema ->
                                TablePolicy.create(catalog, choices.apply(schema.table()), schema));
    }

    /** The configuration's patterns are about names at the first site. */
    private Function<TableId, TableChoice> choices(String database) {
        SchemaNames names = SchemaNames.between(wiring.database(database), wiring.database(first));
        return table ->
                choice(sites.conflict().forTable(names.schema(table.schema()), table.name()));
    }

    private static TableChoice choice(ConflictConfig.Rules rules) {
        Map<ConflictKind, PolicySpec> kinds = new HashMap<>();
        rules.kinds()
                .forEach(
                        (kind, policy) ->
                                kinds.put(ConflictKind.of(kind).orElseThrow(), spec(policy)));
        Map<List<String>, PolicySpec> columns = new LinkedHashMap<>();
        rules.columns().forEach((names, policy) -> columns.put(names, spec(policy)));
        return new TableChoice(
                rules.policy().map(SitesWiring::spec).orElse(TableChoice.DEFAULT), kinds, columns);
    }

    private static PolicySpec spec(PolicyConfig policy) {
        return new PolicySpec(policy.name(), policy.settings());
    }
}
