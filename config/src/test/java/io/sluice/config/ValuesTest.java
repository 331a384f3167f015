package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    @ParameterizedTest
    @CsvSource({
        "100B, 100",
        "512KiB, 524288",
        "64MiB, 67108864",
        "1GiB, 1073741824",
        "2TiB, 2199023255552",
        "0B, 0",
        "1025B, 1025"
    })
    void sizesAreReadAndWrittenTheSameWay(String text, long bytes) {
        assertThat(DataSize.parse(text)).isEqualTo(new DataSize(bytes)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "250ms, PT0.25S",
        "5s, PT5S",
        "10m, PT10M",
        "2h, PT2H",
        "1d, PT24H",
        "365d, PT8760H",
        "0s, PT0S"
    })
    void durationsAreRead(String text, Duration duration) {
        assertThat(DurationText.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "+5s", "5 s", "5S", "1.5s", "1h30m", "5us", "٥s"})
    void otherFormsAreNoDurations(String text) {
        assertThatThrownBy(() -> DurationText.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("must be a duration such as `5s`, in ms, s, m, h or d");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "MiB", "-1B", "64 MiB", "64mib", "64MB", "64M", "1.5GiB"})
    void otherFormsAreNoSizes(String text) {
        assertThatThrownBy(() -> DataSize.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("must be a size such as `64MiB`, in B, KiB, MiB, GiB or TiB");
    }

    @Test
    void aSecretIsEqualByItsValueAndShowsNothingOfIt() {
        Secret secret = new Secret("hush");

        assertThat(secret).hasToString("***").isEqualTo(new Secret("hush"));
        assertThat(secret).isNotEqualTo(new Secret("hushed"));
        assertThat(secret.reveal()).isEqualTo("hush");
    }

    @Test
    void recordsRefuseWhatTheReaderRefuses() {
        Duration second = Duration.ofSeconds(1);
        DataSize some = new DataSize(1);

        for (Runnable nonsense :
                new Runnable[] {
                    () ->
                            new RpoConfig(
                                    Duration.ZERO, Duration.ofDays(30), Percentage.parse("99.9%")),
                    () -> Percentage.parse("100%"),
                    () -> Percentage.parse("0.0%"),
                    () -> new RetryConfig(second.plusMillis(1), second),
                    () -> new BufferConfig(0, some),
                    () -> new BufferConfig(1, new DataSize(0)),
                    () -> new ApplyConfig(1, some, second, second.negated(), 1),
                    () -> new DataSize(-1),
                    () -> new Secret(""),
                    () -> new TableName("", "a"),
                    () ->
                            new HttpConfig(
                                    new ListenAddress("0.0.0.0", 1), Optional.empty(), Map.of()),
                    () ->
                            new DatabaseConfig(
                                    "jdbc:mysql://h", "a", new Secret("b"), Optional.empty()),
                    () ->
                            new SluiceConfig(
                                    GatewayConfig.DEFAULTS,
                                    Map.of(),
                                    Texts.read(Texts.DATABASES + Texts.REPLICATION).replications())
                }) {
            assertThatThrownBy(nonsense::run).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
