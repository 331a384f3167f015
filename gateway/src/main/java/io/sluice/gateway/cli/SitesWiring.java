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
import io.sluice.connectors.postgres.PostgresConnector;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.sites.ConflictMask;
import io.sluice.gateway.sites.LocalLog;
import io.sluice.gateway.sites.SiteCheck;
import io.sluice.gateway.sites.SiteSide;
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
        requirePostgres(first);
        requirePostgres(second);
        Origin one = new Origin(first);
        Origin other = new Origin(second);
        firstLog =
                new LocalLog(one, other, Wiring.name(replication, second, first), policies(first));
        secondLog =
                new LocalLog(other, one, Wiring.name(replication, first, second), policies(second));
    }

    private void requirePostgres(String database) {
        if (!(Wiring.connector(wiring.address(database)) instanceof PostgresConnector)) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "%s: %s is not PostgreSQL, and only PostgreSQL databases can be sites of a bidirectional replication in this version."
                            .formatted(replication, database));
        }
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
                new ConflictMask(masked(target), masked(source)));
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
                        table, schema -> policy(choices.apply(schema.table()), schema));
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
