package io.sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What must not be across replications and databases: a table that two replications write to the
 * same place, a table that goes round in a circle, a database that is its own target.
 */
final class ReplicationRules {

    private final Problems problems;
    private final Map<String, Node> nodes;
    private final Map<String, DatabaseConfig> databases;

    ReplicationRules(
            Problems problems, Map<String, Node> nodes, Map<String, DatabaseConfig> databases) {
        this.problems = problems;
        this.nodes = nodes;
        this.databases = databases;
    }

    void check(Map<String, ReplicationConfig> replications) {
        List<String> names = new ArrayList<>(replications.keySet());
        for (int i = 0; i < names.size(); i++) {
            ReplicationConfig later = Objects.requireNonNull(replications.get(names.get(i)));
            sameUrl(names.get(i), later);
            for (int j = 0; j < i; j++) {
                ReplicationConfig earlier = Objects.requireNonNull(replications.get(names.get(j)));
                both(names.get(j), earlier, names.get(i), later);
            }
        }
    }

    private void sameUrl(String name, ReplicationConfig replication) {
        DatabaseConfig source = databases.get(replication.source());
        DatabaseConfig target = databases.get(replication.target());
        if (source != null
                && target != null
                && replication.rename().equals(Renames.NONE)
                && samePlace(source, target)) {
            problem(name, "`source` and `target` are the same place, and nothing is renamed");
        }
    }

    /** Under one MySQL server's every URL the same tables have the same names. */
    private static boolean samePlace(DatabaseConfig source, DatabaseConfig target) {
        return source.isMySql() && target.isMySql()
                ? JdbcUrl.server(source.url()).equals(JdbcUrl.server(target.url()))
                : JdbcUrl.withoutParameters(source.url())
                        .equals(JdbcUrl.withoutParameters(target.url()));
    }

    private void both(
            String one, ReplicationConfig earlier, String other, ReplicationConfig later) {
        if (!earlier.filter().overlaps(later.filter())) {
            return;
        }
        boolean same =
                earlier.source().equals(later.source()) && earlier.target().equals(later.target());
        boolean back =
                earlier.source().equals(later.target()) && earlier.target().equals(later.source());
        if (same && earlier.rename().equals(later.rename())) {
            problem(
                    other,
                    "replicates tables that `"
                            + one
                            + "` already replicates to `"
                            + later.target()
                            + "`");
        } else if (back
                && earlier.rename().equals(Renames.NONE)
                && later.rename().equals(Renames.NONE)) {
            problem(
                    other,
                    "sends tables back that `"
                            + one
                            + "` brings from `"
                            + later.target()
                            + "`; both directions need mode `bidirectional`");
        }
    }

    private void problem(String name, String message) {
        Node node = Objects.requireNonNull(nodes.get(name));
        problems.add(node.line(), "replications." + name + ": " + message);
    }
}
