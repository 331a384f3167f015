package io.sluice.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sluice.gateway.system.GatewayProcess;
import io.sluice.gateway.system.TwoSites;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The dashboard in a real browser, before a gateway in a process of its own that replicates between
 * real databases. With {@code -Dsluice.pictures=docs/images} its pictures become the README's.
 */
@Tag("slow")
class DashboardTest {

    private static final String SHOP = "#/pipeline/" + encoded("shop:east->west");

    private static final Pattern LISTENS =
            Pattern.compile("Listens on http:\\S*127\\.0\\.0\\.1:([0-9]+)");

    @TempDir Path folder;

    private final CountDownLatch enough = new CountDownLatch(1);

    @BeforeAll
    static void find() {
        assumeTrue(
                Files.isExecutable(Browser.CHROMIUM),
                "NOT TESTED: the dashboard; "
                        + Browser.CHROMIUM
                        + " is missing: install Debian's package chromium, or say where one is with"
                        + " -Dsluice.chromium");
        assumeTrue(
                Dashboard.class.getResource("web/index.html") != null,
                "NOT TESTED: the dashboard; it was left out of the build, which said why");
    }

    @Test
    void anOperatorSeesAndSteersTheGateway() throws Exception {
        try (TwoSites shop = TwoSites.ownServers(Durability.FAST);
                TwoSites archive = TwoSites.between(shop.sourceServer, Servers.sharedMySql())) {
            for (TwoSites sites : new TwoSites[] {shop, archive}) {
                sites.onSource(
                        "CREATE TABLE orders (id int PRIMARY KEY, v text)",
                        "INSERT INTO orders SELECT g, 'x' FROM generate_series(1, 2000) g");
            }
            Path config = Files.writeString(folder.resolve("sluice.yaml"), yaml(shop, archive));
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config.toString());
                    Browser browser = new Browser(folder.resolve("profile"))) {
                String address = address(gateway);
                Thread load = Thread.ofVirtual().start(() -> write(shop));
                try {
                    browser.look(1280, 900, false);
                    everyPageRenders(browser, address);
                    aFailureAndItsRecoveryShow(browser, shop);
                    theReportAndTheBudgetTellOfTheBreach(browser);
                    aPipelineIsPausedAndResumedByClicks(browser);
                    archive.awaitOnTarget(
                            "SELECT count(*) FROM sluice.event WHERE detail = 'STARTING -> COPYING'",
                            "1");
                    pictures(browser, address);
                    assertThat(browser.complaints()).isEmpty();
                    gateway.kill();
                    browser.await("document.querySelector('.stale[role=alert]')");
                    browser.awaitText("has not been heard");
                } finally {
                    enough.countDown();
                    load.join();
                }
            }
        }
    }

    @Test
    void anOperatorFindsAConflictAndResolvesIt() throws Exception {
        try (TwoSites sites =
                TwoSites.shared()
                        .bothWays()
                        .with("heartbeat: 200ms")
                        .with("conflict: {policy: park}")) {
            String[] schema = {
                "CREATE TABLE stock (id int PRIMARY KEY, n int, shelf text)",
                "ALTER TABLE stock REPLICA IDENTITY FULL"
            };
            sites.onSource(schema);
            sites.onTarget(schema);
            sites.onSource("INSERT INTO stock VALUES (1, 0, 'left')");
            String config = sites.configFile(folder).toString();
            try (GatewayProcess gateway = GatewayProcess.start("run", "-c", config);
                    Browser browser = new Browser(folder.resolve("conflicts"))) {
                String address = address(gateway);
                browser.look(1280, 900, false);
                conflict(sites, browser, address);
                browser.open(address + "/#/conflicts/site%3Dtarget/open%3Dtrue");
                browser.await("document.querySelectorAll('[data-conflict]').length === 1");
                browser.await("document.querySelector('[data-open=true]')");
                browser.open(address + "/#/conflicts/kind%3Dinsert_exists");
                browser.awaitText("No such conflict is on record");
                browser.open(address + "/#/conflicts");
                browser.await("document.querySelectorAll('[data-conflict]').length === 2");
                browser.click("[data-conflict^='target/'] a");
                browser.await("document.querySelectorAll('.images tbody tr').length === 3");
                browser.await("document.querySelectorAll('[data-differs=true]').length === 1");
                browser.awaitText("written at source");
                browser.awaitText("park by park");
                browser.look(390, 900, true);
                narrowEnough(browser, 390);
                browser.look(1280, 900, false);
                browser.click("[data-choice=apply-incoming]");
                browser.await("document.querySelector('dialog[open]')");
                assertThat(sites.queryTarget("SELECT n FROM stock")).isEqualTo("2");
                browser.click("dialog [data-action=confirm]");
                browser.awaitText("apply-incoming, at");
                browser.await("!document.querySelector('[data-choice]')");
                assertThat(sites.queryTarget("SELECT n FROM stock")).isEqualTo("1");
                sites.awaitEqual(Duration.ofSeconds(180), List.of("public.stock"));
                assertThat(browser.complaints()).isEmpty();
            }
        }
    }

    /** Both write the row while neither hears of the other. */
    private static void conflict(TwoSites sites, Browser browser, String address) {
        String[] pipelines = {"test:source->target", "test:target->source"};
        for (String pipeline : pipelines) {
            browser.open(address + "/#/pipeline/" + encoded(pipeline));
            browser.await("document.querySelector('[data-state=STREAMING]')");
            browser.click("[data-action=pause]");
            browser.click("dialog [data-action=confirm]");
            browser.await("document.querySelector('[data-state=PAUSED]')");
        }
        sites.onSource("UPDATE stock SET n = 1");
        sites.onTarget("UPDATE stock SET n = 2");
        for (String pipeline : pipelines) {
            browser.open(address + "/#/pipeline/" + encoded(pipeline));
            browser.await("document.querySelector('[data-state=PAUSED]')");
            browser.click("[data-action=resume]");
            browser.click("dialog [data-action=confirm]");
            browser.await("!document.querySelector('[data-state=PAUSED]')");
        }
        sites.awaitOnTarget("SELECT count(*) FROM sluice.conflict", "1");
        TwoSites.await(
                Duration.ofSeconds(120),
                () -> "1".equals(sites.querySource("SELECT count(*) FROM sluice.conflict")));
    }

    private static void everyPageRenders(Browser browser, String address) {
        browser.open(address + "/");
        browser.awaitText("shop:east->west");
        browser.await("document.querySelectorAll('.arrow.streaming').length === 2");
        browser.awaitText("us-east");
        browser.awaitText("Nothing is at risk");
        browser.tab();
        assertThat(browser.value("document.activeElement.className").asText()).isEqualTo("skip");
        browser.open(address + "/#/tables");
        browser.await("document.querySelectorAll('[role=progressbar]').length === 2");
        browser.awaitText("1 of 1");
        theTablesTellWhatBecomesOfEach(browser);
        browser.open(address + "/#/configuration");
        browser.awaitText("databases.east");
        browser.awaitText("***");
        browser.open(address + "/#/report");
        browser.await("document.querySelectorAll('[data-report]').length === 2");
        browser.awaitText("Attained");
        browser.open(address + "/#/events");
        browser.awaitText("STARTING -> COPYING");
        browser.open(address + "/#/nothing");
        browser.awaitText("There is no such page");
        browser.open(address + "/" + SHOP);
        browser.await("document.querySelectorAll('.chart canvas').length === 4");
        browser.await("document.querySelector('[data-state=STREAMING]')");
    }

    private static void theTablesTellWhatBecomesOfEach(Browser browser) {
        browser.await("document.querySelectorAll('[data-copy=copied]').length === 2");
        String line = "document.querySelector('[data-table=\"public.orders\"]')";
        browser.awaitText("2\u202f000 rows");
        String inserts =
                "Number(" + line + ".querySelector('.number').textContent.replace(/\\D/g, ''))";
        browser.await(inserts + " > 0");
        int seen = browser.value(inserts).asInt();
        browser.await(inserts + " > " + seen);
        browser.await(line + ".querySelector('time')");
        browser.type("section[aria-label='shop:east->west'] input", "none of it");
        browser.awaitText("No table of that name");
        browser.await("document.querySelectorAll('[data-table]').length === 1");
    }

    private static void aFailureAndItsRecoveryShow(Browser browser, TwoSites shop) {
        shop.targetServer.stop();
        browser.await("document.querySelector('.failure[role=alert]')");
        browser.awaitText("It tries again by itself");
        browser.await("document.querySelector('[data-figure=rpo].bad')");
        browser.value("window.location.hash = '/'");
        browser.await("document.querySelector('.risks .bad')");
        browser.awaitText("retrying, attempt");
        browser.value("window.location.hash = " + '"' + SHOP.substring(1) + '"');
        shop.targetServer.start();
        browser.await("document.querySelector('[data-state=STREAMING]')");
        browser.await("!document.querySelector('.failure')");
        browser.awaitText("over its objective of");
    }

    private static void theReportAndTheBudgetTellOfTheBreach(Browser browser) {
        browser.await(
                "!document.querySelector('[data-figure=budget]').textContent.startsWith('100')");
        browser.await("document.querySelector('[data-figure=forecast]')");
        browser.value("window.location.hash = '/report'");
        browser.awaitText("Breach from");
        browser.value("window.location.hash = " + '"' + SHOP.substring(1) + '"');
        browser.await("document.querySelector('[data-state=STREAMING]')");
    }

    private static void aPipelineIsPausedAndResumedByClicks(Browser browser) {
        browser.click("[data-action=pause]");
        browser.await("document.querySelector('dialog[open]')");
        browser.click("dialog [data-action=confirm]");
        browser.await("document.querySelector('[data-state=PAUSED]')");
        browser.awaitText("pause, by local");
        browser.click("[data-action=resume]");
        browser.click("dialog [data-action=confirm]");
        browser.await("document.querySelector('[data-state=STREAMING]')");
        browser.await("!document.querySelector('dialog[open]')");
    }

    private static void pictures(Browser browser, String address) throws IOException {
        String asked = System.getProperty("sluice.pictures", "gateway/target/pictures");
        Path root = Path.of(System.getProperty("sluice.root"));
        Path small = root.resolve("gateway/target/pictures");
        for (boolean dark : new boolean[] {false, true}) {
            for (int width : new int[] {1280, 390}) {
                browser.look(width, 900, dark);
                String form = (dark ? "dark" : "light") + (width == 390 ? "-phone" : "");
                browser.open(address + "/");
                browser.await("document.querySelectorAll('.arrow').length === 2");
                narrowEnough(browser, width);
                Path pictures = width == 390 ? small : root.resolve(asked);
                browser.picture(pictures.resolve("overview-" + form + ".png"));
                browser.open(address + "/" + SHOP);
                browser.await("document.querySelectorAll('.chart canvas').length === 4");
                narrowEnough(browser, width);
                browser.picture(pictures.resolve("pipeline-" + form + ".png"));
            }
        }
        for (String page :
                new String[] {"conflicts", "events", "tables", "report", "configuration"}) {
            browser.open(address + "/#/" + page);
            browser.await("document.querySelector('main h1')");
            narrowEnough(browser, 390);
            browser.picture(small.resolve(page + "-dark-phone.png"));
            browser.look(1280, 900, false);
            browser.picture(small.resolve(page + "-light.png"));
            browser.look(390, 900, true);
        }
    }

    /** Nothing is wider than the window. */
    private static void narrowEnough(Browser browser, int width) {
        browser.await("document.documentElement.scrollWidth <= " + width);
    }

    private void write(TwoSites shop) {
        try (Connection source = shop.source();
                Statement statement = source.createStatement()) {
            for (int n = 10_000; !enough.await(20, TimeUnit.MILLISECONDS); n++) {
                statement.execute("INSERT INTO orders VALUES (%d, 'y')".formatted(n));
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String yaml(TwoSites shop, TwoSites archive) {
        return """
        gateway: {name: gateway-eu, http: {listen: "127.0.0.1:0"}}
        databases:
        %s%s%s%sreplications:
          shop:
            mode: transactional
            source: east
            target: west
            tables: ["public.*"]
            rpo: {objective: 3s}
            retry: {initialDelay: 500ms, maxDelay: 1s}
          archive:
            mode: transactional
            source: east-archive
            target: south
            tables: ["public.*"]
            rpo: {objective: 30s}
        """
                .formatted(
                        database(shop, "source", "east", "us-east"),
                        database(shop, "target", "west", "eu-west"),
                        database(archive, "source", "east-archive", "us-east"),
                        database(archive, "target", "south", "ap-south"));
    }

    /** A database's line under another name, with a region. */
    private static String database(TwoSites sites, String name, String as, String region) {
        String line =
                sites.yaml()
                        .lines()
                        .filter(l -> l.startsWith("  " + name + ": "))
                        .findFirst()
                        .orElseThrow();
        return line.replaceFirst(name, as).replaceFirst("}$", ", region: " + region + "}") + "\n";
    }

    private static String address(GatewayProcess gateway) {
        StringBuilder found = new StringBuilder();
        try {
            TwoSites.await(
                    Duration.ofSeconds(60),
                    () -> {
                        Matcher matcher = LISTENS.matcher(gateway.errors());
                        if (matcher.find() && found.isEmpty()) {
                            found.append("http://127.0.0.1:").append(matcher.group(1));
                        }
                        return !found.isEmpty() || !gateway.isAlive();
                    });
        } catch (RuntimeException e) {
            throw new AssertionError(gateway.errors(), e);
        }
        assertThat(found).as(gateway.errors()).isNotEmpty();
        return found.toString();
    }

    private static String encoded(String name) {
        return name.replace(":", "%3A").replace(">", "%3E");
    }
}
