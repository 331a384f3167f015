package io.sluice.gateway.system;

import io.sluice.testkit.Comparer;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Databases that all write the same tables, and the configuration of their replication. The gateway
 * reaches each through a {@link FaultProxy}, the tests themselves do not.
 */
public final class ManySites implements AutoCloseable {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final List<Site> sites = new ArrayList<>();
    private final String tables;
    private final StringBuilder more = new StringBuilder();

    private record Site(
            String name,
            DatabaseServer server,
            String database,
            Privileges role,
            FaultProxy proxy) {

        String url() {
            String url = server.url(database);
            return url.replace(":%d/".formatted(server.port()), ":%d/".formatted(proxy.port()))
                    + (server instanceof MySqlServer
                            ? "?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                            : "");
        }
    }

    /**
     * @param tables as the file has them, but for {@code public} where the first site is MySQL
     * @param servers one for each site; the same may be given more than once
     */
    public ManySites(String tables, DatabaseServer... servers) {
        this.tables = tables;
        int n = COUNTER.incrementAndGet();
        for (DatabaseServer server : servers) {
            String name = "site" + (char) ('a' + sites.size());
            String database = databaseAt(name + "_" + n, server);
            server.createDatabase(database);
            Privileges role = Privileges.fresh("mesh_" + database);
            role.create(server, database, End.SOURCE);
            role.grant(server, database, End.TARGET);
            if (server instanceof PostgresServer) {
                role.grant(server, database, End.SITE);
            }
            FaultProxy proxy = FaultProxy.to(server.host(), server.port());
            sites.add(new Site(name, server, database, role, proxy));
        }
    }

    /** Between two MySQL servers a table's name holds the database's, and is kept. */
    private String databaseAt(String own, DatabaseServer server) {
        return !sites.isEmpty() && isMySql(0) && server instanceof MySqlServer
                ? sites.getFirst().database()
                : own;
    }

    /** One more line of the replication's. */
    public ManySites with(String line) {
        more.append("    ").append(line).append('\n');
        return this;
    }

    public int count() {
        return sites.size();
    }

    /**
     * From now on the gateway does not reach a site; its own users do.
     *
     * @param silently whether nothing tells the gateway so; else its connections break
     */
    public void cutOff(int site, boolean silently) {
        FaultProxy proxy = sites.get(site).proxy();
        if (silently) {
            proxy.stall();
        } else {
            proxy.refuse();
            proxy.reset();
        }
    }

    public void reconnect(int site) {
        sites.get(site).proxy().heal();
    }

    public DatabaseServer server(int site) {
        return sites.get(site).server();
    }

    /** How many conflicts are on record at each site. */
    public List<Long> conflicts() {
        return IntStream.range(0, count())
                .mapToObj(site -> query(site, "SELECT count(*) FROM sluice.conflict"))
                .map(Long::valueOf)
                .toList();
    }

    public boolean isMySql(int site) {
        return sites.get(site).server() instanceof MySqlServer;
    }

    public Connection connect(int site) {
        Site at = sites.get(site);
        return at.server().connect(at.database());
    }

    public void on(int site, String... statements) {
        TwoSites.run(connect(site), statements);
    }

    public String query(int site, String sql) {
        return String.valueOf(TwoSites.query(connect(site), sql));
    }

    /** Waits until a query answers as expected at every site. */
    public void awaitEverywhere(String sql, String expected) {
        awaitEverywhere(sites.size(), sql, expected);
    }

    private void awaitEverywhere(int count, String sql, String expected) {
        TwoSites.await(
                Duration.ofSeconds(300),
                () -> {
                    for (int site = 0; site < count; site++) {
                        if (!query(site, sql).equals(expected)) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /** Waits until every pipeline follows a log: from then on all sites may be written to. */
    public void awaitFollowing() {
        awaitFollowing(sites.size());
    }

    /** As if the first ones of them were all. */
    public void awaitFollowing(int count) {
        awaitEverywhere(
                count,
                "SELECT count(*) FROM sluice.checkpoint WHERE phase = 'STREAMING' AND pipeline LIKE 'test:site%'",
                Integer.toString(count - 1));
        if (count > 2) {
            // Kept once the readers of a site's log have agreed on times; the phase says less.
            awaitEverywhere(
                    count,
                    "SELECT count(*) FROM sluice.reading_point WHERE pipeline LIKE 'test:site%'",
                    Integer.toString(count - 1));
        }
    }

    /** Waits until all sites hold the same rows, and shows the differences if they never do. */
    public void awaitEqual(Duration atMost, List<String> compared) {
        for (int site = 1; site < sites.size(); site++) {
            int other = site;
            try {
                TwoSites.await(atMost, () -> compare(other, compared).isEqual());
            } catch (RuntimeException e) {
                Comparison last = compare(other, compared);
                if (!last.isEqual()) {
                    throw new AssertionError(
                            sites.get(other).name() + ": " + last + "\n" + recorded(), e);
                }
            }
        }
    }

    /** What the gateway has on record of what it did: how a difference came about. */
    public String recorded() {
        StringBuilder text = new StringBuilder();
        for (Site site : sites) {
            for (String table : List.of("checkpoint", "reading_point", "row_version", "conflict")) {
                text.append("%s, sluice.%s:%n".formatted(site.name(), table));
                try (Connection connection = site.server().connect(site.database());
                        Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT * FROM sluice." + table)) {
                    while (rows.next()) {
                        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                            text.append(rows.getString(i)).append(" | ");
                        }
                        text.append('\n');
                    }
                } catch (SQLException e) {
                    text.append(e.getMessage()).append('\n');
                }
            }
        }
        return text.toString();
    }

    private Comparison compare(int site, List<String> compared) {
        try (Connection first = connect(0);
                Connection other = connect(site)) {
            if (isMySql(0) || isMySql(site)) {
                Map<String, String> names = new LinkedHashMap<>();
                compared.forEach(table -> names.put(named(0, table), named(site, table)));
                return Comparer.compareAcross(first, other, names);
            }
            return Comparer.compare(first, other, compared);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Of a table of PostgreSQL's, what it is called at a site. */
    private String named(int site, String table) {
        return isMySql(site)
                ? sites.get(site).database() + table.substring(table.indexOf('.'))
                : table;
    }

    public String yaml() {
        return yaml(sites.size());
    }

    /** Of the first ones of them alone. */
    private String yaml(int count) {
        String databases =
                sites.stream()
                        .map(
                                site ->
                                        "  %s: {url: \"%s\", username: %s, password: \"%s\"}"
                                                .formatted(
                                                        site.name(),
                                                        site.url(),
                                                        site.role().role(),
                                                        site.role().password()))
                        .collect(Collectors.joining("\n"));
        return """
        gateway: {name: test, http: {listen: "127.0.0.1:0"}}
        databases:
        %s
        replications:
          test:
            mode: %s
            between: [%s]
            tables: %s
            heartbeat: 200ms
            retry: {initialDelay: 100ms, maxDelay: 1s}
            copy: {workers: 2, chunkSize: 32KiB}
        %s"""
                .formatted(
                        databases,
                        count > 2 ? "merge" : "bidirectional",
                        sites.stream()
                                .limit(count)
                                .map(Site::name)
                                .collect(Collectors.joining(", ")),
                        isMySql(0) ? tables.replace("public.", named(0, ".")) : tables,
                        more);
    }

    /** An example with the addresses and users of these, in their order. */
    public String in(String example) {
        String yaml = example;
        for (int i = 0; i < sites.size(); i++) {
            Site site = sites.get(i);
            yaml =
                    yaml.replace(
                                    "jdbc:postgresql://127.0.0.1:543%d/shop".formatted(2 + i),
                                    site.server().url(site.database()))
                            .replaceFirst("username: sluice\\b", "username: " + site.role().role());
        }
        return yaml;
    }

    /** What an example's variables stand for. */
    public String password(String variable) {
        int site = List.of("EAST", "WEST", "NORTH").indexOf(variable.replace("_PASSWORD", ""));
        return sites.get(site).role().password();
    }

    public Path configFile(Path folder) {
        return configFile(folder, sites.size());
    }

    /** Of the first ones of them alone. */
    public Path configFile(Path folder, int count) {
        try {
            return Files.writeString(folder.resolve("sluice.yaml"), yaml(count));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        for (Site site : sites) {
            site.proxy().close();
            if (site.server().isRunning()) {
                site.server().dropDatabase(site.database());
                if (site.server() instanceof MySqlServer) {
                    // One for the server; the next test's pipelines have the same names.
                    site.server().dropDatabase("sluice");
                }
                site.role().drop(site.server());
            }
        }
    }
}
