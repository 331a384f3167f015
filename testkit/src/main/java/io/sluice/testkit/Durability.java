package io.sluice.testkit;

import java.util.Map;

/** How much a server does so that committed rows outlive the operating system's caches. */
public enum Durability {
    /**
     * Nothing is forced to disk: fast, and right for every test that does not ask about durability.
     * A commit is in the log's file when it is acknowledged, so that readers of the log see it at
     * once; a crash of the operating system may lose it.
     */
    FAST(
            Map.of(
                    "fsync", "off",
                    "synchronous_commit", "on",
                    "full_page_writes", "off"),
            Map.of(
                    "innodb_flush_log_at_trx_commit", "2",
                    "sync_binlog", "0",
                    "innodb_flush_method", "nosync",
                    "innodb_doublewrite", "OFF")),

    /** As in production: a commit that was acknowledged is on disk. For crash tests and figures. */
    REAL(
            Map.of(
                    "fsync", "on",
                    "synchronous_commit", "on",
                    "full_page_writes", "on"),
            Map.of(
                    "innodb_flush_log_at_trx_commit", "1",
                    "sync_binlog", "1",
                    "innodb_doublewrite", "ON"));

    private final Map<String, String> settings;
    private final Map<String, String> mySqlSettings;

    Durability(Map<String, String> settings, Map<String, String> mySqlSettings) {
        this.settings = settings;
        this.mySqlSettings = mySqlSettings;
    }

    /** The settings of PostgreSQL that make it so. */
    Map<String, String> settings() {
        return settings;
    }

    /** The settings of MySQL that make it so. */
    Map<String, String> mySqlSettings() {
        return mySqlSettings;
    }
}
