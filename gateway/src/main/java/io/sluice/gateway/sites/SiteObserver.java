package io.sluice.gateway.sites;

/** Told of conflicts once they are durable. */
public interface SiteObserver {

    /**
     * @param type the kind, in PostgreSQL's words
     * @param resolution what was decided, in lower case
     */
    void conflict(String type, String resolution);
}
