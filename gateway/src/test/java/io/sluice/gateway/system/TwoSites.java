package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.testkit.Comparer;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.FaultProxy;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A source database, a target database, and the configuration of a replication between them. Both
 * lie on the servers given; the gateway reaches each through a {@link FaultProxy} where one is
 * asked for, and logs in as a role that has the {@link Privileges} of the manual and no others.
 * What a test itself does there, it does as the superuser.
 */
public final class TwoSites implements AutoCloseable {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** Held to give or take privileges: those on a setting are one row of a whole server. */
    private static final Object GRANTS = new Object();

    public final DatabaseServer sourceServer;
    public final DatabaseServer targetServer;
    public final String sourceDatabase;
    public final String targetDatabase;

    private final boolean ownServers;
    private final List<String> replicationLines = new ArrayList<>();
    private final Map<String, String> urlParameters = new HashMap<>();
    private final Map<String, Login> logins = new HashMap<>();
    private final Privileges sourceRole;
    private final Privileges targetRole;
    private @Nullable Privileges siteRole;
    private @Nullable FaultProxy sourceProxy;
    private @Nullable FaultProxy targetProxy;
    private String gatewayName = "test";
    private String host = "127.0.0.1";
    private String mode = "transactional";
    private String tables = "[\"*.*\"]";

    private record Login(String user, String password) {}

    private TwoSites(DatabaseServer sourceServer, DatabaseServer targetServer, boolean own) {
        int n = COUNTER.incrementAndGet();
        this.sourceServer = sourceServer;
        this.targetServer = targetServer;
        this.ownServers = own;
        // Between two MySQL servers a table's name holds the database's, and is kept.
        boolean oneName =
                sourceServer instanceof MySqlServer && targetServer instanceof MySqlServer;
        this.sourceDatabase = oneName ? "site_" + n : "source_" + n;
        this.targetDatabase = oneName ? "site_" + n : "target_" + n;
        sourceServer.createDatabase(sourceDatabase);
        targetServer.createDatabase(targetDatabase);
        sourceRole = Privileges.fresh("source_" + n);
        targetRole = Privileges.fresh("target_" + n);
        synchronized (GRANTS) {
            sourceRole.create(sourceServer, sourceDatabase, End.SOURCE);
            targetRole.create(targetServer, targetDatabase, End.TARGET);
        }
        login("source", sourceRole.role(), sourceRole.password());
        login("target", targetRole.role(), targetRole.password());
    }

    /** Two fresh databases on the server that all tests share. */
    public static TwoSites shared() {
        return new TwoSites(Servers.sharedPostgres(), Servers.sharedPostgres(), false);
    }

    /** Two servers of the test's own, to be killed and restarted. */
    public static TwoSites ownServers(Durability durability) {
        return new TwoSites(Servers.postgres(durability), Servers.postgres(durability), true);
    }

    /** Two servers of the test's own, of any engines. */
    public static TwoSites ownServers(DatabaseServer source, DatabaseServer target) {
        return new TwoSites(source, target, true);
    }

    /** What the gateway of the next configuration is called. */
    public TwoSites gatewayName(String newName) {
        gatewayName = newName;
        return this;
    }

    /** Two fresh databases on servers that the test shares among its methods and closes itself. */
    public static TwoSites between(DatabaseServer sourceServer, DatabaseServer targetServer) {
        return new TwoSites(sourceServer, targetServer, false);
    }

    public TwoSites mode(String newMode) {
        mode = newMode;
        return this;
    }

    /** Both are read and written, and others write to both. */
    public TwoSites bothWays() {
        Privileges role = Privileges.fresh("site_" + targetDatabase);
        role.create(targetServer, targetDatabase, End.SOURCE);
        role.grant(targetServer, targetDatabase, End.TARGET);
        sourceRole.grant(sourceServer, sourceDatabase, End.TARGET);
        if (targetServer instanceof PostgresServer) {
            role.grant(targetServer, targetDatabase, End.SITE);
        }
        if (sourceServer instanceof PostgresServer) {
            sourceRole.grant(sourceServer, sourceDatabase, End.SITE);
        }
        siteRole = role;
        return login("target", role.role(), role.password()).mode("bidirectional");
    }

