package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies between two databases: of rows, of columns, and of parts of their values. */
final class SitePoliciesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final int ROWS = 5;
    private static final int ADDITIONS = 300;

    @TempDir private Path folder;

    @Test
    void whatBothAddToACounterIsAllThereAlsoWhenTheGatewayIsKilled() throws InterruptedException {
        try (TwoSites sites = TwoSites.shared().bothWays().with("heartbeat: 200ms")) {
            sites.with(
                    "conflict: {policy: last-update-wins, tables: {\"public.stock\": {columns: {quantity: delta}}}}");
            // The second site's table is the gateway's to make, whole rows in the log included.
            sites.onSource(
                    "CREATE TABLE stock (id int PRIMARY KEY, quantity int, word text)",
                    "ALTER TABLE stock REPLICA IDENTITY FULL",
                    "INSERT INTO stock SELECT g, 1000, '' FROM generate_series(1, %d) g"
                            .formatted(ROWS));
            Path config = sites.configFile(folder);
            Adder east = new Adder(sites::source, 1);
            Adder west = new Adder(sites::target, 1000);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                awaitBothWays(sites, gateway, "stock (id, quantity)", ", 0");
                east.start();
                west.start();
                TwoSites.await(
                        PATIENCE,
                        () -> count(sites::source) > 0 && count(sites::target) > 0 && half(east));
                gateway.kill();
            }
            east.join();
            west.join();
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                long all = ROWS * 1000L + ADDITIONS * 1001L;
                String sum = "SELECT sum(quantity) FROM stock";
                try {
                    TwoSites.await(
                            PATIENCE,
                            () ->
                                    String.valueOf(all).equals(sites.querySource(sum))
                                            && String.valueOf(all).equals(sites.queryTarget(sum)));
                } catch (RuntimeException e) {
                    throw new AssertionError(
                            "%d wanted, %s and %s there%n%s"
                                    .formatted(
                                            all,
                                            sites.querySource(sum),
                                            sites.queryTarget(sum),
                                            gateway.errors()),
                            e);
                }
                sites.awaitEqual(PATIENCE, List.of("public.stock"));
            }
        }
    }

    private static boolean half(Adder adder) {
        return adder.done.get() >= ADDITIONS / 2;
    }

    private static long count(Supplier<Connection> site) {
        return Long.parseLong(
                String.valueOf(TwoSites.query(site.get(), "SELECT count(*) FROM sluice.conflict")));
    }

    /** A site's own user, who counts what is committed. */
    private static final class Adder {

        private static final Duration PACE = Duration.ofMillis(10);

        private final Supplier<Connection> site;
        private final int amount;
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final Thread thread = Thread.ofVirtual().unstarted(this::add);

        Adder(Supplier<Connection> site, int amount) {
            this.site = site;
            this.amount = amount;
        }

        void start() {
            thread.start();
        }

        private void add() {
            try (Connection connection = site.get();
                    Statement statement = connection.createStatement()) {
                while (done.get() < ADDITIONS) {
                    LockSupport.parkNanos(PACE.toNanos());
                    statement.executeUpdate(
                            "UPDATE stock SET quantity = quantity + %d WHERE id = %d"
                                    .formatted(amount, 1 + done.get() % ROWS));
                    done.incrementAndGet();
                }
            } catch (SQLException e) {
                failure.set(e);
            }
        }

        void join() throws InterruptedException {
            thread.join();
            assertThat(failure.get()).isNull();
        }
    }

    /**
     * What both sites write to row 1 while no gateway runs, each statement after the one before.
     *
     * @param row as it was copied, without its key
     */
    private record Case(
            String table,
            String columns,
            @Nullable String row,
            String east,
            String west,
            @Nullable String eastAgain,
            String wanted) {}

    private static Case updated(
            String table, String columns, String row, String east, String west, String wanted) {
        String update = "UPDATE " + table + " SET ";
        return new Case(table, columns, row, update + east, update + west, null, wanted);
    }

    private static final List<Case> CASES =
            List.of(
                    new Case(
                            "first",
                            "word text",
                            "'w'",
                            "UPDATE first SET word = 'east'",
                            "UPDATE first SET word = 'west'",
                            "UPDATE first SET word = 'again'",
                            "(1,again)"),
                    updated(
                            "highest",
                            "n int, word text",
                            "10, 'w'",
                            "n = 30",
                            "n = 20, word = 'west'",
                            "(1,30,w)"),
                    updated(
                            "lowest",
                            "n int, word text",
                            "10, 'w'",
                            "n = 1",
                            "n = 2, word = 'west'",
                            "(1,1,w)"),
                    updated(
                            "merged",
                            "n int, word text, more text",
                            "1, 'w', 'm'",
                            "n = 2, word = 'east'",
                            "word = 'west', more = 'west'",
                            "(1,2,west,west)"),
                    updated(
                            "counted",
                            "n numeric(10,2), word text",
                            "100, 'w'",
                            "n = n + 5.5",
                            "n = n - 3, word = 'west'",
                            "(1,102.50,west)"),
                    updated(
                            "latest",
                            "day date, word text",
                            "'2026-01-01', 'w'",
                            "day = '2026-03-01'",
                            "day = '2026-02-01', word = 'west'",
                            "(1,2026-03-01,west)"),
                    updated(
                            "dated",
                            "changed timestamptz, word text",
                            "'2026-01-01', 'w'",
                            "changed = '2026-03-01 00:00:00.5+00'",
                            "changed = '2026-03-01 00:00:00+00', word = 'west'",
                            "(1,\"2026-03-01 00:00:00.5+00\",w)"),
                    updated(
                            "numbered",
                            "version numeric, word text",
                            "1, 'w'",
                            "version = 10",
                            "version = 9.5, word = 'west'",
                            "(1,10,w)"),
                    updated(
                            "tagged",
                            "tags text[]",
                            "'{a,b}'",
                            "tags = '{b}'",
                            "tags = '{a,b,c}'",
                            "(1,\"{b,c}\")"),
                    updated(
                            "described",
                            "facts jsonb",
                            "'{\"a\": 1}'",
                            "facts = '{\"a\": 1, \"b\": 2}'",
                            "facts = '{\"a\": 3}'",
                            "(1,\"{\"\"a\"\": 3, \"\"b\"\": 2}\")"),
                    updated(
                            "housed",
                            "street text, zip text, phone text",
                            "'old', '1', 'p'",
                            "street = 'east', phone = 'east'",
                            "zip = '2'",
                            "(1,old,2,east)"),
                    updated("ranked", "n int", "1", "n = 5", "n = 3", "(1,5)"),
                    updated("led", "n int", "1", "n = 5", "n = 3", "(1,5)"),
                    new Case(
                            "inserted",
                            "n int, word text",
                            null,
                            "INSERT INTO inserted VALUES (1, 3, 'east')",
                            "INSERT INTO inserted VALUES (1, 4, 'west')",
                            null,
                            "(1,7,west)"),
                    new Case(
                            "deleted",
                            "n int",
                            "10",
                            "DELETE FROM deleted",
                            "UPDATE deleted SET n = n + 1",
                            null,
                            "null"));

    /** What both sites write while no gateway runs, the west after the east. */
    @Test
    void everyPolicyDecidesWhatBothWroteMeanwhile() throws InterruptedException {
        try (TwoSites sites = TwoSites.shared().bothWays().with("heartbeat: 200ms")) {
            sites.with("allowDivergence: true");
            sites.with("versionColumn: {\"*.dated\": changed, \"*.numbered\": version}");
            sites.with("conflict:");
            sites.with("  policy: last-update-wins");
            sites.with("  tables:");
            sites.with("    \"*.first\": {policy: first-update-wins}");
            sites.with("    \"*.highest\": {policy: {max: {column: n}}}");
            sites.with("    \"*.lowest\": {policy: {min: {column: n}}}");
            sites.with(
                    "    \"*.led\": {policy: {by-site: {source: keep-local, target: apply-remote}}}");
            sites.with("    \"*.merged\": {policy: column-merge}");
            sites.with("    \"*.counted\": {columns: {n: delta}}");
            sites.with("    \"*.latest\": {columns: {day: {max: {as: text}}}}");
            sites.with("    \"*.tagged\": {columns: {tags: {union: {of: array}}}}");
            sites.with("    \"*.described\": {columns: {facts: {union: {of: json}}}}");
            sites.with("    \"*.inserted\": {columns: {n: delta}}");
            sites.with("    \"*.deleted\": {columns: {n: delta}}");
            sites.with("    \"*.housed\": {columns: {\"street, zip\": last-update-wins}}");
            sites.with(
                    "    \"*.ranked\": {policy: {expression: {cel: \"incoming.n > existing.n\"}}}");
            for (Case each : CASES) {
                sites.onSource(
                        "CREATE TABLE %s (id int PRIMARY KEY, %s)"
                                .formatted(each.table, each.columns),
                        "ALTER TABLE %s REPLICA IDENTITY FULL".formatted(each.table));
                if (each.row != null) {
                    sites.onSource("INSERT INTO %s VALUES (1, %s)".formatted(each.table, each.row));
                }
            }
            sites.onSource("CREATE TABLE done (id int PRIMARY KEY)");
            sites.onSource("ALTER TABLE done REPLICA IDENTITY FULL", "INSERT INTO done VALUES (1)");
            Path config = sites.configFile(folder);
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                awaitBothWays(sites, gateway, "done (id)", "");
                gateway.kill();
            }
            for (Case each : CASES) {
                sites.onSource(each.east);
                sites.onTarget(each.west);
                if (each.eastAgain != null) {
                    sites.onSource(each.eastAgain);
                }
            }
            sites.onSource("INSERT INTO done VALUES (3)");
            sites.onTarget("INSERT INTO done VALUES (4)");
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString())) {
                awaitDone(sites, gateway, 3);
                awaitDone(sites, gateway, 4);
                assertThat(CASES)
                        .allSatisfy(
                                each -> {
                                    String sql =
                                            "SELECT string_agg(t::text, ';' ORDER BY id) FROM %s t"
                                                    .formatted(each.table);
                                    assertThat(String.valueOf(sites.querySource(sql)))
                                            .as(each.table + " in the east")
                                            .isEqualTo(each.wanted);
                                    assertThat(String.valueOf(sites.queryTarget(sql)))
                                            .as(each.table + " in the west")
                                            .isEqualTo(each.wanted);
                                    String told =
                                            "SELECT count(*) > 0 FROM sluice.conflict WHERE table_name = '%s'"
                                                    .formatted(each.table);
                                    assertThat(sites.querySource(told))
                                            .as(each.table + " is on record")
                                            .isEqualTo("t");
                                });
                String named =
                        "SELECT string_agg(DISTINCT table_name || ' ' || policy, ', ') FROM sluice.conflict WHERE table_name IN ('counted', 'dated', 'merged', 'ranked')";
                assertThat(sites.querySource(named))
                        .isEqualTo(
                                "counted columns(n: delta; else: last-update-wins), dated version-column, merged column-merge, ranked expression");
            }
        }
    }

    /** What is written at the second site before the way back follows its log stays there alone. */
    private static void awaitBothWays(
            TwoSites sites, GatewayProcess gateway, String table, String values) {
        AtomicInteger id = new AtomicInteger(1000);
        String name = table.substring(0, table.indexOf(' '));
        try {
            String copied = "SELECT count(*) FROM %s WHERE id = 1".formatted(name);
            TwoSites.await(PATIENCE, () -> "1".equals(sites.queryTarget(copied)));
            TwoSites.await(
                    PATIENCE,
                    () -> {
                        sites.onTarget(
                                "INSERT INTO %s VALUES (%d%s)"
                                        .formatted(table, id.incrementAndGet(), values));
                        return !"0"
                                .equals(
                                        sites.querySource(
                                                "SELECT count(*) FROM %s WHERE id > 1000"
                                                        .formatted(name)));
                    });
            sites.onTarget("DELETE FROM %s WHERE id > 1000".formatted(name));
        } catch (RuntimeException e) {
            throw new AssertionError("there is no way back\n" + gateway.errors(), e);
        }
    }

    private static void awaitDone(TwoSites sites, GatewayProcess gateway, int id) {
        String sql = "SELECT count(*) FROM done WHERE id = " + id;
        try {
            TwoSites.await(
                    PATIENCE,
                    () -> "1".equals(sites.querySource(sql)) && "1".equals(sites.queryTarget(sql)));
        } catch (RuntimeException e) {
            throw new AssertionError(id + " did not arrive\n" + gateway.errors(), e);
        }
    }
}
