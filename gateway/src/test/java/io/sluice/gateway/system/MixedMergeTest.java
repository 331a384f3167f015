package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Databases of both engines, three at a time, whose users write the same rows at once while the
 * gateway is killed, one site after the other is cut off, and servers are killed.
 *
 * <p>A minute or so; {@code -Dsluice.minutes=10} goes on for that long, with longer times apart. It
 * prints what it did.
 */
@Tag("slow")
final class MixedMergeTest {

    /** Replays what is written, though not when: {@code -Dsluice.seed=N}. */
    private static final long SEED = Long.getLong("sluice.seed", System.nanoTime());

    private static final int MINUTES = Integer.getInteger("sluice.minutes", 0);

    private static final int LEAST_ROUNDS = 2;

    /** What each site's users write at least while one is cut off: some 20 seconds, or some 4. */
    private static final int APART = MINUTES > 0 ? 250 : 50;

    private static final int TOGETHER = MINUTES > 0 ? 100 : 30;

    private static final int USERS = 2;

    private static final int[] ALL = {0, 1, 2};

    @TempDir private Path folder;

    private final long begun = System.nanoTime();
    private int marks;
    private int kills;
    private int cuts;
    private int serverKills;
    private Duration apart = Duration.ZERO;

    /**
     * @param engines of the sites, P for PostgreSQL and M for MySQL
     */
    @ParameterizedTest
    @ValueSource(strings = {"PPM", "PMM"})
    void sitesOfTwoEnginesEndEqualThoughAllIsKilledAndOneAfterTheOtherIsCutOff(String engines)
            throws InterruptedException {
        try (DatabaseServer east = server(engines.charAt(0));
                DatabaseServer west = server(engines.charAt(1));
                DatabaseServer south = server(engines.charAt(2));
                ManySites sites = new ManySites("[\"public.item\"]", east, west, south);
                SiteWriters writers = new SiteWriters(sites, SEED, USERS)) {
            SiteWriters.prepare(sites, USERS);
            GatewayProcess gateway = start(sites);
            try {
                await(gateway, sites::awaitFollowing);
                writers.start();
                for (int round = 0; round < LEAST_ROUNDS || hasTime(); round++) {
                    gateway = apart(round, sites, writers, gateway);
                    if (round % 2 == 1) {
                        gateway = killServer(round / 2 * 2 % 3, sites, writers, gateway);
                    }
                    gateway = killAndStart(sites, gateway);
                }
                writers.close();
                requireEqual(sites, writers, gateway);
            } finally {
                gateway.close();
            }
        }
    }

    private static DatabaseServer server(char engine) {
        return engine == 'M' ? Servers.mysql(Durability.REAL) : Servers.postgres(Durability.REAL);
    }

    private boolean hasTime() {
        return System.nanoTime() - begun < Duration.ofMinutes(MINUTES).toNanos();
    }

    /**
     * One site is cut off, in silence or not; the others go on, also with another gateway. Some
     * gateways die before they have come to the end of what their predecessors left.
     */
    private GatewayProcess apart(
            int round, ManySites sites, SiteWriters writers, GatewayProcess running)
            throws InterruptedException {
        int away = 2 - round % 3;
        awaitWritten(writers, running, TOGETHER, ALL);
        long since = System.nanoTime();
        boolean silently = round / 2 % 2 == 1;
        sites.cutOff(away, silently);
        cuts++;
        // In silence its server does not learn that nobody is there to let its rows go.
        int[] writing = silently ? others(away) : ALL;
        awaitWritten(writers, running, APART / 2, writing);
        GatewayProcess gateway = killAndStart(sites, running);
        awaitWritten(writers, gateway, APART / 2, writing);
        awaitMarks(sites, gateway, others(away));
        sites.reconnect(away);
        apart = apart.plusNanos(System.nanoTime() - since);
        gateway = killAndStart(sites, gateway);
        awaitWritten(writers, gateway, TOGETHER, ALL);
        awaitMarks(sites, gateway, ALL);
        return gateway;
    }

    /** The server dies, and soon the gateway too, whose successor begins without it. */
    private GatewayProcess killServer(
            int site, ManySites sites, SiteWriters writers, GatewayProcess running)
            throws InterruptedException {
        sites.server(site).kill();
        serverKills++;
        awaitWritten(writers, running, TOGETHER, others(site));
        GatewayProcess gateway = killAndStart(sites, running);
        awaitMarks(sites, gateway, others(site));
        sites.server(site).start();
        awaitMarks(sites, gateway, ALL);
        return gateway;
    }

