package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SecondaryObject;
import io.sluice.connectors.spi.SecondaryObject.Action;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SecondaryObject.Part;
import io.sluice.connectors.spi.SecondaryObject.Reference;
import io.sluice.connectors.spi.TableDefinition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** From an index or foreign key to the statement that makes it here. Pure. */
final class SecondaryDdl {

    private static final int NAME_CHARACTERS = 64;
    private static final int KEY_BYTES = 3072;
    private static final int CHARACTER_BYTES = 4;

    /** A bound from above on what a number, a date, an enum or a UUID takes. */
    private static final int FIXED_BYTES = 36;

    /** More of a long value tells hardly more values apart. */
    private static final int LONGEST_PREFIX = 255;

    private static final Pattern SIZED = Pattern.compile("(varchar|varbinary)\\((\\d+)\\).*");

    private final Map<TableId, TableDefinition> tables = new HashMap<>();
    private final List<Finding> findings;

    /**
     * @param own the tables in MySQL's types
     */
    SecondaryDdl(List<TableDefinition> own, List<Finding> findings) {
        own.forEach(table -> tables.put(table.table(), table));
        this.findings = findings;
    }

    List<Build> builds(List<SecondaryObject> objects) {
        List<Build> builds = new ArrayList<>();
        for (SecondaryObject object : objects) {
            TableDefinition table = Objects.requireNonNull(tables.get(object.table()));
            String statement =
                    comesWithTable(object, table)
                            ? null
                            : object.kind() == Kind.FOREIGN_KEY
                                    ? foreignKey(object, table)
                                    : object.engine() == Engine.MYSQL
                                            ? own(object)
                                            : translated(object, table);
            if (statement != null) {
                builds.add(build(object, statement));
            }
        }
        return builds;
    }

    private static boolean comesWithTable(SecondaryObject object, TableDefinition table) {
        return object.isUniqueKey()
                && (object.columns().equals(table.primaryKey())
                        || table.bare().uniqueKeys().contains(object.columns()));
    }

    /** Whatever alters a table keeps out what else would. */
    private static Build build(SecondaryObject object, String statement) {
        Reference reference = object.reference();
        return new Build(
                object.kind() == Kind.CONSTRAINT ? Kind.UNIQUE_INDEX : object.kind(),
                object.table(),
                nameOf(object),
                reference == null ? null : reference.table(),
                true,
                statement);
    }

    private @Nullable String own(SecondaryObject object) {
        if (object.definition().isEmpty()) {
            left(object, "its definition could not be read.", "Make it by hand.");
            return null;
        }
        return alter(object) + object.definition();
    }

    private @Nullable String translated(SecondaryObject object, TableDefinition table) {
        if (!object.plain()) {
            left(
                    object,
                    "it is partial, over an expression, or of a kind that only PostgreSQL has.",
                    "Make one here that serves the same queries, if there are any.");
            return null;
        }
        Map<String, String> types = new HashMap<>();
        for (ColumnDefinition column : table.columns()) {
            types.put(column.name(), column.nativeType());
        }
        for (String column : object.columns()) {
            String type = types.get(column);
            if (type == null || type.equals("json") || type.startsWith("geometry")) {
                left(
                        object,
                        type == null
                                ? "a column of it is computed and not carried."
                                : "MySQL has no ordinary index on " + type + ".",
                        "Make it by hand.");
                return null;
            }
        }
        boolean unique = object.kind() != Kind.INDEX;
        List<String> parts = new ArrayList<>();
        for (Part part : object.parts()) {
            String type = types.getOrDefault(part.column(), "");
            int prefix = unique ? 0 : prefix(type, object.parts().size());
            parts.add(
                    Sql.identifier(part.column())
                            + (prefix == 0 ? "" : "(" + prefix + ")")
                            + (part.descending() ? " DESC" : ""));
        }
        return alter(object)
                + "%s %s (%s)"
                        .formatted(
                                unique ? "UNIQUE KEY" : "KEY",
                                Sql.identifier(nameOf(object)),
                                String.join(", ", parts));
    }

    /** How much of a value the index takes; 0 for all. A unique key's columns have its length. */
    private static int prefix(String type, int parts) {
        boolean text = type.startsWith("varchar") || type.equals(MySqlForms.LONG_TEXT);
        if (!text && !type.startsWith("varbinary") && !type.equals(MySqlForms.LONG_BYTES)) {
            return 0;
        }
        int share = (KEY_BYTES - (parts - 1) * FIXED_BYTES) / parts;
        int most = Math.min(LONGEST_PREFIX, text ? share / CHARACTER_BYTES : share);
        Matcher sized = SIZED.matcher(type);
        return sized.matches() && Integer.parseInt(sized.group(2)) <= most ? 0 : most;
    }

    private @Nullable String foreignKey(SecondaryObject object, TableDefinition table) {
        Reference reference = Objects.requireNonNull(object.reference());
        List<String> carried = table.columns().stream().map(ColumnDefinition::name).toList();
        boolean defaults =
                reference.onUpdate() == Action.SET_DEFAULT
                        || reference.onDelete() == Action.SET_DEFAULT;
        if (!object.plain() || defaults || !carried.containsAll(object.columns())) {
            left(object, "MySQL has nothing that does the same.", "Add one by hand that does.");
            return null;
        }
        return alter(object)
                + "CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s (%s)%s%s"
                        .formatted(
                                Sql.identifier(nameOf(object)),
                                Sql.identifiers(object.columns()),
                                Sql.table(reference.table()),
                                Sql.identifiers(reference.columns()),
                                action(" ON UPDATE ", reference.onUpdate()),
                                action(" ON DELETE ", reference.onDelete()));
    }

    private static String action(String when, Action action) {
        return action == Action.NO_ACTION ? "" : when + action.sql();
    }

    private static String alter(SecondaryObject object) {
        return "ALTER TABLE " + Sql.table(object.table()) + " ADD ";
    }

    /** PostgreSQL's foreign keys have names of their table, MySQL's of their database. */
    private static String nameOf(SecondaryObject object) {
        String table = object.table().name();
        return object.engine() == Engine.MYSQL
                        || object.kind() != Kind.FOREIGN_KEY
                        || object.name().startsWith(table + "_")
                ? object.name()
                : shortened(table + "_" + object.name());
    }

    /** What is cut is told apart by a sum of the whole. */
    private static String shortened(String name) {
        if (name.codePointCount(0, name.length()) <= NAME_CHARACTERS) {
            return name;
        }
        CRC32 sum = new CRC32();
        sum.update(name.getBytes(StandardCharsets.UTF_8));
        String end = "_%08x".formatted(sum.getValue());
        return name.substring(0, name.offsetByCodePoints(0, NAME_CHARACTERS - end.length())) + end;
    }

    private void left(SecondaryObject object, String why, String remedy) {
        String problem = "The %s %s is not made: %s";
        problem = problem.formatted(object.kind().words(), object.name(), why);
        String subject = object.table().toString();
        findings.add(
                object.kind() == Kind.INDEX
                        ? new Finding(Finding.Severity.NOTES, subject, problem, remedy)
                        : Finding.warns(subject, problem, remedy));
    }
}
