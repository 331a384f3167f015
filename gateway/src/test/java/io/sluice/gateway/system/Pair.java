package io.sluice.gateway.system;

import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import io.sluice.testkit.Workload;
import java.util.ArrayList;
import java.util.List;

/** From which engine to which. */
enum Pair {
    POSTGRES_TO_POSTGRES(false, false),
    POSTGRES_TO_MYSQL(false, true),
    MYSQL_TO_POSTGRES(true, false),
    MYSQL_TO_MYSQL(true, true);

    final boolean fromMySql;
    final boolean toMySql;

    Pair(boolean fromMySql, boolean toMySql) {
        this.fromMySql = fromMySql;
        this.toMySql = toMySql;
    }

    /** Two servers of the test's own; across engines without what only one of them can hold. */
    TwoSites sites(Durability durability) {
        TwoSites sites =
                TwoSites.ownServers(
                        fromMySql ? Servers.mysql(durability) : Servers.postgres(durability),
                        toMySql ? Servers.mysql(durability) : Servers.postgres(durability));
        if (this == POSTGRES_TO_MYSQL) {
            sites.alsoInto("Odd Schema");
        }
        return isAcross() ? sites.with("exclude: [\"*.every_type\"]") : sites;
    }

    /** The load that the source's engine takes, and the target's can hold. */
    Workload load(long seed) {
        return fromMySql
                ? Workload.mysql(seed, 4)
                : toMySql ? Workload.portable(seed) : new Workload(seed);
    }

    /** The load's tables and further ones, to be compared. */
    List<String> tables(String... more) {
        List<String> tables = new ArrayList<>(fromMySql ? Workload.MYSQL_TABLES : Workload.TABLES);
        if (isAcross()) {
            tables.removeIf(table -> table.endsWith("every_type"));
        }
        tables.addAll(List.of(more));
        return tables;
    }

    private boolean isAcross() {
        return fromMySql != toMySql;
    }
}
