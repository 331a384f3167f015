package io.sluice.testkit.schema;

import io.sluice.testkit.schema.ShopTable.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Thirty tables from a seed. Immutable. */
public final class ShopSchema {

    private static final List<String> NAMES =
            List.of(
                    "customer",
                    "product",
                    "supplier",
                    "category",
                    "warehouse",
                    "address",
                    "order",
                    "order line",
                    "invoice",
                    "payment",
                    "refund",
                    "shipment",
                    "parcel",
                    "coupon",
                    "basket",
                    "basket line",
                    "review",
                    "rating",
                    "stock",
                    "price list",
                    "tax",
                    "employee",
                    "shift",
                    "ticket",
                    "message",
                    "attachment",
                    "session",
                    "audit",
                    "setting",
                    "Event");

    /** Tables that others refer to. */
    private static final int PARENTS = 8;

    private final Dialect dialect;
    private final List<ShopTable> tables;

    /**
     * @param rows of all tables together, about
     */
    public ShopSchema(Dialect dialect, long seed, int rows) {
        this.dialect = dialect;
        Random random = new Random(seed);
        List<ShopTable> made = new ArrayList<>();
        for (int i = 0; i < NAMES.size(); i++) {
            made.add(table(i, random, made, rows));
        }
        tables = List.copyOf(made);
    }

    private static ShopTable table(int i, Random random, List<ShopTable> made, int rows) {
        boolean referred = i < PARENTS;
        Key key =
                referred
                        ? Key.NUMBERED
                        : i == NAMES.size() - 1 ? Key.NONE : Key.values()[random.nextInt(4)];
        List<ColumnKind> columns = new ArrayList<>();
        List<Boolean> nullable = new ArrayList<>();
        // Every kind is in one table at least, whatever the seed.
        columns.add(ColumnKind.values()[i % ColumnKind.values().length]);
        nullable.add(random.nextBoolean());
        for (int c = 3 + random.nextInt(9); c > 0; c--) {
            columns.add(ColumnKind.values()[random.nextInt(ColumnKind.values().length)]);
            nullable.add(random.nextInt(3) > 0);
        }
        // Some large ones, many small ones; without a key, each change reads the whole table.
        int share = key == Key.NONE ? 1000 : i % 6 == 0 ? 10 : 48;
        return new ShopTable(
                NAMES.get(i),
                key,
                Math.max(20, rows / share),
                List.copyOf(columns),
                List.copyOf(nullable),
                i == 0 || random.nextInt(3) == 0
                        ? null
                        : made.get(random.nextInt(Math.min(i, PARENTS))),
                referred,
                random.nextInt(4) == 0);
    }

    /** The tables' names, unquoted, without a schema. */
    public List<String> tables() {
        return tables.stream().map(ShopTable::name).toList();
    }

    /** Statements that make types and tables. */
    public List<String> definitions() {
        List<String> statements = new ArrayList<>();
        if (dialect == Dialect.POSTGRES) {
            statements.add("CREATE TYPE order_status AS ENUM ('new', 'paid', 'it''s sent')");
        }
        tables.forEach(table -> statements.add(table.create(dialect)));
        tables.stream()
                .map(table -> table.identify(dialect))
                .filter(Objects::nonNull)
                .forEach(statements::add);
        return statements;
    }

    /** Statements that make the first rows. */
    public List<String> rows() {
        List<String> statements = new ArrayList<>(session());
        tables.forEach(table -> statements.add(table.fill(dialect, 1, table.rows())));
        return statements;
    }

    /** Statements that change some of the rows of every table. */
    public List<String> changes() {
        List<String> statements = new ArrayList<>(session());
        tables.forEach(table -> statements.addAll(table.changes(dialect)));
        return statements;
    }

    /** Statements that give tables of another engine the columns that the source computes. */
    public List<String> computedColumns(Dialect of) {
        return tables.stream()
                .filter(ShopTable::computed)
                .map(table -> table.addComputed(of))
                .toList();
    }

    private List<String> session() {
        return dialect == Dialect.MYSQL
                ? List.of("SET SESSION cte_max_recursion_depth = 10000000")
                : List.of();
    }
}
