package io.sluice.gateway.sites;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.TableDefinition;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Whether two sites that number new rows themselves can give two rows one number, found before it
 * begins. They cannot where their numbers leave different remainders, or come from ranges that are
 * apart. Where only one of them numbers a column, the other's applications do, and nothing is said.
 */
public final class KeyNumbering {

    private final List<String> sites;
    private final String here;
    private final String other;
    private final Function<List<TableDefinition>, List<TableDefinition>> standing;
    private final Function<List<TableDefinition>, List<RowNumbers>> there;

    /**
     * @param sites all of the replication
     * @param here whose tables are asked about
     * @param standing each table as it stands at the other site, or as it would be made there
     * @param there how the other site numbers rows of its tables
     */
    public KeyNumbering(
            List<String> sites,
            String here,
            String other,
            Function<List<TableDefinition>, List<TableDefinition>> standing,
            Function<List<TableDefinition>, List<RowNumbers>> there) {
        this.sites = List.copyOf(sites);
        this.here = here;
        this.other = other;
        this.standing = standing;
        this.there = there;
    }

    /**
     * Of each two sites once: where they are asked about from the one that is named first.
     *
     * @param numbers how this site numbers rows of its tables
     */
    List<Finding> findings(
            Function<List<TableDefinition>, List<RowNumbers>> numbers,
            List<TableDefinition> tables) {
        if (sites.indexOf(here) > sites.indexOf(other)) {
            return List.of();
        }
        Map<TableId, Map<String, RowNumbers>> own = byTable(numbers.apply(tables));
        List<TableDefinition> numbered =
                tables.stream().filter(table -> own.containsKey(table.table())).toList();
        if (numbered.isEmpty()) {
            return List.of();
        }
        List<TableDefinition> others = standing.apply(numbered);
        Map<TableId, Map<String, RowNumbers>> theirs = byTable(there.apply(others));
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < numbered.size(); i++) {
            TableDefinition table = numbered.get(i);
            compare(
                    table,
                    own.getOrDefault(table.table(), Map.of()),
                    theirs.getOrDefault(others.get(i).table(), Map.of()),
                    findings);
        }
        return findings;
    }

    private static Map<TableId, Map<String, RowNumbers>> byTable(List<RowNumbers> numbers) {
        Map<TableId, Map<String, RowNumbers>> tables = new HashMap<>();
        numbers.forEach(
                each ->
                        tables.computeIfAbsent(each.table(), any -> new HashMap<>())
                                .put(each.column(), each));
        return tables;
    }

    /** One column that can never be equal keeps a whole key from being so. */
    private void compare(
            TableDefinition table,
            Map<String, RowNumbers> own,
            Map<String, RowNumbers> theirs,
            List<Finding> findings) {
        Set<String> told = new HashSet<>();
        for (List<String> key : keys(table)) {
            List<Both> both = new ArrayList<>();
            for (String column : key) {
                RowNumbers one = own.get(column);
                RowNumbers other = theirs.get(column);
                if (one != null && other != null) {
                    both.add(new Both(one, other));
                }
            }
            if (!both.isEmpty()
                    && both.stream().noneMatch(Both::areApart)
                    && told.add(both.getFirst().here().column())) {
                findings.add(finding(table, key, both.getFirst()));
            }
        }
    }

    private static Set<List<String>> keys(TableDefinition table) {
        Set<List<String>> keys = new LinkedHashSet<>();
        keys.add(table.replicaKey());
        keys.add(table.primaryKey());
        keys.addAll(table.uniqueKeys());
        return keys;
    }

    private Finding finding(TableDefinition table, List<String> key, Both numbers) {
        boolean isUnknown = numbers.sharedStep() > 1 && !numbers.areTold();
        String meeting =
                "two new rows can get one key"
                        + (key.size() == 1 ? "" : " (where the rest of it is equal)");
        return Finding.warns(
                table.table() + "." + numbers.here().column(),
                "Both sites number it themselves, %s %s and %s %s: %s."
                        .formatted(
                                here,
                                described(numbers.here()),
                                other,
                                described(numbers.there()),
                                isUnknown
                                        ? "whether " + meeting + " cannot be told"
                                        : meeting
                                                + (key.equals(table.replicaKey())
                                                        ? ", and one of them overwrites the other"
                                                        : ", and the replication stops there")),
                "Let each of the %1$d sites count in steps of %1$d, with another remainder and above all numbers that are there: at %2$s (%3$s) %4$s; at %5$s (%6$s) %7$s. Or use UUIDs.%8$s"
                        .formatted(
                                sites.size(),
                                here,
                                remainder(here),
                                remedy(numbers.here(), here),
                                other,
                                remainder(other),
                                remedy(numbers.there(), other),
                                isUnknown
                                        ? " Where they do so already: on PostgreSQL, GRANT SELECT on the sequence to the gateway's role shows it."
                                        : ""));
    }

    private static String described(RowNumbers numbers) {
        String steps = "in steps of " + numbers.step();
        return (numbers.next().isPresent()
                        ? "from %d %s".formatted(numbers.next().getAsLong(), steps)
                        : steps + " from where the gateway cannot see")
                + (numbers.cycles() ? ", in a circle" : "");
    }

    private String remainder(String site) {
        return "remainder " + place(site) % sites.size();
    }

    private String remedy(RowNumbers numbers, String site) {
        return numbers.remedy(sites.size(), place(site));
    }

    private int place(String site) {
        return sites.indexOf(site) + 1;
    }

    /** How two sites number one column. */
    private record Both(RowNumbers here, RowNumbers there) {

        boolean areApart() {
            if (here.greatest() < there.least() || there.greatest() < here.least()) {
                return true;
            }
            return sharedStep() > 1
                    && areTold()
                    && Collections.disjoint(remainders(here), remainders(there));
        }

        /** Numbers that leave different remainders by it are never equal. */
        long sharedStep() {
            return BigInteger.valueOf(here.step())
                    .gcd(BigInteger.valueOf(there.step()))
                    .longValue();
        }

        boolean areTold() {
            return here.next().isPresent() && there.next().isPresent();
        }

        private Set<Long> remainders(RowNumbers numbers) {
            Set<Long> remainders = new HashSet<>();
            remainders.add(Math.floorMod(numbers.next().orElseThrow(), sharedStep()));
            if (numbers.cycles()) {
                long begin = numbers.step() > 0 ? numbers.min() : numbers.max();
                remainders.add(Math.floorMod(begin, sharedStep()));
            }
            return remainders;
        }
    }
}
