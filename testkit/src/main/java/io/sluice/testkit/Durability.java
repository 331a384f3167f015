package io.sluice.testkit;

import java.util.Map;

/** How much a server does so that committed rows outlive the operating system's caches. */
public enum Durability {
    /**
     * Nothing is forced to disk: fast, and right for every test that does not ask about durability.
     * Rows committed here still outlive a kill of the server's processes most of the time, but a
     * crash may lose the last commits.
     */
    FAST(
            Map.of(
                    "fsync", "off",
                    "synchronous_commit", "off",
                    "full_page_writes", "off")),

    /** As in production: a commit that was acknowledged is on disk. For crash tests and figures. */
    REAL(
            Map.of(
                    "fsync", "on",
                    "synchronous_commit", "on",
                    "full_page_writes", "on"));

    private final Map<String, String> settings;

    Durability(Map<String, String> settings) {
        this.settings = settings;
    }

    /** The server settings that make it so. */
    Map<String, String> settings() {
        return settings;
    }
}
