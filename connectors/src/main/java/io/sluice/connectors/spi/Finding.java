package io.sluice.connectors.spi;

/**
 * What a check of a database found.
 *
 * @param subject what it is about: a setting, a table, a column, a privilege
 * @param problem one sentence
 * @param remedy what to do about it, as a command where there is one; empty where nothing is to do
 */
public record Finding(Severity severity, String subject, String problem, String remedy) {

    /** How much a finding weighs. */
    public enum Severity {
        /** The pipeline would lose data or not run at all: it does not start. */
        BLOCKS,
        /** It runs, with an effect that the operator should know. */
        WARNS,
        /** How it will be done. */
        NOTES
    }

    public static Finding blocks(String subject, String problem, String remedy) {
        return new Finding(Severity.BLOCKS, subject, problem, remedy);
    }

    public static Finding warns(String subject, String problem, String remedy) {
        return new Finding(Severity.WARNS, subject, problem, remedy);
    }

    public static Finding notes(String subject, String problem) {
        return new Finding(Severity.NOTES, subject, problem, "");
    }
}
