package io.sluice.gateway.rpo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.rpo.Forecast.Look;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The forecast on series of looks, one a second. */
class ForecastTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static List<Look> rpo(int seconds, IntToDoubleFunction value) {
        return IntStream.range(0, seconds)
                .mapToObj(i -> new Look(i, value.applyAsDouble(i), null, null, false))
                .toList();
    }

    private static List<Look> backlog(int seconds, IntToDoubleFunction value) {
        return IntStream.range(0, seconds)
                .mapToObj(i -> new Look(i, 1.0, value.applyAsDouble(i), null, false))
                .toList();
    }

    private static List<Look> room(int seconds, IntToDoubleFunction value) {
        return IntStream.range(0, seconds)
                .mapToObj(i -> new Look(i, 1.0, null, value.applyAsDouble(i), false))
                .toList();
    }

    /** The seconds at which an alarm was raised. */
    private static List<Integer> alarms(List<Look> series, Duration objective) {
        ForecastAlarm alarm = new ForecastAlarm(objective);
        List<Integer> raised = new ArrayList<>();
        for (int i = 1; i <= series.size(); i++) {
            List<Look> seen = series.subList(Math.max(0, i - 600), i);
            for (String told : alarm.look(Forecast.of(seen, objective), seen.getLast())) {
                assertThat(told).contains("At its present trend");
                raised.add(i - 1);
            }
        }
        return raised;
    }

    /** Alarms that no breach followed within a quarter of an hour. */
    private static long falseAlarms(List<Look> series, Duration objective) {
        double limit = objective.toNanos() / 1e9;
        return alarms(series, objective).stream()
                .map(index -> series.get(index).at())
                .filter(
                        at ->
                                series.stream()
                                        .filter(l -> l.at() > at && l.at() < at + 900)
                                        .noneMatch(l -> number(l.rpo()) > limit))
                .count();
    }

    private static double number(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    @Test
    void aSteadyGrowthBreaksTheObjectiveWhenItSays() {
        Forecast forecast = Forecast.of(rpo(61, i -> 10 + 0.5 * i), MINUTE);
        assertThat(forecast.breach()).isNotNull();
        assertThat(forecast.breach().in().toSeconds()).isBetween(39L, 41L);
        assertThat(forecast.breach().confidence()).isGreaterThan(0.99);
    }

    @Test
    void ofAnRpoThatFallsOrIsOverItsObjectiveNothingIsForecast() {
        assertThat(Forecast.of(rpo(60, i -> 50 - 0.5 * i), MINUTE).breach()).isNull();
        assertThat(Forecast.of(rpo(60, i -> 61 + 0.5 * i), MINUTE).breach()).isNull();
    }

    @Test
    void ofThreeLooksNothingIsForecast() {
        assertThat(Forecast.of(rpo(3, i -> 10 + 3.0 * i), MINUTE)).isEqualTo(Forecast.NONE);
        assertThat(Forecast.of(List.of(), MINUTE)).isEqualTo(Forecast.NONE);
    }

    @Test
    void whatIsBlindGrowsWithTheClockWithoutADoubt() {
        List<Look> looks = List.of(new Look(0, 2.0, null, null, true));
        assertThat(Forecast.of(looks, MINUTE).breach())
                .isEqualTo(new Forecast.Estimate(Duration.ofSeconds(58), 1));
    }

    @Test
    void aBacklogThatShrinksIsWorkedOffWhenItSays() {
        Forecast forecast = Forecast.of(backlog(60, i -> 1e9 - 1e7 * i), MINUTE);
        assertThat(forecast.catchUp()).isNotNull();
        assertThat(forecast.catchUp().in().toSeconds()).isBetween(40L, 42L);
        assertThat(Forecast.of(backlog(60, i -> 1e9 + 1e7 * i), MINUTE).catchUp()).isNull();
    }

    @Test
    void logThatTheSourceIsAboutToGiveUpIsForecast() {
        Forecast forecast = Forecast.of(room(120, i -> 1e9 - 1e6 * i), MINUTE);
        assertThat(forecast.retention()).isNotNull();
        assertThat(forecast.retention().in().toSeconds()).isBetween(880L, 882L);
        assertThat(Forecast.of(room(120, i -> 1e9), MINUTE).retention()).isNull();
        assertThat(alarms(room(200, i -> 1e9 - 1e6 * i), MINUTE)).hasSize(1);
    }

    /** As of PostgreSQL's safe_wal_size while the slot is confirmed and nothing is wrong. */
    @Test
    void roomThatFallsAndRisesInTeethIsNotGivenUp() {
        double step = 16 << 20;
        for (int tooth : new int[] {10, 15, 30}) {
            List<Look> teeth = room(1_800, i -> 1e9 - step * (i % tooth) / tooth);
            for (int i = 1; i <= teeth.size(); i++) {
                List<Look> seen = teeth.subList(Math.max(0, i - 600), i);
                assertThat(Forecast.of(seen, MINUTE).retention()).isNull();
            }
        }
        // Teeth on a slope: that is what it tends to.
        List<Look> falling = room(600, i -> 1e9 - 1e6 * i - step * (i % 15) / 15);
        Forecast forecast = Forecast.of(falling, MINUTE);
        assertThat(forecast.retention()).isNotNull();
        assertThat(forecast.retention().in().toSeconds()).isBetween(360L, 420L);
    }

    @Test
    void aStallAndASlowGrowthAreToldBeforeTheBreachAndOnce() {
        IntToDoubleFunction stall = i -> i < 300 ? 0.02 : i - 300;
        assertThat(alarms(rpo(400, stall), MINUTE)).singleElement().matches(at -> at < 360);
        assertThat(alarms(rpo(400, stall), Duration.ofSeconds(5)))
                .singleElement()
                .matches(at -> at <= 305);
        Random random = new Random(7);
        IntToDoubleFunction creep =
                i -> i < 300 ? 0.02 : (i - 300) * 0.1 + random.nextDouble() * 0.5;
        assertThat(alarms(rpo(1_200, creep), MINUTE)).isNotEmpty();
        assertThat(alarms(rpo(1_200, creep), MINUTE).getFirst()).isBetween(500, 890);
    }

    @Test
    void noiseAndBatchesRaiseNoFalseAlarm() {
        Random random = new Random(1);
        List<Look> idle = rpo(7_200, i -> random.nextDouble() * 0.1);
        List<Look> busy = rpo(7_200, i -> Math.abs(random.nextGaussian()) * 1.2);
        List<Look> batches = rpo(7_200, i -> i % 30 < 3 ? i % 30 : 0.05);
        List<Look> largeBatches = rpo(7_200, i -> i % 300 < 25 ? i % 300 : 0.05);
        List<Look> tide = rpo(7_200, i -> 12 + 10 * Math.sin(i / 600.0));
        assertThat(falseAlarms(idle, Duration.ofSeconds(5))).isZero();
        assertThat(falseAlarms(busy, Duration.ofSeconds(5))).isZero();
        assertThat(falseAlarms(batches, Duration.ofSeconds(5))).isZero();
        assertThat(falseAlarms(largeBatches, MINUTE)).isZero();
        assertThat(falseAlarms(tide, MINUTE)).isZero();
    }

    /**
     * Two minutes of a gateway under load: its target stalls (from 45 on), one transaction is large
     * (67), its target is slow (86), its source stalls (111), its target stalls for less (126).
     */
    @Test
    void aRecordedLinkIsForecastWithoutAFalseAlarm() throws IOException {
        List<Look> looks = recorded();
        Duration objective = Duration.ofSeconds(5);
        assertThat(looks).hasSizeGreaterThan(140);
        assertThat(alarms(looks, objective)).containsExactly(50);
        assertThat(number(looks.get(50).rpo())).isLessThan(5);
        assertThat(number(looks.get(51).rpo())).isGreaterThan(5);
        assertThat(falseAlarms(looks, objective)).isZero();
        assertThat(alarms(looks, Duration.ofSeconds(20))).isEmpty();
    }

    private static List<Look> recorded() throws IOException {
        try (InputStream file = ForecastTest.class.getResourceAsStream("outages.csv")) {
            List<String> lines =
                    new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            List<Look> looks = new ArrayList<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] values = line.split(",", -1);
                looks.add(
                        new Look(
                                Double.parseDouble(values[0]),
                                values[1].isEmpty() ? null : Double.valueOf(values[1]),
                                values[2].isEmpty() ? null : Double.valueOf(values[2]),
                                null,
                                false));
            }
            return looks;
        }
    }

    @Test
    void noiseIsNoTrend() {
        Random random = new Random(3);
        List<Look> noise = rpo(600, i -> 10 + 2 * random.nextGaussian());
        long forecasts =
                IntStream.rangeClosed(30, noise.size())
                        .filter(n -> Forecast.of(noise.subList(0, n), MINUTE).breach() != null)
                        .count();
        assertThat(forecasts).isLessThan(6);
    }

    @Test
    void whatComesCloseToItsObjectiveAgainAndAgainIsToldEachTimeAtMost() {
        List<Look> near = rpo(3_600, i -> i % 300 < 50 ? i % 300 : 0.05);
        assertThat(falseAlarms(near, MINUTE)).isEqualTo(12);
    }
}
