package io.sluice.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
        if (replication.sites().isPresent()) {
            sameSites(name, replication.sites().get().between());
            return;
        }
        DatabaseConfig source = databases.get(replication.source());
        DatabaseConfig target = databases.get(replication.target());
        if (source != null
                && target != null
                && replication.rename().equals(Renames.NONE)
                && samePlace(source, target)) {
            problem(name, "`source` and `target` are the same place, and nothing is renamed");
        }
    }

    private void sameSites(String name, List<String> sites) {
        for (int i = 0; i < sites.size(); i++) {
            DatabaseConfig later = databases.get(sites.get(i));
            for (String before : sites.subList(0, i)) {
                DatabaseConfig earlier = databases.get(before);
                if (later != null && earlier != null && samePlace(earlier, later)) {
                    problem(
                            name,
                            "`%s` and `%s` are the same place".formatted(before, sites.get(i)));
                }
            }
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
        Set<List<String>> ways = ways(earlier);
        boolean same = ways(later).stream().anyMatch(ways::contains);
        boolean back = ways(later).stream().map(List::reversed).anyMatch(ways::contains);
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

    /** From where to where it brings rows. */
    private static Set<List<String>> ways(ReplicationConfig replication) {
        if (replication.sites().isEmpty()) {
            return Set.of(List.of(replication.source(), replication.target()));
        }
        List<String> sites = replication.sites().get().between();
        Set<List<String>> ways = new HashSet<>();
        for (String source : sites) {
            sites.stream()
                    .filter(target -> !target.equals(source))
                    .forEach(target -> ways.add(List.of(source, target)));
        }
        return ways;
    }

    private void problem(String name, String message) {
        Node node = Objects.requireNonNull(nodes.get(name));
        problems.add(node.line(), "replications." + name + ": " + message);
    }
}
