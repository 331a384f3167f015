package io.sluice.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.conflict.Scenario.Edit;
import io.sluice.conflict.Scenario.Lack;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A site that joins others while they write, and is told what the rows that it gets are of: all end
 * equal, and nothing is lost without record. A failure shows the run's seed.
 */
class JoiningSiteTest {

    private static final Predicate<Simulation.Report> WRONG =
            report -> !report.isEqual() || !report.lost().isEmpty();

    static Stream<Scenario> scenarios() {
        return ConvergenceTest.converging().map(Scenario::joining);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void sitesEndEqualThoughOneOfThemJoinsWhileTheyWrite(Scenario scenario) {
        assertThat(all(scenario, 0, 120, 24)).isEmpty();
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("scenarios")
    void sitesEndEqualWheneverOneOfThemJoins(Scenario scenario) {
        assertThat(all(scenario, 1_000_000, 3000, 600)).isEmpty();
    }

    /** Each of the things that whoever joins is told, or waited for, is needed. */
    @ParameterizedTest
    @EnumSource(names = {"KEPT", "OWN", "AGREEMENT", "MOMENT"})
    void sitesDifferWhereWhoJoinsIsNotToldAllOfTheMoment(Lack lack) {
        List<Scenario> tried =
                scenarios()
                        .filter(each -> each.policy().asksHistory())
                        .map(each -> each.without(lack))
                        .flatMap(each -> Stream.of(each.writes(3, 3, 2), each.writes(3, 3, 3, 2)))
                        .toList();
        assertThat(
                        IntStream.rangeClosed(1, 3000)
                                .anyMatch(
                                        seed ->
                                                tried.stream()
                                                        .anyMatch(each -> differs(each, seed))))
                .isTrue();
    }

    private static boolean differs(Scenario scenario, long seed) {
        try {
            return !Simulation.run(scenario, Choices.seeded(seed)).isEqual();
        } catch (SimulatedJoin.Stuck e) {
            return false;
        }
    }

    @Test
    void countersAddUpWhatEveryoneAddedWhileOneOfThemJoined() {
        Scenario counter =
                Scenario.of(
                                ConvergenceTest.with("number", PolicySpec.of("delta")),
                                Edit.RAISE,
                                Edit.LOWER)
                        .joining();
        int[] counted = {0};
        Predicate<Simulation.Report> another =
                report -> {
                    boolean copied = report.steps().contains("copied");
                    counted[0] += copied ? 1 : 0;
                    Object sum = report.rows().getLast().get(1L).get(Scenario.NUMBER);
                    return copied && (!report.isEqual() || !sum.equals(100 + report.added()));
                };
        assertThat(random(counter.writes(4, 4, 3), 0, 200, another)).isEmpty();
        assertThat(random(counter.writes(3, 3, 3, 3).withBeats(), 0, 200, another)).isEmpty();
        assertThat(counted[0]).isGreaterThan(100);
    }

    private static Optional<String> all(Scenario scenario, long seeds, int brief, int atLength) {
        for (Scenario each : List.of(scenario, scenario.withBeats())) {
            Optional<String> found =
                    random(each.writes(3, 3, 2), seeds, brief, WRONG)
                            .or(() -> random(each.writes(2, 2, 2, 2), seeds, brief, WRONG))
                            .or(() -> random(each.writes(6, 6, 4).keys(2), seeds, atLength, WRONG))
                            .or(
                                    () ->
                                            random(
                                                    each.writes(5, 5, 5, 5).keys(2),
                                                    seeds,
                                                    atLength,
                                                    WRONG));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> random(
            Scenario scenario, long seeds, int runs, Predicate<Simulation.Report> wrong) {
        for (long seed = seeds + 1; seed <= seeds + runs; seed++) {
            String run =
                    "%s, writes %s, seed %d: "
                            .formatted(scenario.choice(), scenario.writes(), seed);
            try {
                Simulation.Report report = Simulation.run(scenario, Choices.seeded(seed));
                if (wrong.test(report)) {
                    return Optional.of(run + report.history());
                }
            } catch (SimulatedJoin.Stuck e) {
                return Optional.of(run + e.getMessage());
            }
        }
        return Optional.empty();
    }
}
