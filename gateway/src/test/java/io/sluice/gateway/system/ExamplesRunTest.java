package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.config.ConfigReader;
import io.sluice.config.SluiceConfig;
import io.sluice.gateway.cli.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every example that users copy, run as it is but for its addresses. */
class ExamplesRunTest {

    private static final Path EXAMPLES =
            Path.of(System.getProperty("sluice.root"), "config", "examples");

    private static final String[] SHOP = {
        "CREATE TABLE customer (id int PRIMARY KEY, name text, email text, phone text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer int)",
        "CREATE TABLE order_item (\"order\" int, line int, PRIMARY KEY (\"order\", line))",
        "CREATE TABLE session (id int PRIMARY KEY)",
    };

    private TwoSites sites;

    @BeforeEach
    void open() {
        sites = TwoSites.shared();
        sites.onSource(SHOP);
        sites.onSource("INSERT INTO customer VALUES (1, 'Ann', 'ann@shop.example', '1')");
    }

    @AfterEach
    void close() {
        sites.close();
    }

    @Test
    void everyExampleIsRunHere() throws IOException {
        try (Stream<Path> examples = Files.list(EXAMPLES)) {
            assertThat(examples.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "transactional.yaml",
                            "log-based.yaml",
                            "key-based.yaml",
                            "rename-and-filter.yaml",
                            "full.yaml",
                            "snapshot.yaml",
                            "merge.yaml");
        }
    }

    @Test
    void transactional() throws Exception {
        try (Gateway gateway = run("transactional.yaml")) {
            sites.onSource("INSERT INTO orders VALUES (1, 1)");
            sites.awaitEqual(
                    Duration.ofSeconds(30),
                    List.of("public.customer", "public.orders", "public.session"));
        }
    }

    @Test
    void full() throws Exception {
        try (Gateway gateway = run("full.yaml")) {
            sites.awaitEqual(Duration.ofSeconds(180), List.of("public.customer", "public.orders"));
            assertThat(sites.queryTarget("SELECT to_regclass('session')")).isNull();
        }
    }

    @Test
    void snapshot() throws Exception {
        try (Gateway gateway = run("snapshot.yaml")) {
            sites.awaitEqual(Duration.ofSeconds(180), List.of("public.customer", "public.session"));
        }
    }

    @Test
    void logBased() throws Exception {
        sites.onSource("INSERT INTO orders VALUES (1, 1)");
        sites.onTarget(SHOP);
        try (Gateway gateway = run("log-based.yaml")) {
            sites.onSource(
                    "INSERT INTO orders VALUES (2, 1)", "INSERT INTO order_item VALUES (2, 1)");
            sites.awaitOnTarget("SELECT count(*) FROM order_item", "1");
            assertThat(sites.queryTarget("SELECT string_agg(id::text, ',') FROM orders"))
                    .as("begins at now")
                    .isEqualTo("2");
        }
    }

    @Test
    void keyBased() throws Exception {
        sites.onSource(
                "ALTER TABLE orders ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now()",
                "CREATE INDEX ON orders (updated_at)");
        try (Gateway gateway = run("key-based.yaml")) {
            sites.onSource(
                    "INSERT INTO orders (id, customer) VALUES (1, 1)",
                    "INSERT INTO customer VALUES (2, 'Bob')");
            sites.awaitEqual(Duration.ofSeconds(180), List.of("public.customer", "public.orders"));
        }
    }

    @Test
    void renameAndFilter() throws Exception {
        try (Gateway gateway = run("rename-and-filter.yaml")) {
            sites.onSource("INSERT INTO orders VALUES (1, 1)", "INSERT INTO session VALUES (1)");
            sites.awaitOnTarget("SELECT count(*) FROM archive.orders_2024", "1");
            assertThat(sites.queryTarget("SELECT to_jsonb(c)::text FROM shop.customer c"))
                    .isEqualTo("{\"id\": 1, \"name\": \"Ann\"}");
            assertThat(sites.queryTarget("SELECT to_regclass('shop.session')")).isNull();
        }
    }

    @Test
    void merge() throws Exception {
        String[] whole = {
            "ALTER TABLE customer REPLICA IDENTITY FULL", "ALTER TABLE orders REPLICA IDENTITY FULL"
        };
        try (ManySites many =
                new ManySites("[]", sites.sourceServer, sites.sourceServer, sites.sourceServer)) {
            for (int site = 0; site < many.count(); site++) {
                many.on(site, SHOP);
                many.on(site, whole);
            }
            many.on(0, "INSERT INTO customer VALUES (1, 'Ann', 'ann@shop.example', '1')");
            String yaml =
                    many.in(Files.readString(EXAMPLES.resolve("merge.yaml")))
                            .replaceFirst(
                                    "(?m)^databases:",
                                    "gateway: {http: {listen: \"127.0.0.1:0\"}}\ndatabases:");
            SluiceConfig config = ConfigReader.read("merge.yaml", yaml, many::password);
            try (Gateway gateway = new Gateway(config)) {
                TwoSites.await(Duration.ofSeconds(180), gateway::isCaughtUp);
                many.on(2, "INSERT INTO orders VALUES (3, 1)");
                many.on(1, "INSERT INTO orders VALUES (2, 1)");
                many.awaitEverywhere(
                        "SELECT string_agg(id::text, ',' ORDER BY id) FROM orders", "2,3");
                many.awaitEqual(
                        Duration.ofSeconds(60), List.of("public.customer", "public.orders"));
            }
        }
    }

    private Gateway run(String example) throws IOException {
        String yaml =
                Files.readString(EXAMPLES.resolve(example))
                        .replace("127.0.0.1:8085", "127.0.0.1:0")
                        .replace(
                                "jdbc:postgresql://127.0.0.1:5432/shop",
                                sites.sourceServer.url(sites.sourceDatabase))
                        .replace(
                                "jdbc:postgresql://127.0.0.1:5433/shop",
                                sites.targetServer.url(sites.targetDatabase))
                        .replaceFirst(
                                "username: sluice\\b", "username: " + sites.username("source"))
                        .replaceFirst(
                                "username: sluice\\b", "username: " + sites.username("target"))
                        // Those that leave the listener out would all take the default port.
                        .replaceFirst(
                                "(?m)^databases:",
                                Files.readString(EXAMPLES.resolve(example)).contains("gateway:")
                                        ? "databases:"
                                        : "gateway: {http: {listen: \"127.0.0.1:0\"}}\ndatabases:");
        SluiceConfig config =
                ConfigReader.read(
                        example,
                        yaml,
                        name -> sites.password(name.startsWith("EAST") ? "source" : "target"));
        Gateway gateway = new Gateway(config);
        TwoSites.await(Duration.ofSeconds(180), gateway::isCaughtUp);
        return gateway;
    }
}
