package io.sluice.conflict;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A policy as the configuration names it.
 *
 * @param settings texts, lists of texts, and maps of such, as they were written
 */
public record PolicySpec(String name, Map<String, Object> settings) {

    public PolicySpec {
        Objects.requireNonNull(name);
        settings = Map.copyOf(settings);
    }

    public static PolicySpec of(String name) {
        return new PolicySpec(name, Map.of());
    }

    /**
     * Reads a policy that stands in another's settings: its name, or a map of its name to its
     * settings.
     */
    public static PolicySpec read(Object value) {
        if (value instanceof String name) {
            return of(name);
        }
        if (value instanceof Map<?, ?> map && map.size() == 1) {
            Map.Entry<?, ?> entry = map.entrySet().iterator().next();
            if (entry.getKey() instanceof String name && entry.getValue() instanceof Map<?, ?> of) {
                Map<String, Object> settings = new HashMap<>();
                of.forEach((key, setting) -> settings.put(String.valueOf(key), setting));
                return new PolicySpec(name, settings);
            }
        }
        throw new IllegalArgumentException(
                "a policy is a name, or a map of its name to a map of settings");
    }
}
