package io.sluice.gateway.journal;

import java.util.Locale;

/** What sort of event it is. */
public enum EventKind {
    /** A pipeline came into another state. */
    STATE,
    /** An error that may pass; the pipeline tries again. */
    RETRY,
    /** An error that does not pass by itself. */
    FAILURE,
    /** The RPO went over its objective. */
    BREACH,
    /** The RPO is within its objective again. */
    RECOVERY,
    /** What is going to happen at the present trend. */
    FORECAST,
    /** An operator said what to do. */
    OPERATOR;

    /** As it is kept and shown. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
