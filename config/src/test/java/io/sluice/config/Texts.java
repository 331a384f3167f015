package io.sluice.config;

import java.util.List;
import java.util.Map;

/** Configurations for tests, and their problems. */
final class Texts {

    static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "EAST_PASSWORD",
                    "east-hush",
                    "WEST_PASSWORD",
                    "west-hush",
                    "NORTH_PASSWORD",
                    "north-hush",
                    "EMPTY",
                    "");

    static final String DATABASES =
            """
            databases:
              east: {url: "jdbc:postgresql://127.0.0.1:5432/shop", username: sluice, password: east-hush}
              west: {url: "jdbc:postgresql://127.0.0.1:5433/shop", username: sluice, password: west-hush}
            """;

    /** The lines 4 to 9 after {@link #DATABASES}; more keys may follow it. */
    static final String REPLICATION =
            """
            replications:
              orders:
                mode: transactional
                source: east
                target: west
                tables: ["public.*"]
            """;

    private Texts() {}

    static SluiceConfig read(String yaml) {
        return ConfigReader.read("s.yaml", yaml, ENVIRONMENT::get);
    }

    static List<String> problems(String yaml) {
        try {
            read(yaml);
            return List.of();
        } catch (ConfigException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }

    /** The problems of lines that are put at the end of the one replication, from line 10 on. */
    static List<String> replicationProblems(String lines) {
        return problems(DATABASES + REPLICATION + lines.indent(4));
    }
}
