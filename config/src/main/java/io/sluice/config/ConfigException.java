package io.sluice.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration cannot be used. The message is all of its problems, one on each line. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one, in the order of their lines. Nothing in them is secret. */
    public List<Problem> problems() {
        return problems;
    }
}
