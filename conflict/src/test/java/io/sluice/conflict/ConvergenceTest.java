package io.sluice.conflict;

import static io.sluice.conflict.Scenario.Edit.DELETE;
import static io.sluice.conflict.Scenario.Edit.LOWER;
import static io.sluice.conflict.Scenario.Edit.NAME;
import static io.sluice.conflict.Scenario.Edit.NOTE;
import static io.sluice.conflict.Scenario.Edit.RAISE;
import static io.sluice.conflict.Scenario.Edit.TAG;
import static io.sluice.conflict.Scenario.Edit.UNTAG;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.conflict.Guarantee.Need;
import io.sluice.conflict.Scenario.Lack;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the policies promise and need: in every way that a small history can go, and in many long
 * ones. A failure shows the run; a random one is had again by its seed.
 */
class ConvergenceTest {

    private static final int MOST = 200_000;
    private static final Predicate<Simulation.Report> WRONG =
            report -> !report.isEqual() || !report.lost().isEmpty();
    private static final PolicySpec LAST = PolicySpec.of("last-update-wins");
    private static final PolicySpec UNION = new PolicySpec("union", Map.of("of", "array"));
    private static final PolicySpec HIGHEST = new PolicySpec("max", Map.of("column", "number"));
    private static final PolicySpec PRIORITY =
            new PolicySpec("source-priority", Map.of("databases", List.of("a", "b")));
    private static final PolicySpec HALVES =
            new PolicySpec("by-site", Map.of("a", "keep-local", "b", "apply-remote"));

    static TableChoice with(String columns, PolicySpec spec) {
        Map<List<String>, PolicySpec> byColumn = new LinkedHashMap<>();
        byColumn.put(List.of(columns.split(",")), spec);
        return new TableChoice(LAST, Map.of(), byColumn);
    }

    private static Scenario lastUpdate() {
        return Scenario.of("last-update-wins", NAME, DELETE);
    }

    private static Scenario merge() {
        return Scenario.of("column-merge", NAME, NOTE, DELETE);
    }

    private static Scenario highestRow() {
        return Scenario.of("max", Map.of("column", "number"), NAME, RAISE, DELETE);
    }

    private static Scenario highest() {
        return Scenario.of(with("number", PolicySpec.of("max")), RAISE, DELETE);
    }

    private static Scenario highestOfSeveral() {
        return Scenario.of(with("number,name", HIGHEST), NAME, RAISE, NOTE, DELETE);
    }

    private static Scenario highestBesideTags() {
        return Scenario.of(
                new TableChoice(HIGHEST, Map.of(), Map.of(List.of("tags"), UNION)),
                NAME,
                RAISE,
                TAG);
    }

    private static Scenario counter() {
        return Scenario.of(with("number", PolicySpec.of("delta")), NAME, RAISE, DELETE);
    }

    private static Scenario tags() {
        return Scenario.of(with("tags", UNION), TAG, UNTAG, DELETE);
    }

    private static Scenario first() {
        return Scenario.of("first-update-wins", NAME, DELETE);
    }

    private static Scenario priority() {
        return Scenario.of(TableChoice.of(PRIORITY), NAME, DELETE);
    }

    private static Scenario halves() {
        return Scenario.of(TableChoice.of(HALVES), NAME, DELETE);
    }

    static Stream<Scenario> converging() {
        return Stream.of(
                lastUpdate(),
                merge(),
                highestRow(),
                Scenario.of("min", Map.of("column", "number"), LOWER, DELETE),
                counter(),
                highest(),
                highestOfSeveral(),
                highestBesideTags(),
                tags(),
                Scenario.of(with("name,note", LAST), NAME, NOTE));
    }

    static Stream<Scenario> convergingOfTwo() {
        return Stream.of(
                first(),
                priority(),
                halves(),
                Scenario.of(with("name", PRIORITY), NAME, NOTE, DELETE),
                Scenario.of(
                        "column-merge",
                        Map.of("otherwise", Map.of("source-priority", PRIORITY.settings())),
                        NAME,
                        DELETE));
    }

    @ParameterizedTest
    @MethodSource({"converging", "convergingOfTwo"})
    void twoSitesEndEqualInEveryWay(Scenario scenario) {
        assertThat(scenario.policy().guarantee().outcome())
                .isIn(Guarantee.Outcome.CONVERGES, Guarantee.Outcome.CONVERGES_OF_TWO);
        assertNone(everyWay(scenario.writes(1, 2), WRONG));
        assertNone(everyWay(scenario.writes(2, 1), WRONG));
    }

