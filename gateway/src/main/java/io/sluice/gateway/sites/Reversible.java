package io.sluice.gateway.sites;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction has come to know, which can go back to a savepoint: at the cost of what has
 * changed since, and not of all that is known. Used by one thread.
 */
final class Reversible<K, V> {

    private final Map<K, V> values = new LinkedHashMap<>();
    private final ArrayDeque<Before<K, V>> since = new ArrayDeque<>();
    private boolean marked;

    private record Before<K, V>(K key, @Nullable V value) {}

    @Nullable V get(K key) {
        return values.get(key);
    }

    boolean containsKey(K key) {
        return values.containsKey(key);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** Not to be changed by others. */
    Map<K, V> all() {
        return values;
    }

    void put(K key, V value) {
        note(key, values.put(key, value));
    }

    void putIfAbsent(K key, V value) {
        if (!values.containsKey(key)) {
            put(key, value);
        }
    }

    @Nullable V remove(K key) {
        V before = values.remove(key);
        if (before != null) {
            note(key, before);
        }
        return before;
    }

    void removeIf(Predicate<V> gone) {
        values.entrySet()
                .removeIf(
                        entry -> {
                            if (!gone.test(entry.getValue())) {
                                return false;
                            }
                            note(entry.getKey(), entry.getValue());
                            return true;
                        });
    }

    Collection<V> values() {
        return values.values();
    }

    private void note(K key, @Nullable V before) {
        if (marked) {
            since.push(new Before<>(key, before));
        }
    }

    /** To here it can go back, and no further. */
    void mark() {
        since.clear();
        marked = true;
    }

    void backToMark() {
        while (!since.isEmpty()) {
            Before<K, V> before = since.pop();
            if (before.value() == null) {
                values.remove(before.key());
            } else {
                values.put(before.key(), before.value());
            }
        }
    }

    /** Nothing is known, and there is no mark. */
    void clear() {
        values.clear();
        since.clear();
        marked = false;
    }
}
