package io.sluice.config;

import java.util.Map;
import java.util.Objects;

/**
 * A merge policy as the file names it. Which names and settings there are is not known here.
 *
 * @param settings texts, lists of texts, and maps of such
 */
public record PolicyConfig(String name, Map<String, Object> settings) {

    public PolicyConfig {
        Objects.requireNonNull(name);
        settings = Map.copyOf(settings);
    }
}
