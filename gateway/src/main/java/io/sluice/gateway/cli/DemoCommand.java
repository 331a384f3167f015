package io.sluice.gateway.cli;

import ch.qos.logback.classic.Level;
import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.demo.DemoView;
import io.sluice.gateway.demo.Shop;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.Comparer;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Starts two PostgreSQL regions on this machine, a shop with a running load in one of"
                    + " them, and a transactional replication to the other; shows rows, rate and RPO.",
            "Ctrl-C ends all of it and leaves nothing behind."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final String DATABASE = "shop";
    private static final Duration CATCH_UP = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            description = "End by itself after this long, for example 30s, and compare both sides.")
    private @Nullable Duration duration;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "Transactions a second of the load (default: 200).")
    private int rate = 200;

    private final InstantSource clock = InstantSource.system();
    private final CountDownLatch asked = new CountDownLatch(1);

    @Override
    public Integer call() throws SQLException, InterruptedException {
        if (rate < 1 || rate > 10_000) {
            throw new CommandException(ExitCode.USAGE, "--rate takes 1 to 10000.");
        }
        Logs.configure(Logs.Format.ofThisProcess(), Level.WARN);
        PrintWriter out = spec.commandLine().getOut();
        say(out, "Starting PostgreSQL in two regions …");
        try (PostgresServer east = Servers.postgres(Durability.FAST);
                PostgresServer west = Servers.postgres(Durability.FAST)) {
            east.createDatabase(DATABASE);
            west.createDatabase(DATABASE);
            Shop shop = new Shop(east, DATABASE, rate);
            shop.open();
            shop.sell();
            say(out, "us-east  " + east.url(DATABASE) + "  user " + east.superuser());
            say(out, "eu-west  " + west.url(DATABASE) + "  user " + west.superuser());
            try (Gateway gateway = new Gateway(configuration(east, west))) {
                say(out, "metrics  http://127.0.0.1:" + gateway.httpPort() + "/metrics");
                return run(gateway, shop, east, west, out);
            } finally {
                shop.stopSelling();
            }
        }
    }

    private int run(
            Gateway gateway, Shop shop, PostgresServer east, PostgresServer west, PrintWriter out)
            throws SQLException, InterruptedException {
        watch(gateway, shop, east, west, out);
        if (duration == null) {
            return ExitCode.OK;
        }
        shop.stopSelling();
        if (shop.failure() != null) {
            throw new CommandException(
                    ExitCode.FAILED, "The load failed: " + shop.failure().getMessage());
        }
        return compare(gateway, shop, east, west, out);
    }

    private void watch(
            Gateway gateway, Shop shop, PostgresServer east, PostgresServer west, PrintWriter out)
            throws SQLException, InterruptedException {
        boolean terminal = Logs.Format.ofThisProcess() == Logs.Format.TEXT;
        DemoView view = new DemoView(out, terminal);
        long interval = terminal ? 1000 : 5000;
        Instant end = duration == null ? Instant.MAX : clock.instant().plus(duration);
        Instant last = clock.instant();
        try (Connection source = east.connect(DATABASE);
                Connection target = west.connect(DATABASE)) {
            while (clock.instant().isBefore(end)) {
                long left =
                        duration == null
                                ? interval
                                : Duration.between(clock.instant(), end).toMillis();
                asked.await(Math.max(1, Math.min(interval, left)), TimeUnit.MILLISECONDS);
                PipelineStatus pipeline = gateway.statuses().getFirst();
                if (pipeline.state() == PipelineState.FAILED) {
                    throw new CommandException(
                            ExitCode.FAILED,
                            pipeline.failure() == null
                                    ? "The replication failed."
                                    : pipeline.failure().message());
                }
                Instant now = clock.instant();
                view.show(
                        pipeline,
                        terminal ? rows(source, target) : Map.of(),
                        shop.transactions(),
                        Duration.between(last, now));
                last = now;
            }
        }
    }

    private int compare(
            Gateway gateway, Shop shop, PostgresServer east, PostgresServer west, PrintWriter out)
            throws SQLException, InterruptedException {
        say(out, "The load has ended; waiting until the target has all of it …");
        try (Connection source = east.connect(DATABASE);
                Connection target = west.connect(DATABASE)) {
            Instant deadline = clock.instant().plus(CATCH_UP);
            Comparison comparison = Comparer.compare(source, target, Shop.TABLES);
            while (!comparison.isEqual() && clock.instant().isBefore(deadline)) {
                asked.await(200, TimeUnit.MILLISECONDS);
                comparison = Comparer.compare(source, target, Shop.TABLES);
            }
            PipelineStatus pipeline = gateway.statuses().getFirst();
            out.printf(
                    "%,d source transactions, %,d changes applied.%n%s%n",
                    shop.transactions(), pipeline.appliedChanges(), comparison);
            say(
                    out,
                    comparison.isEqual()
                            ? "Both sides are equal, row by row."
                            : "THE SIDES DIFFER: see above.");
            return comparison.isEqual() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    private static Map<String, long[]> rows(Connection source, Connection target)
            throws SQLException {
        Map<String, long[]> rows = new LinkedHashMap<>();
        for (String table : Shop.TABLES) {
            rows.put(table, new long[] {count(source, table), count(target, table)});
        }
        return rows;
    }

    private static long count(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!exists(statement, table)) {
                return 0;
            }
            try (ResultSet result = statement.executeQuery("SELECT count(*) FROM " + table)) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    private static boolean exists(Statement statement, String table) throws SQLException {
        try (ResultSet result =
                statement.executeQuery("SELECT to_regclass('" + table + "') IS NOT NULL")) {
            result.next();
            return result.getBoolean(1);
        }
    }

    private static SluiceConfig configuration(PostgresServer east, PostgresServer west) {
        return ConfigReader.read(
                "demo",
                """
                gateway:
                  name: demo
                  http: {listen: "127.0.0.1:0"}
                databases:
                  east: {url: "%s", username: %s, password: "${env:EAST}", region: us-east}
                  west: {url: "%s", username: %s, password: "${env:WEST}", region: eu-west}
                replications:
                  shop:
                    mode: transactional
                    source: east
                    target: west
                    tables: ["public.*"]
                """
                        .formatted(
                                east.url(DATABASE),
                                east.superuser(),
                                west.url(DATABASE),
                                west.superuser()),
                Map.of("EAST", east.password(), "WEST", west.password())::get);
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
