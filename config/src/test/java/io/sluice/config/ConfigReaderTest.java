package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {

    @TempDir Path folder;

    @Test
    void leavesEverythingThatIsNotGivenAtItsDefault() {
        SluiceConfig config = Texts.read(Texts.DATABASES + Texts.REPLICATION);

        assertThat(config.gateway())
                .isEqualTo(
                        new GatewayConfig(
                                "sluice",
                                new HttpConfig(
                                        new ListenAddress("127.0.0.1", 8085),
                                        Optional.empty(),
                                        Map.of()),
                                new TelemetryConfig(
                                        new OtlpConfig(
                                                Optional.empty(),
                                                Duration.ofSeconds(30),
                                                Map.of()))));
        assertThat(config.databases().get("east").region()).isEmpty();
        assertThat(config.replications().get("orders"))
                .isEqualTo(
                        new ReplicationConfig(
                                Mode.TRANSACTIONAL,
                                "east",
                                "west",
                                List.of(Glob.parse("public.*")),
                                List.of(),
                                new Renames(Map.of(), Map.of()),
                                Map.of(),
                                new RpoConfig(
                                        Duration.ofSeconds(5),
                                        Duration.ofDays(30),
                                        Percentage.parse("99.9%")),
                                Duration.ofSeconds(1),
                                new CopyConfig(
                                        4,
                                        new DataSize(64 * 1024 * 1024),
                                        Optional.empty(),
                                        Optional.empty()),
                                new ApplyConfig(
                                        10_000,
                                        new DataSize(16 * 1024 * 1024),
                                        Duration.ofMillis(5),
                                        Duration.ofSeconds(60),
                                        1_000),
                                new BufferConfig(50_000, new DataSize(64 * 1024 * 1024)),
                                new RetryConfig(Duration.ofMillis(250), Duration.ofSeconds(30)),
                                Duration.ofSeconds(30),
                                true,
                                RowErrorPolicy.STOP,
                                Optional.empty(),
                                LoadKind.REPLACE,
                                0,
                                Map.of(),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(10),
                                Deletes.DEFAULT,
                                Optional.empty()));
    }

    @Test
    void readsTheKeysOfKeyBased() {
        ReplicationConfig all = keyBased("cursor: updated_at");
        assertThat(all.cursor("public", "orders")).hasValue("updated_at");
        assertThat(all.interval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(all.overlap()).isEqualTo(Duration.ofSeconds(10));
        assertThat(all.deletes().sweep()).hasValue(Duration.ofHours(1));

        ReplicationConfig each =
                keyBased(
                        """
                        cursor: {public.orders: id, "public.*": changed}
                        interval: 2s
                        overlap: 1m
                        deletes: {sweep: 30m}
                        """);
        assertThat(each.cursor("public", "orders")).hasValue("id");
        assertThat(each.cursor("public", "stock")).hasValue("changed");
        assertThat(each.cursor("other", "stock")).isEmpty();
        assertThat(each.interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(each.overlap()).isEqualTo(Duration.ofMinutes(1));
        assertThat(each.deletes().sweep()).hasValue(Duration.ofMinutes(30));
        assertThat(keyBased("cursor: id\ndeletes: ignore").deletes()).isEqualTo(Deletes.IGNORED);
    }

    private static ReplicationConfig keyBased(String lines) {
        String yaml = Texts.REPLICATION.replace("mode: transactional", "mode: key-based");
        return Texts.read(Texts.DATABASES + yaml + lines.indent(4)).replications().get("orders");
    }

    @Test
    void readsWhatTheModesHaveThatLoadWholeTables() {
        String yaml = Texts.DATABASES + Texts.REPLICATION;
        ReplicationConfig full =
                Texts.read(
                                yaml.replace("transactional", "full")
                                        + "    schedule: every 6h\n    load: merge\n")
                        .replications()
                        .get("orders");
        assertThat(full.mode()).isEqualTo(Mode.FULL);
        assertThat(full.schedule()).contains(new Schedule.Every(Duration.ofHours(6)));
        assertThat(full.load()).isEqualTo(LoadKind.MERGE);
        ReplicationConfig snapshot =
                Texts.read(yaml.replace("transactional", "snapshot") + "    keep: 3\n")
                        .replications()
                        .get("orders");
        assertThat(snapshot.mode()).isEqualTo(Mode.SNAPSHOT);
        assertThat(snapshot.schedule()).isEmpty();
        assertThat(snapshot.keep()).isEqualTo(3);
    }

    @Test
    void readsEveryKeyToItsRecord() {
        SluiceConfig config =
                Texts.read(
                        """
                        gateway:
                          name: gateway-eu
                          http:
                            listen: "[::]:9000"
                            token: "t-${env:EAST_PASSWORD}"
                            tokens:
                              grafana: {token: hush-2}
                              alice: {role: operator, token: "${env:EAST_PASSWORD}"}
                          telemetry:
                            otlp:
                              endpoint: "https://collector.example:4318"
                              interval: 10s
                              headers: {Authorization: "Bearer ${env:EAST_PASSWORD}"}
                        databases:
                          west: {url: "jdbc:postgresql://[::1]/b?ssl=true", username: b, password: literal}
                          east:
                            url: "jdbc:postgresql://east.example:5432/${env:EAST_PASSWORD}"
                            username: "${env:WEST_PASSWORD}"
                            password: "${env:EAST_PASSWORD}"
                            region: us-east
                        replications:
                          orders:
                            mode: log-based
                            source: east
                            target: west
                            tables: ["public.orders", 'public.order_*']
                            exclude:
                              - '"my.schema".?'
                            rename:
                              public: shop
                              public.orders: archive.orders_2024
                              '"a.b"': '"c*"'
                            excludeColumns:
                              "public.*": [secret, note]
                              "public.orders": [card]
                            rpo: {objective: 1m, window: 7d, target: 99.50%}
                            heartbeat: 250ms
                            copy: {workers: 3, chunkSize: 32MiB, maxBytesPerSecond: 5MiB, pauseWhenSourceLagExceeds: 20s}
                            apply: {maxRows: 7, maxBytes: 512KiB, maxDelay: 9ms, statementTimeout: 2h, maxParked: 5}
                            buffer: {maxRows: 70, maxBytes: 1GiB}
                            retry: {initialDelay: 1s, maxDelay: 1d}
                            stallTimeout: 10m
                            createTables: false
                            onRowError: park
                        """);

        assertThat(config)
                .isEqualTo(
                        new SluiceConfig(
                                new GatewayConfig(
                                        "gateway-eu",
                                        new HttpConfig(
                                                new ListenAddress("::", 9000),
                                                Optional.of(new Secret("t-east-hush")),
                                                Map.of(
                                                        "grafana",
                                                        new TokenConfig(
                                                                TokenConfig.Role.VIEWER,
                                                                new Secret("hush-2")),
                                                        "alice",
                                                        new TokenConfig(
                                                                TokenConfig.Role.OPERATOR,
                                                                new Secret("east-hush")))),
                                        new TelemetryConfig(
                                                new OtlpConfig(
                                                        Optional.of(
                                                                URI.create(
                                                                        "https://collector.example:4318/v1/metrics")),
                                                        Duration.ofSeconds(10),
                                                        Map.of(
                                                                "Authorization",
                                                                new Secret("Bearer east-hush"))))),
                                Map.of(
                                        "west",
                                        new DatabaseConfig(
                                                "jdbc:postgresql://[::1]/b?ssl=true",
                                                "b",
                                                new Secret("literal"),
                                                Optional.empty()),
                                        "east",
                                        new DatabaseConfig(
                                                "jdbc:postgresql://east.example:5432/east-hush",
                                                "west-hush",
                                                new Secret("east-hush"),
                                                Optional.of("us-east"))),
                                Map.of(
                                        "orders",
                                        new ReplicationConfig(
                                                Mode.LOG_BASED,
                                                "east",
                                                "west",
                                                List.of(
                                                        Glob.parse("public.orders"),
                                                        Glob.parse("public.order_*")),
                                                List.of(Glob.parse("\"my.schema\".?")),
                                                new Renames(
                                                        Map.of("public", "shop", "a.b", "c*"),
                                                        Map.of(
                                                                new TableName("public", "orders"),
                                                                new TableName(
                                                                        "archive", "orders_2024"))),
                                                Map.of(
                                                        Glob.parse("public.*"),
                                                        List.of("secret", "note"),
                                                        Glob.parse("public.orders"),
                                                        List.of("card")),
                                                new RpoConfig(
                                                        Duration.ofMinutes(1),
                                                        Duration.ofDays(7),
                                                        Percentage.parse("99.5%")),
                                                Duration.ofMillis(250),
                                                new CopyConfig(
                                                        3,
                                                        new DataSize(32 * 1024 * 1024),
                                                        Optional.of(new DataSize(5 << 20)),
                                                        Optional.of(Duration.ofSeconds(20))),
                                                new ApplyConfig(
                                                        7,
                                                        new DataSize(512 * 1024),
                                                        Duration.ofMillis(9),
                                                        Duration.ofHours(2),
                                                        5),
                                                new BufferConfig(70, new DataSize(1 << 30)),
                                                new RetryConfig(
                                                        Duration.ofSeconds(1), Duration.ofDays(1)),
                                                Duration.ofMinutes(10),
                                                false,
                                                RowErrorPolicy.PARK,
                                                Optional.empty(),
                                                LoadKind.REPLACE,
                                                0,
                                                Map.of(),
                                                Duration.ofSeconds(10),
                                                Duration.ofSeconds(10),
                                                Deletes.DEFAULT,
                                                Optional.empty()))));
        assertThat(config.databases().keySet()).containsExactly("west", "east");
        ReplicationConfig orders = config.replications().get("orders");
        assertThat(orders.excludedColumns("public", "orders"))
                .containsExactly("secret", "note", "card");
        assertThat(orders.excludedColumns("other", "orders")).isEmpty();
    }

    @Test
    void textOfAConfigurationShowsNoSecret() {
        SluiceConfig config =
                Texts.read(
                        """
                        gateway: {http: {token: hush-token}}
                        databases:
                          east: {url: "jdbc:postgresql://h/a?sslpassword=hush-key", username: a, password: hush}
                          west: {url: "jdbc:postgresql://h/b", username: b, password: "${env:WEST_PASSWORD}"}
                        """
                                + Texts.REPLICATION);

        assertThat(config.toString())
                .doesNotContain("hush")
                .contains("***", "jdbc:postgresql://h/a");
        assertThat(config.databases().get("west").password().reveal()).isEqualTo("west-hush");
    }

    @Test
    void nothingAfterAKeyIsItsDefault() {
        SluiceConfig config =
                Texts.read(
                        "gateway:\n"
                                + Texts.DATABASES
                                + Texts.REPLICATION
                                + "    exclude:\n    apply:\n    rpo: {objective: }\n    rename: ~\n");

        assertThat(config).isEqualTo(Texts.read(Texts.DATABASES + Texts.REPLICATION));
    }

    @Test
    void readsAFileWithAByteOrderMarkAndWindowsLineEnds() throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(
                file, "\uFEFF" + (Texts.DATABASES + Texts.REPLICATION).replace("\n", "\r\n"));

        assertThat(ConfigReader.read(file).replications()).containsOnlyKeys("orders");
    }

    @Test
    void takesSecretsFromFilesWithoutTheLastLineEnd() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), " two\nlines \r\n");
        String yaml =
                (Texts.DATABASES + Texts.REPLICATION)
                        .replace("east-hush", "'a${file:" + secret + "}b$${env:c}'");

        assertThat(Texts.read(yaml).databases().get("east").password().reveal())
                .isEqualTo("a two\nlines b${env:c}");
    }

    @Test
    void aFileThatCannotBeReadIsOneProblemThatNamesIt() throws IOException {
        Path missing = folder.resolve("missing.yaml");
        assertThatThrownBy(() -> ConfigReader.read(missing))
                .isInstanceOf(ConfigException.class)
                .hasMessage(missing + ": there is no such file");
        assertThatThrownBy(() -> ConfigReader.read(folder))
                .hasMessage(folder + ": is a directory; give the configuration file in it");

        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "gateway:\n  name: Zürich\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ConfigReader.read(latin)).hasMessage(latin + ":2: is not UTF-8");

        Path large = folder.resolve("large.yaml");
        Files.writeString(large, "#".repeat(ConfigReader.LARGEST_FILE + 1));
        assertThatThrownBy(() -> ConfigReader.read(large))
                .hasMessage(large + ": is larger than 1MiB; this cannot be a configuration");

        Path endless = Path.of("/dev/zero");
        if (Files.exists(endless)) {
            assertThatThrownBy(() -> ConfigReader.read(endless))
                    .hasMessage("/dev/zero: is larger than 1MiB; this cannot be a configuration");
        }
    }
}
