package io.sluice.gateway.rpo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.ObjectiveStore.Breach;
import io.sluice.connectors.spi.ObjectiveStore.Kept;
import io.sluice.connectors.spi.ObjectiveStore.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObjectiveLedgerTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Objective FIVE =
            new Objective(Duration.ofSeconds(5), Duration.ofDays(30), 0.999);

    private ObjectiveLedger ledger = new ObjectiveLedger(FIVE, 1);
    private Instant now = NOON;

    private Optional<ObjectiveLedger.Turn> look(@Nullable Double age) {
        return look(age, "because", false);
    }

    private Optional<ObjectiveLedger.Turn> look(@Nullable Double age, String cause, boolean vague) {
        Duration rpo = age == null ? null : Duration.ofMillis((long) (age * 1000));
        return ledger.look(new Sighting(now, rpo, FIVE.objective(), false, cause, vague));
    }

    /** A look each second; the turns among them. */
    private List<ObjectiveLedger.Turn> look(int seconds, @Nullable Double age) {
        List<ObjectiveLedger.Turn> turns = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            now = now.plusSeconds(1);
            look(age).ifPresent(turns::add);
        }
        return turns;
    }

    private Tally all() {
        return ledger.between(NOON.minus(Duration.ofDays(1)), NOON.plus(Duration.ofDays(1)));
    }

    private void restart(Duration down) {
        Kept kept = ledger.unsaved();
        now = now.plus(down);
        ledger = new ObjectiveLedger(FIVE, 2);
        ledger.restore(kept);
    }

    @Test
    void everySecondIsCountedAsWhatWasSeenOfIt() {
        now = NOON.plusMillis(300);
        look(0.0);
        look(1_900, 1.0);
        look(10, 6.0);
        look(20, null);
        Tally all = all();
        assertThat(all.kept()).isEqualTo(Duration.ofSeconds(1_900));
        assertThat(all.over()).isEqualTo(Duration.ofSeconds(10));
        assertThat(all.unknown()).isEqualTo(Duration.ofSeconds(20));
        assertThat(all.unwatched()).isEqualTo(Duration.ZERO);
        assertThat(all.worst()).isEqualTo(Duration.ofSeconds(6));
        assertThat(all.attained()).isEqualTo(1_900 / 1_930.0);
    }

    @Test
    void timeInWhichNobodyLookedIsNotKept() {
        look(0.0);
        look(60, 0.0);
        now = now.plusSeconds(40);
        look(0.0);
        look(60, 0.0);
        assertThat(all().kept()).isEqualTo(Duration.ofSeconds(120));
        assertThat(all().unwatched()).isEqualTo(Duration.ofSeconds(40));
        assertThat(ledger.seen().unwatched()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void theFirstCopyIsHeldAgainstNobodyAndALaterOneIs() {
        look((Double) null);
        look(3_600, null);
        assertThat(all()).isEqualTo(Tally.NOTHING);
        look(60, 0.0);
        look(30, null);
        assertThat(all().held()).isEqualTo(Duration.ofSeconds(90));
        assertThat(all().unknown()).isEqualTo(Duration.ofSeconds(30));
    }

    /** What the stores return as first: when the first run began in a slot with a known RPO. */
    private static @Nullable Instant firstOf(List<Time> times) {
        return times.stream()
                .filter(
                        time ->
                                !time.kept()
                                        .plus(time.over())
                                        .plus(time.exempt())
                                        .equals(Duration.ZERO))
                .map(Time::began)
                .min(Instant::compareTo)
                .orElse(null);
    }

    @Test
    void theFirstCopyIsHeldAgainstNobodyAfterARestartEither() {
        look((Double) null);
        look(500, null);
        look(60, 0.0);
        Kept kept = ledger.unsaved();
        assertThat(firstOf(kept.times())).isEqualTo(NOON.plusSeconds(500));
        now = now.plusSeconds(10);
        ledger = new ObjectiveLedger(FIVE, 2);
        ledger.restore(new Kept(firstOf(kept.times()), kept.times(), kept.breaches()));
        look(0.0);
        look(60, 0.0);
        assertThat(all().kept()).isEqualTo(Duration.ofSeconds(120));
        assertThat(all().notKept()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aRestartForgetsNothingAndItsTimeIsUnwatched() {
        look(0.0);
        look(700, 0.0);
        restart(Duration.ofSeconds(100));
        look(0.0);
        look(700, 0.0);
        ledger.restore(ledger.unsaved());
        assertThat(all().kept()).isEqualTo(Duration.ofSeconds(1_400));
        assertThat(all().unwatched()).isEqualTo(Duration.ofSeconds(100));
        assertThat(ledger.first()).isEqualTo(NOON);
    }

    @Test
    void twoGatewaysThatLookAtOnceMakeNoMoreTimeOfIt() {
        look(0.0);
        look(600, 0.0);
        Kept first = ledger.unsaved();
        now = NOON;
        ledger = new ObjectiveLedger(FIVE, 2);
        look(0.0);
        look(590, 0.0);
        look(10, 6.0);
        ledger.restore(first);
        assertThat(all().kept()).isEqualTo(Duration.ofSeconds(600));
        assertThat(all().over()).isEqualTo(Duration.ZERO);
    }

    @Test
    void aBreachHasAStartAnEndAWorstAndACause() {
        look(0.0);
        look(60, 0.0);
        Instant began = now.plusSeconds(1);
        List<ObjectiveLedger.Turn> turns = look(1, 5.5);
        assertThat(turns).extracting(ObjectiveLedger.Turn::begins).containsExactly(true);
        look(3, 8.0);
        look(4, 1.0);
        look(2, 6.0);
        Instant calm = now.plusSeconds(1);
        turns = look(8, 1.0);
        assertThat(turns).extracting(ObjectiveLedger.Turn::begins).containsExactly(false);
        assertThat(ledger.breaches(NOON, now))
                .containsExactly(
                        new Breach(
                                began.minusMillis(500),
                                calm,
                                "because",
                                Duration.ofSeconds(8),
                                FIVE.objective()));
    }

    @Test
    void aBreachBeganWhenTheOldestCommitReachedTheObjectiveWhoeverLookedThen() {
        look(0.0);
        look(60, 0.0);
        Instant stopped = now;
        restart(Duration.ofSeconds(100));
        look(99.0);
        assertThat(ledger.breaches(NOON, now.plusSeconds(1)).getFirst().started())
                .isEqualTo(stopped.plusSeconds(6));
    }

    @Test
    void soItDidWhereTheTargetTellsOnlyLaterWhatWasBefore() {
        look(0.0);
        look(60, 0.0);
        Instant stopped = now;
        Kept kept = ledger.unsaved();
        now = now.plusSeconds(100);
        ledger = new ObjectiveLedger(FIVE, 2);
        look(99.0);
        look(3, 102.0);
        ledger.restore(kept);
        assertThat(ledger.breaches(NOON, now).getFirst().started())
                .isEqualTo(stopped.plusSeconds(6));
        assertThat(ledger.unsaved().breaches()).hasSize(1);
    }

    @Test
    void aCauseThatIsVagueGivesWayToTheFirstThatIsNot() {
        look(0.0);
        look(2, 0.0);
        now = now.plusSeconds(1);
        look(6.0, "something", true);
        now = now.plusSeconds(1);
        look(7.0, "the disk is full", false);
        now = now.plusSeconds(1);
        look(8.0, "later", false);
        assertThat(ledger.breaches(NOON, now.plusSeconds(1)))
                .extracting(Breach::cause)
                .containsExactly("the disk is full");
    }

    @Test
    void aBreachThatLastedOverARestartIsOne() {
        look(0.0);
        look(60, 0.0);
        look(5, 6.0);
        Instant began = ledger.breaches(NOON, now).getFirst().started();
        Kept kept = ledger.unsaved();
        now = now.plusSeconds(30);
        ledger = new ObjectiveLedger(FIVE, 2);
        look(40.0);
        ledger.restore(kept); // the target answers only now
        look(8, 0.0);
        assertThat(ledger.breaches(NOON, now)).hasSize(1);
        assertThat(ledger.breaches(NOON, now).getFirst().started()).isEqualTo(began);
        assertThat(ledger.breaches(NOON, now).getFirst().worst()).isEqualTo(Duration.ofSeconds(40));
        assertThat(ledger.unsaved().breaches()).hasSize(1);
    }

    @Test
    void aBreachThatEndedWhileNobodyLookedEndsWithTheFirstLook() {
        look(0.0);
        look(60, 0.0);
        look(5, 6.0);
        Kept kept = ledger.unsaved();
        now = now.plusSeconds(30);
        Instant looked = now;
        ledger = new ObjectiveLedger(FIVE, 2);
        look(0.0);
        ledger.restore(kept);
        assertThat(ledger.breaches(NOON, now).getFirst().ended()).isEqualTo(looked);
    }

    @Test
    void theBudgetIsUsedByWhatWasNotKept() {
        look(0.0);
        look(3_600, 0.0);
        look(36, 6.0);
        ObjectiveLedger.Budget budget = ledger.budget(now);
        assertThat(budget.allowed()).isEqualTo(Duration.ofSeconds(2_592));
        assertThat(budget.used()).isEqualTo(Duration.ofSeconds(36));
        assertThat(budget.left()).isCloseTo(1 - 36 / 2_592.0, within());
        assertThat(budget.lastHour()).isCloseTo(36 / 3_636.0 / 0.001, within());
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-6);
    }

    @Test
    void whatChangedWhileItWasSavedIsSavedAgain() {
        look(0.0);
        look(10, 0.0);
        Kept saving = ledger.unsaved();
        look(1, 0.0);
        ledger.saved(saving.times(), saving.breaches());
        assertThat(ledger.unsaved().times()).hasSize(1);
        Kept again = ledger.unsaved();
        ledger.saved(again.times(), again.breaches());
        assertThat(ledger.unsaved().times()).isEmpty();
    }

    @Test
    void aReportHasADayForEachInWhichSomethingWasToBeKept() {
        now = Instant.parse("2026-01-01T23:59:00Z");
        look(0.0);
        look(60, 0.0);
        look(50, 0.0);
        look(10, 6.0);
        LocalDate first = LocalDate.parse("2026-01-01");
        ObjectiveReport report = ObjectiveReport.of(ledger, first, first.plusMonths(1));
        assertThat(report.days())
                .extracting(day -> day.date() + " " + day.tally().attained())
                .containsExactly("2026-01-01 1.0", "2026-01-02 " + 50 / 60.0);
        assertThat(report.isMet()).isFalse();
        assertThat(report.all().held()).isEqualTo(Duration.ofSeconds(120));
        assertThat(report.budget()).isBetween(Duration.ofMillis(119), Duration.ofMillis(121));
        assertThat(report.breaches()).hasSize(1);
        assertThat(ObjectiveReport.of(ledger, first.plusMonths(1), first.plusMonths(2)).isMet())
                .isNull();
    }
}