    private static int[] others(int away) {
        return IntStream.of(ALL).filter(site -> site != away).toArray();
    }

    private GatewayProcess start(ManySites sites) {
        return GatewayProcess.start("run", "-c", sites.configFile(folder).toString());
    }

    private GatewayProcess killAndStart(ManySites sites, GatewayProcess gateway)
            throws InterruptedException {
        requireWell(gateway);
        gateway.kill();
        kills++;
        return start(sites);
    }

    private static void requireWell(GatewayProcess gateway) {
        assertThat(gateway.isAlive()).as(gateway.errors()).isTrue();
        assertThat(gateway.errors()).doesNotContain("FAILED");
    }

    /** A gateway holds nobody's rows for long. */
    private static void awaitWritten(
            SiteWriters writers, GatewayProcess gateway, int transactions, int... sites) {
        for (int site : sites) {
            await(gateway, () -> writers.await(transactions, site));
        }
    }

    private static void await(GatewayProcess gateway, Runnable waiting) {
        try {
            waiting.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed %d: %s%n%s".formatted(SEED, e.getMessage(), gateway.errors()), e);
        }
    }

    /** What is written from now on at each of these reaches the others. */
    private void awaitMarks(ManySites sites, GatewayProcess gateway, int... between) {
        List<Integer> written = new ArrayList<>();
        for (int from : between) {
            int id = 1_000_000 + ++marks;
            sites.on(
                    from,
                    "INSERT INTO item (id, n, word) VALUES (%d, %d, 'mark')".formatted(id, from));
            written.add(id);
        }
        for (int id : written) {
            String sql = "SELECT word FROM item WHERE id = " + id;
            for (int to : between) {
                await(
                        gateway,
                        () ->
                                TwoSites.await(
                                        Duration.ofSeconds(240),
                                        () -> sites.query(to, sql).equals("mark")));
            }
        }
    }

    /**
     * All that was written has arrived, where marks have that were written after it; so from then
     * on the rows have to be the same, as plain queries show them.
     */
    private void requireEqual(ManySites sites, SiteWriters writers, GatewayProcess gateway) {
        long since = System.nanoTime();
        awaitMarks(sites, gateway, ALL);
        List<List<String>> held = IntStream.of(ALL).mapToObj(site -> rows(sites, site)).toList();
        Duration behind = Duration.ofNanos(System.nanoTime() - since);
        System.out.printf(
                "%s, seed %d: %d s, transactions %s, conflicts %s, kills of the gateway %d, of servers %d, cut off %d times for %d s in all, %d rows, equal after %.1f s%n",
                IntStream.of(ALL)
                        .mapToObj(site -> sites.isMySql(site) ? "M" : "P")
                        .collect(Collectors.joining()),
                SEED,
                Duration.ofNanos(System.nanoTime() - begun).toSeconds(),
                Stream.of(0, 1, 2).map(writers::committed).toList(),
                sites.conflicts(),
                kills,
                serverKills,
                cuts,
                apart.toSeconds(),
                held.getFirst().size(),
                behind.toMillis() / 1000.0);
        for (int site : ALL) {
            assertThat(held.get(site))
                    .as(() -> "site %d, seed %d%n%s".formatted(site, SEED, sites.recorded()))
                    .isEqualTo(held.getFirst());
        }
        // By what their values mean, those of each engine's own types among them.
        sites.awaitEqual(Duration.ofSeconds(60), List.of("public.item"));
        assertThat(held.getFirst().stream().filter(row -> row.endsWith("mark"))).hasSize(marks);
        for (int site : ALL) {
            // A commit that a killed server did not answer may have been one.
            assertThat(SiteWriters.tallied(sites, site))
                    .as("what users of site %d wrote alone, seed %d", site, SEED)
                    .isBetween(
                            writers.committed(site), writers.committed(site) + serverKills * USERS);
        }
        for (int site : ALL) {
            assertThat(SiteWriters.conflictsOfOwn(sites, site)).as("seed %d", SEED).isZero();
        }
        assertThat(sites.conflicts()).doesNotContain(0L);
        requireWell(gateway);
    }

    private static List<String> rows(ManySites sites, int site) {
        List<String> rows = new ArrayList<>();
        try (Connection connection = sites.connect(site);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT * FROM item ORDER BY id")) {
            while (row.next()) {
                rows.add("%d %s %s".formatted(row.getInt(1), row.getString(2), row.getString(3)));
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