    public TwoSites tables(String yamlList) {
        tables = yamlList;
        return this;
    }

    /** A further line of the replication's configuration, such as {@code heartbeat: 200ms}. */
    public TwoSites with(String line) {
        replicationLines.add(line);
        return this;
    }

    /** A parameter of the named database's URL ({@code source} or {@code target}). */
    public TwoSites urlParameter(String database, String parameter) {
        urlParameters.merge(database, parameter, (a, b) -> a + "&" + b);
        return this;
    }

    /** The gateway may do in a further database of the target what it may in the URL's. */
    public TwoSites alsoInto(String database) {
        targetRole.grant(targetServer, database, End.TARGET);
        return this;
    }

    /** Another source database in the place of the one that was. */
    public void replaceSource() {
        sourceServer.dropDatabase(sourceDatabase);
        sourceServer.createDatabase(sourceDatabase);
        sourceRole.grant(sourceServer, sourceDatabase, End.SOURCE);
    }

    /** Makes a database with the source's name on another server, where the gateway may log in. */
    public void alsoSourceOn(DatabaseServer other) {
        other.createDatabase(sourceDatabase);
        sourceRole.create(other, sourceDatabase, End.SOURCE);
    }

    /** By which name the gateway reaches both servers. */
    public TwoSites host(String newHost) {
        host = newHost;
        return this;
    }

    /** The gateway logs into the named database as this role instead of its own. */
    public TwoSites login(String database, String user, String password) {
        logins.put(database, new Login(user, password));
        return this;
    }

    public FaultProxy proxySource() {
        sourceProxy = FaultProxy.to(sourceServer.host(), sourceServer.port());
        return sourceProxy;
    }

    public FaultProxy proxyTarget() {
        targetProxy = FaultProxy.to(targetServer.host(), targetServer.port());
        return targetProxy;
    }

    public String pipeline() {
        return "test:source->target";
    }

    public String yaml() {
        return """
        gateway: {name: %s, http: {listen: "127.0.0.1:0"}}
        databases:
          source: {url: "%s", username: %s, password: "%s"}
          target: {url: "%s", username: %s, password: "%s"}
        replications:
          test:
            mode: %s
            %s
            tables: %s
            retry: {initialDelay: 100ms, maxDelay: 1s}
        %s
        """
                .formatted(
                        gatewayName,
                        url("source", sourceServer, sourceProxy, sourceDatabase),
                        login("source").user(),
                        login("source").password(),
                        url("target", targetServer, targetProxy, targetDatabase),
                        login("target").user(),
                        login("target").password(),
                        mode,
                        mode.equals("bidirectional")
                                ? "between: [source, target]"
                                : "source: source\n    target: target",
                        tables,
                        String.join(
                                "\n",
                                replicationLines.stream().map(line -> "    " + line).toList()));
    }

    /** As whom the gateway logs in. */
    public String username(String database) {
        return login(database).user();
    }

    public String password(String database) {
        return login(database).password();
    }

    private Login login(String name) {
        return Objects.requireNonNull(logins.get(name));
    }

