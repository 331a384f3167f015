package io.sluice.testkit;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts the servers that tests, the demo and benchmarks ask for, in the way that one switch
 * chooses: the system property {@code sluice.test.servers}, or else the environment's {@code
 * SLUICE_TEST_SERVERS}, is {@code embedded} (the default) or {@code testcontainers}.
 *
 * <p>Safe for use by several threads.
 */
public final class Servers {
    private static final String MYSQL_IMAGE = "mysql:9";
    private static final String OLD_MYSQL_IMAGE = "mysql:8.0";

    private static @Nullable PostgresServer shared;
    private static @Nullable MySqlServer sharedMySql;
    private static @Nullable MySqlServer otherSharedMySql;

    private Servers() {}

    /**
     * The server that all tests of this JVM share; it lives as long as the JVM. Take databases of
     * its own names from it, and neither stop nor change it.
     */
    public static synchronized PostgresServer sharedPostgres() {
        PostgresServer server = shared;
        if (server == null) {
            server = postgres(Durability.FAST);
            shared = server;
        }
        return server;
    }

    /** A server of the caller's own, who closes it. */
    public static PostgresServer postgres(Durability durability) {
        return postgres(durability, Map.of());
    }

    /**
     * A server of the caller's own, who closes it.
     *
     * @param settings of postgresql.conf, which win over those of the test kit
     */
    public static PostgresServer postgres(Durability durability, Map<String, String> settings) {
        return switch (kind()) {
            case "embedded" -> postgres(PostgresBinaries.embedded(), durability, settings);
            case "testcontainers" -> ContainerPostgres.create(durability, settings);
            default -> throw unknownKind();
        };
    }

    /** A server run from a certain installation, whatever the switch says. */
    public static PostgresServer postgres(
            PostgresBinaries binaries, Durability durability, Map<String, String> settings) {
        return LocalPostgres.create(binaries, durability, settings);
    }

    /** As {@link #sharedPostgres}. */
    public static synchronized MySqlServer sharedMySql() {
        MySqlServer server = sharedMySql;
        if (server == null) {
            server = mysql(Durability.FAST);
            sharedMySql = server;
        }
        return server;
    }

    /** A second one, for what needs two: databases of one name cannot lie on one server. */
    public static synchronized MySqlServer otherSharedMySql() {
        MySqlServer server = otherSharedMySql;
        if (server == null) {
            server = mysql(Durability.FAST);
            otherSharedMySql = server;
        }
        return server;
    }

    /** A server of the caller's own, who closes it. */
    public static MySqlServer mysql(Durability durability) {
        return mysql(durability, Map.of());
    }

    /**
     * A server of the caller's own, who closes it.
     *
     * @param settings of my.cnf, which win over those of the test kit
     */
    public static MySqlServer mysql(Durability durability, Map<String, String> settings) {
        return switch (kind()) {
            case "embedded" -> mysql(MySqlBinaries.newest(), durability, settings);
            case "testcontainers" -> mysqlContainer(MYSQL_IMAGE, durability, settings);
            default -> throw unknownKind();
        };
    }

    /** As {@link #mysql(Durability)}, of the oldest version that is tested, 8.0. */
    public static MySqlServer oldMySql(Durability durability) {
        return switch (kind()) {
            case "embedded" -> mysql(MySqlBinaries.old(), durability, Map.of());
            case "testcontainers" -> mysqlContainer(OLD_MYSQL_IMAGE, durability, Map.of());
            default -> throw unknownKind();
        };
    }

    /** A server run from a certain installation, whatever the switch says. */
    public static MySqlServer mysql(
            MySqlBinaries binaries, Durability durability, Map<String, String> settings) {
        return LocalMySql.create(binaries, durability, settings);
    }

    /**
     * A server in a container, whatever the switch says.
     *
     * @param image such as {@code mysql:9} or {@code mysql:8.0}
     */
    public static MySqlServer mysqlContainer(
            String image, Durability durability, Map<String, String> settings) {
        return ContainerMySql.create(image, durability, settings);
    }

    private static ServerException unknownKind() {
        return new ServerException(
                "sluice.test.servers is " + kind() + ": it must be embedded or testcontainers");
    }

    private static String kind() {
        String environment = System.getenv().getOrDefault("SLUICE_TEST_SERVERS", "embedded");
        return System.getProperty("sluice.test.servers", environment).toLowerCase(Locale.ROOT);
    }
}
