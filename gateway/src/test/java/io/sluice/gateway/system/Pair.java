package io.sluice.gateway.system;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.Servers;
import io.sluice.testkit.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

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

    /** Two fresh databases on servers that all tests share; no two pairs share a MySQL target. */
    TwoSites shared() {
        return TwoSites.between(
                fromMySql ? Servers.sharedMySql() : Servers.sharedPostgres(), sharedTarget());
    }

    private DatabaseServer sharedTarget() {
        return switch (this) {
            case POSTGRES_TO_POSTGRES, MYSQL_TO_POSTGRES -> Servers.sharedPostgres();
            case POSTGRES_TO_MYSQL -> Servers.sharedMySql();
            case MYSQL_TO_MYSQL -> Servers.otherSharedMySql();
        };
    }

    /** Has the source log all of a row that a table without a key loses. MySQL always does. */
    void logWholeRows(TwoSites sites, String table) {
        if (!fromMySql) {
            sites.onSource("ALTER TABLE %s REPLICA IDENTITY FULL".formatted(table));
        }
    }

    /** For a query of the source: the numbers from 1 on, in the column {@code g} of {@code g}. */
    String numbers(int last) {
        if (!fromMySql) {
            return "generate_series(1, %d) g".formatted(last);
        }
        String digits = "SELECT 0 n" + " UNION ALL SELECT %d".repeat(9);
        digits = digits.formatted(1, 2, 3, 4, 5, 6, 7, 8, 9);
        StringBuilder sum = new StringBuilder("1");
        StringJoiner places = new StringJoiner(" JOIN ");
        for (int place = 1; place < last; place *= 10) {
            sum.append(" + %d * p%d.n".formatted(place, place));
            places.add("(%s) p%d".formatted(digits, place));
        }
        return "(SELECT %s g FROM %s HAVING g <= %d) g".formatted(sum, places, last);
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
