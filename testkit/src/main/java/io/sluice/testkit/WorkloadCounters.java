package io.sluice.testkit;

import io.sluice.testkit.load.LoadTransaction;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What a workload's connections did, added up. Safe for use by several threads. */
final class WorkloadCounters {
    private final LongAdder committed = new LongAdder();
    private final LongAdder rolledBack = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder rows = new LongAdder();
    private final Map<String, LongAdder> steps = new ConcurrentHashMap<>();

    void add(LoadTransaction.Result result) {
        (result.committed() ? committed : rolledBack).increment();
        rows.add(result.rows());
        for (String step : result.steps()) {
            steps.computeIfAbsent(step, unused -> new LongAdder()).increment();
        }
    }

    void addFailure() {
        failed.increment();
    }

    Workload.Counts counts() {
        Map<String, Long> sums = new TreeMap<>();
        steps.forEach((step, count) -> sums.put(step, count.sum()));
        return new Workload.Counts(
                committed.sum(), rolledBack.sum(), failed.sum(), rows.sum(), sums);
    }
}
