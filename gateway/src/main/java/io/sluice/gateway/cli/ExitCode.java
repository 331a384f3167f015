package io.sluice.gateway.cli;

/** What the commands end with; scripts hold on to these. */
final class ExitCode {

    static final int OK = 0;

    /** A replication failed, or something that nobody foresaw did. */
    static final int FAILED = 1;

    /** The call or the configuration is wrong. */
    static final int USAGE = 2;

    /** {@code check} found what keeps a replication from starting. */
    static final int BLOCKED = 3;

    /** No gateway answers. */
    static final int NO_ANSWER = 4;

    /** It was not reached in the time given. */
    static final int TIMED_OUT = 5;

    private ExitCode() {}
}
