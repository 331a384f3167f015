package io.sluice.testkit.schema;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the schema. Each has a column {@code nr}, the number of the row, of which the other
 * columns' values are made.
 *
 * @param parent whose {@code id} the column {@code parent_id} refers to; null for none
 * @param referred whether another table refers to it, so that its rows stay
 * @param nullable per column, whether every fifth row has none
 * @param computed whether it has a column that the database computes
 */
record ShopTable(
        String name,
        Key key,
        int rows,
        List<ColumnKind> columns,
        List<Boolean> nullable,
        @Nullable ShopTable parent,
        boolean referred,
        boolean computed) {

    enum Key {
        NUMBERED,
        COMPOSITE,
        TEXT,
        UNIQUE,
        NONE
    }

    String create(Dialect dialect) {
        boolean postgres = dialect == Dialect.POSTGRES;
        List<String> parts = new ArrayList<>();
        if (key == Key.NUMBERED) {
            parts.add(
                    postgres
                            ? "id bigint GENERATED %s AS IDENTITY PRIMARY KEY"
                                    .formatted(referred ? "ALWAYS" : "BY DEFAULT")
                            : "id bigint AUTO_INCREMENT PRIMARY KEY");
        }
        parts.add("nr int NOT NULL");
        switch (key) {
            case COMPOSITE -> {
                parts.add("region int NOT NULL");
                parts.add("line int NOT NULL");
                parts.add("PRIMARY KEY (region, line)");
            }
            case TEXT -> parts.add("slug varchar(60) NOT NULL PRIMARY KEY");
            case UNIQUE -> parts.add("slug varchar(60) NOT NULL UNIQUE");
            default -> {}
        }
        if (parent != null) {
            parts.add("parent_id bigint");
            parts.add(
                    "FOREIGN KEY (parent_id) REFERENCES %s (id)"
                            .formatted(dialect.quoted(parent.name)));
        }
        for (int i = 0; i < columns.size(); i++) {
            String type = columns.get(i).type(dialect);
            parts.add("c%d %s%s".formatted(i, type, nullable.get(i) ? "" : " NOT NULL"));
        }
        if (computed) {
            parts.add(computedColumn());
        }
        return "CREATE TABLE %s (%s)".formatted(dialect.quoted(name), String.join(", ", parts));
    }

    /** The same in both dialects. */
    private static String computedColumn() {
        return "twice int GENERATED ALWAYS AS (nr * 2) STORED";
    }

    /** What the other engine's table lacks of it. */
    String addComputed(Dialect dialect) {
        return "ALTER TABLE %s ADD COLUMN %s".formatted(dialect.quoted(name), computedColumn());
    }

    /** What the log needs to say which row was changed, where there is no key; else null. */
    @Nullable String identify(Dialect dialect) {
        if (dialect != Dialect.POSTGRES) {
            return null;
        }
        return switch (key) {
            case NONE -> "ALTER TABLE %s REPLICA IDENTITY FULL".formatted(dialect.quoted(name));
            case UNIQUE ->
                    "ALTER TABLE %s REPLICA IDENTITY USING INDEX %s"
                            .formatted(dialect.quoted(name), dialect.quoted(name + "_slug_key"));
            default -> null;
        };
    }

    String fill(Dialect dialect, int first, int last) {
        List<String> names = new ArrayList<>(List.of("nr"));
        List<String> values = new ArrayList<>(List.of("i"));
        switch (key) {
            case COMPOSITE -> {
                names.addAll(List.of("region", "line"));
                values.addAll(List.of("i % 10", "i"));
            }
            case TEXT, UNIQUE -> {
                names.add("slug");
                values.add("concat('sl\u00fcg-', i * 7, '-', i)");
            }
            default -> {}
        }
        if (parent != null) {
            names.add("parent_id");
            values.add("CASE WHEN i % 9 > 0 THEN 1 + i % " + parent.rows + " END");
        }
        for (int c = 0; c < columns.size(); c++) {
            names.add("c" + c);
            values.add(value(dialect, c, "i"));
        }
        return dialect.fill(name, String.join(", ", names), String.join(", ", values), first, last);
    }

    private String value(Dialect dialect, int column, String number) {
        String value = columns.get(column).value(dialect, number);
        return nullable.get(column)
                ? "CASE WHEN %s %% 5 <> %d THEN %s END".formatted(number, column % 5, value)
                : value;
    }

    /** Inserts, updates, changes of keys, and deletes where nothing refers to the rows. */
    List<String> changes(Dialect dialect) {
        String table = dialect.quoted(name);
        List<String> changes = new ArrayList<>();
        changes.add(fill(dialect, rows + 1, rows + 50));
        for (int c = 0; c < columns.size(); c += 2) {
            changes.add(
                    "UPDATE %s SET c%d = %s WHERE nr %% 200 = %d"
                            .formatted(table, c, value(dialect, c, "(nr + 3)"), c));
        }
        switch (key) {
            case COMPOSITE ->
                    changes.add(
                            "UPDATE %s SET region = region + 10 WHERE nr %% 300 = 1"
                                    .formatted(table));
            case TEXT, UNIQUE ->
                    changes.add(
                            "UPDATE %s SET slug = concat(slug, '-moved') WHERE nr %% 300 = 1"
                                    .formatted(table));
            default -> {}
        }
        if (!referred) {
            changes.add("DELETE FROM %s WHERE nr %% 250 = 2".formatted(table));
        }
        return changes;
    }
}
