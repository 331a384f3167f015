package io.sluice.gateway.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How many requests an address may make: so many at once, and so many a second. Thread-safe. */
final class RateLimit {

    private static final int ADDRESSES = 1_000;

    private final double atOnce;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                    return size() > ADDRESSES;
                }
            };

    private record Bucket(double left, long at) {}

    RateLimit(double atOnce, double perSecond, LongSupplier nanoTime) {
        this.atOnce = atOnce;
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
    }

    /** Counts a request; returns whether it may be served. */
    synchronized boolean take(String address) {
        long now = nanoTime.getAsLong();
        Bucket before = buckets.getOrDefault(address, new Bucket(atOnce, now));
        double left = Math.min(atOnce, before.left + (now - before.at) / 1e9 * perSecond);
        boolean served = left >= 1;
        buckets.put(address, new Bucket(served ? left - 1 : left, now));
        return served;
    }
}