    private String url(
            String name, DatabaseServer server, @Nullable FaultProxy proxy, String database) {
        int port = proxy == null ? server.port() : proxy.port();
        List<String> parameters = new ArrayList<>();
        String own = urlParameters.getOrDefault(name, "");
        if (server instanceof MySqlServer && !own.contains("sslMode")) {
            // A new password is checked in full, which without TLS needs the server's public key.
            parameters.add("allowPublicKeyRetrieval=true");
            parameters.add("sslMode=DISABLED");
        }
        if (!own.isEmpty()) {
            parameters.add(own);
        }
        return "jdbc:%s://%s:%d/%s%s"
                .formatted(
                        server instanceof MySqlServer ? "mysql" : "postgresql",
                        host,
                        port,
                        database,
                        parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
    }

    public SluiceConfig config() {
        return ConfigReader.read("test", yaml(), name -> null);
    }

    public Path configFile(Path folder) {
        try {
            return Files.writeString(folder.resolve("sluice.yaml"), yaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Connection source() {
        return sourceServer.connect(sourceDatabase);
    }

    public Connection target() {
        return targetServer.connect(targetDatabase);
    }

    public void onSource(String... statements) {
        run(source(), statements);
    }

    public void onTarget(String... statements) {
        run(target(), statements);
    }

    public static void run(Connection opened, String... statements) {
        try (Connection connection = opened;
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The first column of the first row, as text; null where there is none. */
    public static @Nullable String query(Connection opened, String sql) {
        try (Connection connection = opened;
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : null;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    public @Nullable String queryTarget(String sql) {
        return query(target(), sql);
    }

    public @Nullable String querySource(String sql) {
        return query(source(), sql);
    }

    /** Waits until a query of the target answers as expected. */
    public void awaitOnTarget(String sql, String expected) {
        await(Duration.ofSeconds(180), () -> expected.equals(quietly(sql)));
    }

    private @Nullable String quietly(String sql) {
        try {
            return queryTarget(sql);
        } catch (AssertionError | RuntimeException e) {
            return null; // the table is not there yet, or the server is down
        }
    }

    /** Waits until both sides hold the same rows, and shows the differences if they never do. */
    public void awaitEqual(Duration atMost, List<String> compared) {
        try {
            await(atMost, () -> compare(compared).isEqual());
        } catch (RuntimeException e) {
            assertThat(compare(compared).isEqual()).as(compare(compared).toString()).isTrue();
        }
    }

    public Comparison compare(List<String> compared) {
        try (Connection source = source();
                Connection target = target()) {
            if (sourceServer instanceof PostgresServer && targetServer instanceof PostgresServer) {
                return Comparer.compare(source, target, compared);
            }
            Map<String, String> names = new LinkedHashMap<>();
            compared.forEach(table -> names.put(sourceName(table), targetName(table)));
            return Comparer.compareAcross(source, target, names);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A table's name on the source, given as {@code public.name} or by its name alone. */
    private String sourceName(String table) {
        return named(sourceServer, sourceDatabase, table);
    }

    public String targetName(String table) {
        return named(targetServer, targetDatabase, table);
    }

    /** As between the engines: {@code public} is the database of a MySQL URL. */
    private static String named(DatabaseServer server, String database, String table) {
        int dot = table.indexOf('.');
        String schema = dot < 0 ? "public" : table.substring(0, dot);
        boolean isDefault = schema.equals("public") && server instanceof MySqlServer;
        return (isDefault ? database : schema) + "." + table.substring(dot + 1);
    }

    public static void await(Duration atMost, Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(condition);
    }

    @Override
    public void close() {
        if (sourceProxy != null) {
            sourceProxy.close();
        }
        if (targetProxy != null) {
            targetProxy.close();
        }
        if (ownServers) {
            sourceServer.close();
            targetServer.close();
        } else {
            sourceServer.dropDatabase(sourceDatabase);
            targetServer.dropDatabase(targetDatabase);
            if (targetServer instanceof MySqlServer) {
                // One for the server; the next test's pipeline has the same name.
                targetServer.dropDatabase("sluice");
            }
            if (sourceServer instanceof MySqlServer && siteRole != null) {
                sourceServer.dropDatabase("sluice");
            }
            synchronized (GRANTS) {
                sourceRole.drop(sourceServer);
                targetRole.drop(targetServer);
                if (siteRole != null) {
                    siteRole.drop(targetServer);
                }
            }
        }
    }
}
