package io.sluice.conflict;

import java.util.Map;
import java.util.function.Function;

/**
 * Brings policies by name. Found by {@link java.util.ServiceLoader}, so that a jar beside the
 * gateway can bring more.
 */
public interface MergePolicyProvider {

    /**
     * Policies by what the configuration calls them, in lower-case words joined by hyphens. Each
     * takes its settings from the configuration, and throws an {@link IllegalArgumentException}
     * that says what is wrong with them.
     */
    Map<String, Function<PolicySettings, MergePolicy>> policies();
}
