/**
 * Real servers, faults, loads and comparisons for tests, the demo and benchmarks.
 *
 * <p><b>Servers.</b> {@link io.sluice.testkit.Servers} starts them. A test that only needs <i>a</i>
 * database takes one of the server that its JVM shares; a test that kills, pauses or configures a
 * server starts its own:
 *
 * <pre>{@code
 * String url = Servers.sharedPostgres().createDatabase("orders_test");
 *
 * try (PostgresServer source = Servers.postgres(Durability.REAL, Map.of("wal_sender_timeout", "5s"))) {
 *     source.createDatabase("shop");
 *     source.kill();   // as after a power cut, but for the operating system's caches
 *     source.start();  // same folder, same port
 * }
 * }</pre>
 *
 * <p>The system property {@code sluice.test.servers} (or the environment's {@code
 * SLUICE_TEST_SERVERS}) chooses between {@code embedded}, the default, which unpacks PostgreSQL's
 * own binaries into a cache folder and runs them as processes, and {@code testcontainers}, which
 * runs the images {@code postgres:18}, {@code mysql:9} and {@code mysql:8.0} and fails where no
 * Docker engine answers. {@link io.sluice.testkit.PostgresBinaries} names other installations, so
 * that a test can run on each version that a machine has.
 *
 * <p>{@link io.sluice.testkit.MySqlBinaries#newest} is fetched once from the machine's mirror of
 * Debian, and unpacked into the same cache; {@link io.sluice.testkit.MySqlBinaries#old} comes as a
 * dependency, and stands in where there is no such mirror. A server never outlives the JVM that
 * started it, however that ends.
 *
 * <p><b>Faults of the server</b> are its own methods: {@code kill}, {@code pause}, {@code stop},
 * {@code restart}. <b>Faults of the network</b> are those of {@link io.sluice.testkit.FaultProxy},
 * put between a client and a server: {@code cut}, {@code reset}, {@code stall}, {@code delay},
 * {@code limit}, {@code halfOpen}, {@code refuse}; {@code heal} ends them all.
 *
 * <p><b>Loads.</b> {@link io.sluice.testkit.Workload} makes a schema with the shapes that
 * replication gets wrong and runs interleaved transactions on it from a seed. It prints the seed:
 * on one connection the same seed gives the same history. {@link io.sluice.testkit.Workload#mysql}
 * does the same on MySQL.
 *
 * <p><b>Comparisons.</b> {@link io.sluice.testkit.Comparer#fingerprint} is cheap and good to wait
 * on; {@link io.sluice.testkit.Comparer#compare} then tells row by row what differs; {@link
 * io.sluice.testkit.Comparer#compareAcross} does so between PostgreSQL and MySQL. All use SQL of
 * their own and nothing of the gateway, so that an error there cannot hide itself here.
 *
 * <p>Nothing here needs a test framework at run time, and nothing depends on another module.
 */
@NullMarked
package io.sluice.testkit;

import org.jspecify.annotations.NullMarked;
