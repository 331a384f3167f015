package io.sluice.gateway.cli;

import static io.sluice.gateway.cli.Answer.sluice;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.system.TwoSites;
import io.sluice.gateway.system.Watching;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command with good and bad input: what it prints where, and how it ends. */
class CliTest {

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "check", "status", "demo", "recopy", "types"})
    void helpIsPrintedToStandardOutput(String command) {
        Answer answer = command.isEmpty() ? sluice("--help") : sluice(command, "--help");
        assertThat(answer.exit()).isZero();
        assertThat(answer.err()).isEmpty();
        assertThat(answer.out()).contains("Usage: sluice", command);
    }

    @Test
    void theVersionIsPrinted() {
        assertThat(sluice("--version").out()).startsWith("sluice ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "run",
                "run -c",
                "run --nonsense",
                "run -c x --until tomorrow",
                "run -c x --until caught-up --timeout soon",
                "run -c x --until caught-up --timeout -5s",
                "run -c x --until caught-up --timeout 5",
                "check",
                "check -c x extra",
                "status --url not-an-address",
                "status --nonsense",
                "demo --duration forever",
                "demo --rate many",
                "recopy",
                "types postgresql",
                "types --nonsense",
                "events --nonsense",
                "dead-letters --nonsense",
                "conflicts",
                "conflicts resolve -c x a/1",
                "conflicts list -c x --limit 0",
                "--log-format xml run -c x",
            })
    void aWrongCallIsAUsageErrorOfOneSentence(String call) {
        Answer answer = sluice(call.split(" "));
        assertThat(answer.exit()).as(answer.err()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).isNotBlank().doesNotContain("Exception", "\tat ");
        assertThat(answer.err().lines()).hasSizeLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "check", "status", "recopy"})
    void aConfigurationThatIsMissingIsNamed(String command) {
        String file = folder.resolve("no-such-file.yaml").toString();
        Answer answer = withConfig(command, file);
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains(file, "no such file").doesNotContain("Exception");
        assertThat(answer.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "check", "status", "recopy"})
    void anUnknownKeyIsNamedWithItsLineAndTheNearestKnownOne(String command) throws IOException {
        Answer answer = withConfig(command, file("gateway: {nmae: x}\ndatabasse: {}\n"));
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains("1", "nmae", "name", "2", "databasse", "databases");
        assertThat(answer.out()).isEmpty();
    }

    @Test
    void aBombOfAliasesIsRefusedQuickly() throws IOException {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i));
            bomb.append("*a%d, ".formatted(i - 1).repeat(10)).append("]\n");
        }
        long began = System.nanoTime();
        Answer answer = sluice("check", "-c", file(bomb.toString()));
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).contains("aliases").doesNotContain("Exception");
        assertThat(answer.err().lines()).hasSizeLessThanOrEqualTo(101);
        assertThat(System.nanoTime() - began).isLessThan(30_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0000",
                "[",
                "- a\n- b",
                "just text",
                "a: b: c",
                "\ttabs: 1",
                "!!java.net.URL [x]"
            })
    void whatIsNotAConfigurationIsRefused(String text) throws IOException {
        Answer answer = sluice("check", "-c", file(text));
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err()).isNotBlank().doesNotContain("Exception", "\tat ");
    }

    @Test
    void wrongValuesAreToldAllAtOnceAndSecretsNever() throws IOException {
        Answer answer =
                sluice(
                        "check",
                        "-c",
                        file(
                                """
                                gateway: {name: g}
                                databases:
                                  a: {url: "jdbc:postgresql://h/d", username: u, password: "hush-hush"}
                                  b: {url: "jdbc:oracle:x", username: u, password: "hush-hush"}
                                replications:
                                  r: {mode: sometimes, source: a, target: c, tables: ["public.*"],
                                      heartbeat: 5 parsecs, buffer: {maxBytes: lots}}
                                """));
        assertThat(answer.exit()).isEqualTo(2);
        assertThat(answer.err())
                .contains("mode", "sometimes", "`c`", "heartbeat", "maxBytes", "jdbc:postgresql:")
                .doesNotContain("hush-hush");
    }

    @Test
    void checkOfAnUnreachableDatabaseBlocksWithARemedyAndWithoutThePassword() throws IOException {
        Answer answer = sluice("check", "-c", file(unreachable("5")));
        assertThat(answer.exit()).isEqualTo(3);
        assertThat(answer.out()).contains("blocks", "east", "west", "reachable", "cannot start");
        assertThat(answer.out() + answer.err()).doesNotContain("hush-hush");
    }

    @Test
    void runUntilCaughtUpGivesUpAtItsTimeout() throws IOException {
        Answer answer =
                sluice(
                        "run",
                        "-c",
                        file(unreachable("0")),
                        "--until",
                        "caught-up",
                        "--timeout",
                        "1s");
        assertThat(answer.exit()).isEqualTo(5);
        assertThat(answer.err()).contains("Not caught up", "r:east->west", "STARTING");
        assertThat(answer.out()).isEmpty();
    }

    @Test
    void statusWithoutAGatewayEndsWithFour() {
        Answer answer = sluice("status", "--url", "http://127.0.0.1:1", "--json");
        assertThat(answer.exit()).isEqualTo(4);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains("http://127.0.0.1:1", "sluice run");
    }

    @Test
    void checkRunAndStatusOfAReplicationThatWorks() throws Exception {
        try (TwoSites sites = TwoSites.shared().with("heartbeat: 200ms")) {
            sites.onSource("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)");
            String config = sites.configFile(folder).toString();
            Answer check = sluice("check", "-c", config);
            assertThat(check.exit()).as(check.out()).isZero();
            assertThat(check.out()).contains("It can start.", "1 tables");
            Answer run = sluice("run", "-c", config, "--until", "caught-up", "--timeout", "60s");
            assertThat(run.exit()).as(run.err()).isZero();
            assertThat(sites.queryTarget("SELECT count(*) FROM t")).isEqualTo("2");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                String url = "http://127.0.0.1:" + gateway.httpPort();
                Answer json = sluice("status", "--url", url, "--json");
                assertThat(json.exit()).isZero();
                JsonNode pipeline =
                        new ObjectMapper().readTree(json.out()).at("/replications/0/pipelines/0");
                assertThat(pipeline.get("name").asText()).isEqualTo("test:source->target");
                assertThat(pipeline.get("state").asText()).isEqualTo("STREAMING");
                Answer text = sluice("status", "--url", url);
                assertThat(text.exit()).isZero();
                assertThat(text.out())
                        .contains("test:source->target", "STREAMING", "RPO", "position");
                assertThat(text.err() + json.err()).isEmpty();
            }
        }
    }

    @Test
    void checkNamesWhatAMisconfiguredSourceLacks() throws Exception {
        try (PostgresServer plain =
                        Servers.postgres(Durability.FAST, Map.of("wal_level", "replica"));
                TwoSites sites = TwoSites.between(plain, Servers.sharedPostgres())) {
            sites.onSource(
                    "CREATE TABLE keyless (v text)",
                    "CREATE TABLE owned (id int PRIMARY KEY)",
                    "CREATE ROLE weak LOGIN PASSWORD 'weak'");
            sites.login("source", "weak", "weak");
            Answer check = sluice("check", "-c", sites.configFile(folder).toString());
            assertThat(check.exit()).isEqualTo(3);
            assertThat(check.out())
                    .contains(
                            "wal_level",
                            "ALTER SYSTEM SET wal_level = 'logical'",
                            "ALTER ROLE \"weak\" REPLICATION",
                            "GRANT CREATE ON DATABASE",
                            "public.keyless",
                            "REPLICA IDENTITY FULL",
                            "public.owned",
                            "GRANT SELECT ON",
                            "cannot start");
        }
    }

    @Test
    void runEndsWithOneWhereAReplicationFails() throws Exception {
        try (TwoSites sites = TwoSites.shared().tables("[\"public.nothing\"]")) {
            Answer run =
                    sluice(
                            "run",
                            "-c",
                            sites.configFile(folder).toString(),
                            "--until",
                            "caught-up");
            assertThat(run.exit()).isEqualTo(1);
            assertThat(run.err()).contains("test:source->target", "FAILED", "No table");
        }
    }

    private static Answer withConfig(String command, String file) {
        return command.equals("recopy")
                ? sluice(command, "-c", file, "some:a->b")
                : sluice(command, "-c", file);
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("sluice.yaml"), text).toString();
    }

    private static String unreachable(String port) {
        return """
        gateway: {name: g, http: {listen: "127.0.0.1:0"}}
        databases:
          east: {url: "jdbc:postgresql://127.0.0.1:1/a", username: u, password: "hush-hush"}
          west: {url: "jdbc:postgresql://127.0.0.1:%s/b", username: u, password: "hush-hush"}
        replications:
          r: {mode: transactional, source: east, target: west, tables: ["public.*"]}
        """
                .formatted(port.equals("0") ? "2" : port);
    }
}
