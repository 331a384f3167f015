package io.sluice.gateway.cli;

import ch.qos.logback.classic.Level;
import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.demo.DemoView;
import io.sluice.gateway.demo.Region;
import io.sluice.gateway.demo.Shop;
import io.sluice.gateway.demo.Stock;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges.End;
import io.sluice.testkit.ServerException;
import io.sluice.testkit.Servers;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
            "Starts two PostgreSQL regions on this machine and a MySQL one where it can be had, a shop"
                    + " with a running load in the first and transactional replications to the"
                    + " others, and a stock that both PostgreSQL regions write to at once, replicated"
                    + " both ways; shows rows, rate, RPO and conflicts.",
            "Ctrl-C ends all of it and leaves nothing behind."
        },
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final String STOCK = "stock";

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

    @Option(
            names = "--mysql",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "With a MySQL region, or without: --no-mysql (default: with).")
    private boolean withMySql = true;

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
                PostgresServer west = Servers.postgres(Durability.FAST);
                MySqlServer south = withMySql ? mysql(out) : null) {
            List<Region> regions = new ArrayList<>();
            regions.add(Region.openSite("east", "us-east", east));
            regions.add(Region.openSite("west", "eu-west", west));
            if (south != null) {
                regions.add(Region.open("south", "ap-south", south, End.TARGET));
            }
            Shop shop = new Shop(east, Region.DATABASE, rate);
            shop.open();
            shop.sell();
            Stock stock = new Stock(List.copyOf(regions.subList(0, 2)));
            stock.open();
            for (Region region : regions) {
                String login = "  user " + region.server().superuser();
                say(out, "%-9s%s%s".formatted(region.name(), region.url(), login));
            }
            try (Gateway gateway = new Gateway(configuration(regions))) {
                say(out, "page     http://127.0.0.1:" + gateway.httpPort() + "/");
                say(out, "metrics  http://127.0.0.1:" + gateway.httpPort() + "/metrics");
                return run(gateway, shop, stock, regions, out);
            } finally {
                shop.stopSelling();
                stock.stopBooking();
            }
        }
    }

    /** A third region of another engine, where this machine can have one. */
    private static @Nullable MySqlServer mysql(PrintWriter out) {
        say(out, "Starting MySQL in a third (the first time it is fetched, about 60 MB) …");
        try {
            return Servers.mysql(Durability.FAST);
        } catch (ServerException e) {
            say(out, "There is no MySQL to be had here, so it goes on without: " + e.getMessage());
            return null;
        }
    }

    private int run(Gateway gateway, Shop shop, Stock stock, List<Region> regions, PrintWriter out)
            throws SQLException, InterruptedException {
        watch(gateway, shop, stock, regions, out);
        if (duration == null) {
            return ExitCode.OK;
        }
        shop.stopSelling();
        stock.stopBooking();
        requireNoFailure(shop.failure());
        requireNoFailure(stock.failure());
        return compare(gateway, shop, stock, regions, out);
    }

    private static void requireNoFailure(@Nullable SQLException failure) {
        if (failure != null) {
            throw new CommandException(ExitCode.FAILED, "The load failed: " + failure.getMessage());
        }
    }

    private void watch(
            Gateway gateway, Shop shop, Stock stock, List<Region> regions, PrintWriter out)
            throws SQLException, InterruptedException {
        boolean terminal = Logs.Format.ofThisProcess() == Logs.Format.TEXT;
        DemoView view = new DemoView(out, terminal, regions.stream().map(Region::name).toList());
        long interval = terminal ? 1000 : 5000;
        Instant end = duration == null ? Instant.MAX : clock.instant().plus(duration);
        Instant latest = duration == null ? Instant.MAX : end.plus(CATCH_UP);
        Instant last = clock.instant();
        // Even the shortest one shows what two regions do that write at once.
        while (clock.instant().isBefore(stock.conflicts() > 0 ? end : latest)) {
            long left =
                    duration == null ? interval : Duration.between(clock.instant(), end).toMillis();
            asked.await(Math.max(1, Math.min(interval, left)), TimeUnit.MILLISECONDS);
            if (!stock.isBooking() && follow(gateway)) {
                stock.book();
            }
            for (PipelineStatus pipeline : gateway.statuses()) {
                if (pipeline.state() == PipelineState.FAILED) {
                    throw new CommandException(
                            ExitCode.FAILED,
                            pipeline.failure() == null
                                    ? "The replication failed."
                                    : pipeline.failure().message());
                }
            }
            Instant now = clock.instant();
            view.show(
                    gateway.statuses(),
                    terminal ? rows(regions) : Map.of(),
                    new DemoView.Load(shop.transactions(), stock.transactions(), stock.conflicts()),
                    Duration.between(last, now));
            last = now;
        }
    }

    /** Whether both sites of the stock hear of each other by now. */
    private static boolean follow(Gateway gateway) {
        return gateway.statuses().stream()
                .filter(pipeline -> pipeline.replication().equals(STOCK))
                .allMatch(pipeline -> pipeline.state() == PipelineState.STREAMING);
    }

    private int compare(
            Gateway gateway, Shop shop, Stock stock, List<Region> regions, PrintWriter out)
            throws SQLException, InterruptedException {
        say(out, "The load has ended; waiting until the targets have all of it …");
        Instant deadline = clock.instant().plus(CATCH_UP);
        // Before that a target may lack even the tables.
        while (!gateway.isCaughtUp() && clock.instant().isBefore(deadline)) {
            asked.await(200, TimeUnit.MILLISECONDS);
        }
        Region source = regions.getFirst();
        boolean equal = areEqual(source, regions.get(1), List.of(Stock.TABLE), deadline, out);
        for (Region target : regions.subList(1, regions.size())) {
            equal &= areEqual(source, target, Shop.TABLES, deadline, out);
        }
        long changes = gateway.statuses().stream().mapToLong(PipelineStatus::appliedChanges).sum();
        out.printf("%,d source transactions, %,d changes applied.%n", shop.transactions(), changes);
        out.printf(
                "%,d bookings in two regions, %,d conflicts settled and on record.%n",
                stock.transactions(), stock.conflicts());
        say(out, equal ? "All sides are equal, row by row." : "THE SIDES DIFFER: see above.");
        return equal ? ExitCode.OK : ExitCode.FAILED;
    }

    private boolean areEqual(
            Region source, Region target, List<String> tables, Instant deadline, PrintWriter out)
            throws SQLException, InterruptedException {
        Comparison comparison = source.compareWith(target, tables);
        while (!comparison.isEqual() && clock.instant().isBefore(deadline)) {
            asked.await(200, TimeUnit.MILLISECONDS);
            comparison = source.compareWith(target, tables);
        }
        out.printf("%s and %s:%n%s%n", source.name(), target.name(), comparison);
        return comparison.isEqual();
    }

    private static Map<String, long[]> rows(List<Region> regions) throws SQLException {
        Map<String, long[]> rows = new LinkedHashMap<>();
        for (int i = 0; i < regions.size(); i++) {
            Region region = regions.get(i);
            try (Connection connection = region.connect()) {
                for (String table : Shop.TABLES) {
                    rows.computeIfAbsent(table, t -> new long[regions.size()])[i] =
                            region.count(connection, table);
                }
            }
        }
        return rows;
    }

    private static SluiceConfig configuration(List<Region> regions) {
        StringBuilder yaml =
                new StringBuilder("gateway:\n  name: demo\n  http: {listen: \"127.0.0.1:0\"}\n");
        yaml.append("databases:\n");
        Map<String, String> passwords = new HashMap<>();
        for (Region region : regions) {
            String variable = region.key().toUpperCase(Locale.ROOT);
            passwords.put(variable, region.login().password());
            yaml.append(
                    "  %s: {url: \"%s\", username: %s, password: \"${env:%s}\", region: %s}%n"
                            .formatted(
                                    region.key(),
                                    region.url(),
                                    region.login().role(),
                                    variable,
                                    region.name()));
        }
        yaml.append("replications:\n");
        for (Region target : regions.subList(1, regions.size())) {
            yaml.append(
                    """
                      shop-%1$s:
                        mode: transactional
                        source: east
                        target: %1$s
                        tables: ["public.*"]
                    """
                            .formatted(target.key()));
        }
        yaml.append(
                """
                  stock:
                    mode: bidirectional
                    between: [east, west]
                    tables: ["stock.*"]
                    conflict: {policy: last-update-wins, tables: {"stock.levels": {columns: {quantity: delta}}}}
                """);
        return ConfigReader.read("demo", yaml.toString(), passwords::get);
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
