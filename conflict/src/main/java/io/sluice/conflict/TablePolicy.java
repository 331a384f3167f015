package io.sluice.conflict;

import io.sluice.change.Column;
import io.sluice.change.Origin;
import io.sluice.change.TableSchema;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** All policies of one table: settles what arrives for it. Immutable, and asked by many threads. */
public final class TablePolicy {

    private final MergePolicy row;
    private final Map<ConflictKind, MergePolicy> kinds;
    private final List<ColumnGroup> groups;
    private final PolicyNames names;

    private TablePolicy(
            MergePolicy row,
            Map<ConflictKind, MergePolicy> kinds,
            List<ColumnGroup> groups,
            PolicyNames names) {
        this.row = row;
        this.kinds = kinds;
        this.groups = List.copyOf(groups);
        this.names = names;
    }

    /**
     * @throws IllegalArgumentException saying what is wrong with the choice
     */
    public static TablePolicy create(PolicyCatalog catalog, TableChoice choice, TableSchema table) {
        if (!table.hasKey()) {
            throw new IllegalArgumentException(
                    table.table() + ": without a key no row can be told from another");
        }
        MergePolicy row = catalog.create(choice.policy());
        Map<ConflictKind, MergePolicy> kinds = new EnumMap<>(ConflictKind.class);
        choice.kinds()
                .forEach(
                        (kind, spec) -> {
                            MergePolicy policy = catalog.create(spec);
                            if (policy.dividesColumns() || policy.joinsEveryChange()) {
                                throw new IllegalArgumentException(
                                        "`" + spec.name() + "` cannot be for one kind of conflict");
                            }
                            kinds.put(kind, policy);
                        });
        return new TablePolicy(
                row, kinds, groups(catalog, choice, table, row), PolicyNames.of(choice));
    }

    private static List<ColumnGroup> groups(
            PolicyCatalog catalog, TableChoice choice, TableSchema table, MergePolicy row) {
        List<ColumnGroup> groups = new ArrayList<>();
        Set<Integer> taken = new HashSet<>(table.key());
        choice.columns()
                .forEach(
                        (names, spec) -> {
                            List<Integer> positions = positions(table, names, taken);
                            groups.add(group(table, positions, spec.name(), catalog.create(spec)));
                        });
        List<Integer> rest = new ArrayList<>();
        for (int i = 0; i < table.columns().size(); i++) {
            if (!taken.contains(i)) {
                rest.add(i);
            }
        }
        String name = choice.policy().name();
        if (row.dividesColumns()) {
            rest.forEach(position -> groups.add(group(table, List.of(position), name, row)));
        } else if (groups.isEmpty()) {
            refuse(table, allColumns(table), name, row);
        } else if (!rest.isEmpty()) {
            groups.add(group(table, rest, name, row));
        }
        return groups;
    }

    private static List<Integer> allColumns(TableSchema table) {
        return IntStream.range(0, table.columns().size()).boxed().toList();
    }

    private static List<Integer> positions(
            TableSchema table, List<String> names, Set<Integer> taken) {
        List<String> all = table.columns().stream().map(Column::name).toList();
        List<Integer> positions = new ArrayList<>();
        for (String name : names) {
            int position = all.indexOf(name);
            if (position < 0) {
                throw new IllegalArgumentException(table.table() + " has no column `" + name + "`");
            }
            if (!taken.add(position)) {
                throw new IllegalArgumentException(
                        "%s: column `%s` %s"
                                .formatted(
                                        table.table(),
                                        name,
                                        table.key().contains(position)
                                                ? "is of the key, which never changes"
                                                : "has two policies"));
            }
            positions.add(position);
        }
        return positions.stream().sorted().toList();
    }

    private static ColumnGroup group(
            TableSchema table, List<Integer> positions, String name, MergePolicy policy) {
        if (!policy.decidesColumns()) {
            throw new IllegalArgumentException(
                    table.table() + ": `" + name + "` decides on whole rows, not on columns");
        }
        refuse(table, positions, name, policy);
        return ColumnGroup.of(table, positions, policy);
    }

    private static void refuse(
            TableSchema table, List<Integer> positions, String name, MergePolicy policy) {
        policy.refuses(positions.stream().map(table.columns()::get).toList())
                .ifPresent(
                        reason -> {
                            throw new IllegalArgumentException(
                                    table.table() + ": `" + name + "` " + reason);
                        });
    }

    /**
     * Settles a change where the row that it is about stands, or nothing does. The same code
     * settles a change at the site where it was made, for what its version is to be.
     */
    public Settlement settle(Incoming incoming, Standing standing, Origin site) {
        return groups.isEmpty()
                ? new RowSettling(row, kinds).settle(incoming, standing, site)
                : new PartSettling(groups, kinds).settle(incoming, standing, site);
    }

    /** The name of the policy that decides on a conflict of this table. */
    public String nameFor(Conflict conflict) {
        boolean followed = !conflict.kind().isOfAnotherKey() && RowSettling.isKnown(conflict);
        return followed ? names.table() : names.of(conflict.kind());
    }

    /** Whether parts of a row have policies, and versions, of their own. */
    public boolean dividesRows() {
        return !groups.isEmpty();
    }

    /**
     * Whether it asks for more of a row than when and where it was written last: for the versions
     * of its parts, or after which deletion it came.
     */
    public boolean asksHistory() {
        return dividesRows() || row.joinsEveryChange();
    }

    boolean asksSince() {
        return policies().stream().anyMatch(MergePolicy::asksSince);
    }

    /**
     * Settles a change that other rows stand in the way of, by other keys than the one that
     * identifies rows: parked, where the policy for the kind or for all rows parks; else nothing
     * goes on, for no other policy can tell which row is to give way.
     *
     * @param standing the row of the change's own key
     */
    public Settlement settleOtherKey(
            ConflictKind kind, Incoming incoming, Standing standing, Origin site) {
        Conflict own = RowSettling.conflict(incoming, standing, site);
        Conflict conflict =
                new Conflict(
                        kind, site, incoming, standing, own.columns(), own.current(), Map.of());
        String reason = "another row has one of its unique keys";
        MergePolicy policy = kinds.getOrDefault(kind, row);
        boolean ofRows = !policy.dividesColumns() && !policy.joinsEveryChange();
        return ofRows && policy.decide(conflict) instanceof Decision.Park
                ? Settlement.parked(conflict, reason)
                : new Settlement(Optional.of(conflict), new Decision.Stop(reason), standing);
    }

    /** The version of a row after a change of its own site, for which it simply stands. */
    public RowVersion written(Incoming local, Standing before) {
        Settlement settlement = settle(local, before, local.version().origin());
        return settlement.after().version().orElseThrow();
    }

    /** What becomes of the sites of this table. */
    public Guarantee guarantee() {
        if (groups.isEmpty()) {
            return row.guarantee();
        }
        Guarantee all =
                Guarantee.converges(
                        Guarantee.Need.PART_VERSIONS,
                        Guarantee.Need.TOMBSTONES,
                        Guarantee.Need.WHOLE_ROWS);
        for (ColumnGroup group : groups) {
            all = all.and(group.policy().guarantee());
        }
        return all;
    }

    Map<ConflictKind, MergePolicy> kinds() {
        return kinds;
    }

    /** Every policy that is asked, those of kinds included. */
    List<MergePolicy> policies() {
        List<MergePolicy> all = new ArrayList<>(kinds.values());
        all.add(row);
        groups.forEach(group -> all.add(group.policy()));
        return all;
    }
}