    static Stream<Scenario> briefly() {
        return Stream.of(
                lastUpdate(), Scenario.of(with("number", PolicySpec.of("delta")), RAISE, DELETE));
    }

    @ParameterizedTest
    @MethodSource("briefly")
    void threeSitesEndEqualInEveryWay(Scenario scenario) {
        assertThat(scenario.policy().guarantee().outcome()).isEqualTo(Guarantee.Outcome.CONVERGES);
        assertNone(everyWay(scenario.writes(1, 1, 1), WRONG));
    }

    /** Those that converge and are not brief; tags without deletes, which make too many ways. */
    static Stream<Scenario> atLength() {
        return Stream.concat(
                converging().skip(1).filter(ConvergenceTest::hasFewWays),
                Stream.of(
                        Scenario.of(with("tags", UNION), TAG, UNTAG),
                        Scenario.of(with("number,name", HIGHEST), NAME, RAISE, NOTE)));
    }

    private static boolean hasFewWays(Scenario scenario) {
        return scenario.edits().size() < 4 && !scenario.edits().contains(TAG);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("atLength")
    void threeSitesEndEqualInEveryWayAtLength(Scenario scenario) {
        assertNone(everyWay(scenario.writes(1, 1, 1), WRONG));
    }

    @ParameterizedTest
    @MethodSource({"converging", "convergingOfTwo"})
    void twoSitesEndEqualHoweverLongTheyWrite(Scenario scenario) {
        assertNone(random(scenario.writes(8, 8).keys(2).withBeats(), 150, WRONG));
    }

    @ParameterizedTest
    @MethodSource("converging")
    void threeSitesEndEqualHoweverLongTheyWrite(Scenario scenario) {
        assertNone(random(scenario.writes(5, 5, 5).keys(2).withBeats(), 150, WRONG));
    }

    /** As the gateway does it between two sites: without versions of rows that met no conflict. */
    @ParameterizedTest
    @MethodSource({"converging", "convergingOfTwo"})
    void twoSitesEndEqualThoughTheyForget(Scenario scenario) {
        Scenario forgets = scenario.forgetting();
        assertNone(everyWay(forgets.writes(1, 2), WRONG));
        assertNone(everyWay(forgets.writes(2, 1), WRONG));
        assertNone(random(forgets.writes(3, 3), 1000, WRONG));
        assertNone(random(forgets.writes(8, 8).keys(2).withBeats(), 150, WRONG));
    }

    /**
     * As the gateway does it between three: versions of what others wrote until all have seen it.
     */
    @ParameterizedTest
    @MethodSource("converging")
    void threeSitesEndEqualThoughTheyForget(Scenario scenario) {
        Scenario forgets = scenario.forgetting();
        assertNone(random(forgets.writes(2, 2, 2), 1000, WRONG));
        assertNone(random(forgets.writes(2, 2, 2).withBeats(), 1000, WRONG));
        assertNone(random(forgets.writes(5, 5, 5).keys(2).withBeats(), 150, WRONG));
    }

    /** Two sites get their changes in order; the last write alone needs none among more. */
    @Test
    void whoForgetsNeedsCausesToComeFirst() {
        for (Scenario scenario : List.of(counter(), tags(), highestRow())) {
            Scenario early = scenario.forgetting().writes(3, 3, 3).without(Lack.ORDER);
            assertThat(random(early, 3000, report -> !report.isEqual())).isPresent();
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("converging")
    void threeSitesEndEqualThoughTheyForgetInVeryManyWays(Scenario scenario) {
        Scenario forgets = scenario.forgetting();
        if (hasFewWays(scenario)) {
            assertNone(everyWay(forgets.writes(1, 1, 1), WRONG));
        }
        assertNone(random(forgets.writes(3, 3, 3), 4000, WRONG));
        assertNone(random(forgets.writes(3, 3, 3).withBeats(), 4000, WRONG));
        assertNone(random(forgets.writes(20, 20, 20).keys(3).withBeats(), 100, WRONG));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource({"converging", "convergingOfTwo"})
    void twoSitesEndEqualInVeryManyWays(Scenario scenario) {
        assertNone(everyWay(scenario.forgetting(), WRONG));
        assertNone(random(scenario.forgetting().writes(40, 40).keys(3).withBeats(), 100, WRONG));
        assertNone(everyWay(scenario, WRONG));
        assertNone(random(scenario.writes(40, 40).keys(3).withBeats(), 100, WRONG));
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("converging")
    void threeSitesEndEqualInVeryManyWays(Scenario scenario) {
        assertNone(random(scenario.writes(2, 2, 2).withBeats(), 1000, WRONG));
        assertNone(random(scenario.writes(20, 20, 20).keys(3).withBeats(), 100, WRONG));
    }

    /** Policies with a need, and a history that ends otherwise where the need is not met. */
    static Stream<Arguments> needs() {
        return Stream.of(
                Arguments.of(lastUpdate(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(
                        Scenario.of("last-update-wins", NAME, NOTE),
                        Need.WHOLE_ROWS,
                        Lack.WHOLE_ROWS),
                Arguments.of(first(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(first(), Need.SEEN, Lack.SEEN),
                Arguments.of(first(), Need.WHOLE_ROWS, Lack.WHOLE_ROWS),
                Arguments.of(priority(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(priority(), Need.SEEN, Lack.SEEN),
                Arguments.of(halves(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(halves(), Need.SEEN, Lack.SEEN),
                Arguments.of(merge(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(highestRow(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(highestRow(), Need.WHOLE_ROWS, Lack.WHOLE_ROWS),
                Arguments.of(counter(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(counter(), Need.WHOLE_ROWS, Lack.WHOLE_ROWS),
                Arguments.of(tags(), Need.TOMBSTONES, Lack.TOMBSTONES),
                Arguments.of(tags(), Need.WHOLE_ROWS, Lack.WHOLE_ROWS));
    }

    @ParameterizedTest
    @MethodSource("needs")
    void whatAPolicySaysItNeedsItNeeds(Scenario scenario, Need need, Lack lack) {
        assertThat(scenario.policy().guarantee().needs()).contains(need);
        assertThat(random(scenario.without(lack), 3000, report -> !report.isEqual())).isPresent();
    }

    @Test
    void lastUpdateDoesNotNeedToKnowWhatWasSeen() {
        assertThat(lastUpdate().policy().guarantee().needs()).doesNotContain(Need.SEEN);
        assertNone(
                random(
                        lastUpdate().writes(4, 4, 4).without(Lack.SEEN),
                        500,
                        report -> !report.isEqual()));
    }

    @Test
    void commitTimesOfWrongClocksLoseWhatWasWrittenLast() {
        Scenario three = lastUpdate().writes(2, 2, 2);
        assertThat(random(three.without(Lack.HYBRID_TIME), 3000, r -> !r.isEqual())).isPresent();
    }

    /** Why these are refused, each by a run that shows it. */
    static Stream<Scenario> diverging() {
        PolicySpec three =
                new PolicySpec("source-priority", Map.of("databases", List.of("a", "b", "c")));
        return Stream.of(
                Scenario.of("keep-local", NAME),
                Scenario.of("apply-remote", NAME),
                first().writes(2, 2, 2),
                Scenario.of(TableChoice.of(three), NAME, DELETE).writes(2, 2, 2),
                Scenario.of(
                        new TableChoice(
                                LAST,
                                Map.of(
                                        ConflictKind.UPDATE_DELETED,
                                        PolicySpec.of("keep-local"),
                                        ConflictKind.DELETE_ORIGIN_DIFFERS,
                                        PolicySpec.of("apply-remote")),
                                Map.of()),
                        NAME,
                        DELETE));
    }

    @ParameterizedTest
    @MethodSource("diverging")
    void whatCannotConvergeIsRefused(Scenario scenario) {
        Set<String> sites = Set.copyOf(List.of("a", "b", "c").subList(0, scenario.writes().size()));

        assertThat(Convergence.problems(scenario.policy(), scenario.choice(), sites)).isNotEmpty();
        assertThat(random(scenario, 3000, report -> !report.isEqual())).isPresent();
    }

    @ParameterizedTest
    @MethodSource({"converging", "convergingOfTwo"})
    void whatConvergesIsNotRefused(Scenario scenario) {
        assertThat(Convergence.problems(scenario.policy(), scenario.choice(), Set.of("a", "b")))
                .isEmpty();
    }

    @Test
    void parkedRowsDifferOnRecordAndNoOthersDo() {
        Scenario park = Scenario.of("park", NAME, DELETE).writes(5, 5).keys(3);
        List<Simulation.Report> different = new ArrayList<>();

        assertNone(
                random(
                        park,
                        1000,
                        report -> {
                            if (!report.isEqual()) {
                                different.add(report);
                            }
                            return !report.parked().containsAll(report.different())
                                    || !report.lost().isEmpty();
                        }));
        assertThat(different).isNotEmpty();
        assertThat(Convergence.problems(park.policy(), park.choice(), Set.of("a", "b"))).isEmpty();
    }

    @Test
    void stopLeavesNoDifferenceWithoutHavingStopped() {
        Scenario stop = Scenario.of("stop", NAME, DELETE).writes(5, 5);

        assertNone(random(stop, 1000, report -> !report.isEqual() && !report.stopped()));
        assertThat(random(stop, 1000, Simulation.Report::stopped)).isPresent();
    }

    @Test
    void aColumnThatGoesTheOtherWayIsKeptAside() {
        Scenario lowered =
                Scenario.of(with("number", PolicySpec.of("max")), RAISE, LOWER).writes(4, 4);

        assertNone(
                random(lowered, 1000, report -> !report.parked().containsAll(report.different())));
        assertThat(random(lowered, 1000, report -> !report.isEqual())).isPresent();
    }

    /** Else what only rises would fall in long runs, and be kept aside. */
    @Test
    void raisesRaiseHoweverManyThereAre() {
        Scenario raised = Scenario.of(with("number", PolicySpec.of("max")), RAISE).writes(40, 40);

        assertNone(random(raised, 30, report -> !report.parked().isEmpty()));
    }

    @Test
    void countersAddUpWhatEveryoneAdded() {
        Scenario scenario =
                Scenario.of(with("number", PolicySpec.of("delta")), RAISE, LOWER).writes(4, 4, 4);
        assertAllIsAdded(scenario);
        assertAllIsAdded(scenario.writes(6, 6).forgetting());
        assertAllIsAdded(scenario.forgetting());
    }

    private static void assertAllIsAdded(Scenario scenario) {
        int[] counted = {0};
        assertNone(
                random(
                        scenario,
                        200,
                        report -> {
                            boolean copied = report.steps().contains("copied");
                            counted[0] += copied ? 1 : 0;
                            Object sum = report.rows().getFirst().get(1L).get(Scenario.NUMBER);
                            return copied && !sum.equals(100 + report.added());
                        }));
        assertThat(counted[0]).isGreaterThan(50);
    }

    @Test
    void aRunIsHadAgainByItsSeedAndByItsChoices() {
        Scenario scenario = counter().writes(5, 5, 5).withBeats();
        assertThat(Simulation.run(scenario, Choices.seeded(7)))
                .isEqualTo(Simulation.run(scenario, Choices.seeded(7)));

        List<List<Integer>> ways = new ArrayList<>();
        List<Simulation.Report> reports = new ArrayList<>();
        int runs =
                Choices.everyWay(
                        MOST,
                        choices -> {
                            reports.add(Simulation.run(lastUpdate().writes(1, 1), choices));
                            ways.add(choices.digits());
                        });
        assertThat(ways).doesNotHaveDuplicates().hasSize(runs);
        for (int i = 0; i < runs; i++) {
            Choices again = Choices.replayed(ways.get(i));
            assertThat(Simulation.run(lastUpdate().writes(1, 1), again)).isEqualTo(reports.get(i));
        }
        assertThat(reports).anyMatch(report -> report.conflicts() > 0);
    }

    private static void assertNone(Optional<String> found) {
        assertThat(found).isEmpty();
    }

    private static Optional<String> everyWay(
            Scenario scenario, Predicate<Simulation.Report> wrong) {
        List<String> found = new ArrayList<>();
        Choices.everyWay(
                MOST,
                choices -> {
                    Simulation.Report report = Simulation.run(scenario, choices);
                    if (found.isEmpty() && wrong.test(report)) {
                        found.add(choices.digits() + " " + report.history());
                    }
                });
        return found.stream().findFirst();
    }

    private static Optional<String> random(
            Scenario scenario, int runs, Predicate<Simulation.Report> wrong) {
        for (long seed = 1; seed <= runs; seed++) {
            Simulation.Report report = Simulation.run(scenario, Choices.seeded(seed));
            if (wrong.test(report)) {
                return Optional.of("seed " + seed + ": " + report.history());
            }
        }
        return Optional.empty();
    }
}
