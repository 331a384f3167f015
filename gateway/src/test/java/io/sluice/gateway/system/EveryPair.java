package io.sluice.gateway.system;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * One course of events in every pair of engines at the same time, since each waits most of its
 * time; told of as a test for each pair. No two may share what one of them breaks.
 */
final class EveryPair {

    private EveryPair() {}

    /** What is done in a pair, on a thread of its own. */
    @FunctionalInterface
    interface Course {
        void in(Pair pair) throws Exception;
    }

    static Stream<DynamicTest> atOnce(Course course) {
        return atOnce(List.of(Pair.values()), course);
    }

    /** Where it makes no sense in each. */
    static Stream<DynamicTest> atOnce(List<Pair> pairs, Course course) {
        Map<Pair, FutureTask<Boolean>> running = new EnumMap<>(Pair.class);
        for (Pair pair : pairs) {
            FutureTask<Boolean> task =
                    new FutureTask<>(
                            () -> {
                                course.in(pair);
                                return true;
                            });
            running.put(pair, task);
            Thread.ofPlatform().name("in " + pair).start(task);
        }
        return pairs.stream()
                .map(pair -> DynamicTest.dynamicTest(pair.name(), () -> outcome(running, pair)));
    }

    private static void outcome(Map<Pair, FutureTask<Boolean>> running, Pair pair)
            throws Throwable {
        try {
            running.get(pair).get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }
}
