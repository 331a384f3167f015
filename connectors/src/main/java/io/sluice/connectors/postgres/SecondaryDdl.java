package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Build;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** From an index, constraint or foreign key to the statement that makes it here. Pure. */
final class SecondaryDdl {

    private static final int NAME_BYTES = 63;

    private final Map<TableId, TableDefinition> tables = new HashMap<>();
    private final boolean foreignKeys;
    private final List<Finding> findings;
    private final Map<SecondaryObject, String> names = new HashMap<>();

    // What indexes share with tables, of a schema, and constraints among them, of a table.
    private final Set<List<String>> taken = new HashSet<>();

    /**
     * @param own the tables in PostgreSQL's types
     * @param foreignKeys whether foreign keys will not act on what is applied
     */
    SecondaryDdl(List<TableDefinition> own, boolean foreignKeys, List<Finding> findings) {
        own.forEach(table -> tables.put(table.table(), table));
        tables.keySet().forEach(table -> taken.add(List.of(table.schema(), table.name())));
        this.foreignKeys = foreignKeys;
        this.findings = findings;
    }

    List<Build> builds(List<SecondaryObject> objects) {
        List<Build> builds = new ArrayList<>();
        for (SecondaryObject object : objects) {
            TableDefinition table = Objects.requireNonNull(tables.get(object.table()));
            Build build = comesWithTable(object, table) ? null : build(object, table);
            if (build != null) {
                builds.add(build);
            }
        }
        return builds;
    }

    private static boolean comesWithTable(SecondaryObject object, TableDefinition table) {
        return object.isUniqueKey()
                && (object.columns().equals(table.primaryKey())
                        || table.bare().uniqueKeys().contains(object.columns()));
    }

    private @Nullable Build build(SecondaryObject object, TableDefinition table) {
        if (object.kind() == Kind.FOREIGN_KEY && !foreignKeys) {
            left(
                    object,
                    "it would be enforced on what is applied, since the role may not set"
                            + " session_replication_role.",
                    "Grant that, or add the foreign key before the target takes over.");
            return null;
        }
        String statement =
                object.engine() == Engine.POSTGRESQL ? own(object) : translated(object, table);
        return statement == null ? null : build(object, statement);
    }

    private Build build(SecondaryObject object, String statement) {
        Reference reference = object.reference();
        boolean index = statement.startsWith("CREATE");
        Kind kind = object.kind() == Kind.UNIQUE_INDEX && !index ? Kind.CONSTRAINT : object.kind();
        return new Build(
                kind,
                object.table(),
                nameOf(object),
                reference == null ? null : reference.table(),
                isAlone(kind),
                statement);
    }

    /** Indexes of one table can be made at once; what alters the table keeps the others out. */
    static boolean isAlone(Kind kind) {
        return kind == Kind.CONSTRAINT || kind == Kind.FOREIGN_KEY;
    }

    private @Nullable String own(SecondaryObject object) {
        return switch (object.kind()) {
            case INDEX, UNIQUE_INDEX -> createIndex(object, object.definition());
            case CONSTRAINT -> addConstraint(object, object.definition());
            case FOREIGN_KEY -> {
                if (object.definition().isEmpty() && !object.plain()) {
                    left(object, "it is one of periods.", "Add it by hand.");
                    yield null;
                }
                yield addConstraint(object, foreignKey(object) + object.definition());
            }
        };
    }

    private @Nullable String translated(SecondaryObject object, TableDefinition table) {
        if (!object.plain()) {
            left(
                    object,
                    "it is over an expression, or of a kind that only MySQL has.",
                    "Make one here that serves the same queries, if there are any.");
            return null;
        }
        List<String> carried = table.columns().stream().map(column -> column.name()).toList();
        if (!carried.containsAll(object.uses())) {
            left(object, "a column of it is computed and not carried.", "Make it by hand.");
            return null;
        }
        if (object.kind() == Kind.FOREIGN_KEY) {
            Reference reference = Objects.requireNonNull(object.reference());
            return addConstraint(
                    object,
                    foreignKey(object)
                            + action(" ON UPDATE ", reference.onUpdate())
                            + action(" ON DELETE ", reference.onDelete()));
        }
        if (object.isUniqueKey()) {
            return addConstraint(object, "UNIQUE (" + Sql.identifiers(object.columns()) + ")");
        }
        List<String> parts = object.parts().stream().map(part -> part(part, table)).toList();
        return createIndex(object, "USING btree (" + String.join(", ", parts) + ")");
    }

    /** The beginning of a long value, since an index takes no long ones whole. */
    private static String part(Part part, TableDefinition table) {
        String column = Sql.identifier(part.column());
        boolean bytes =
                table.columns().stream()
                        .anyMatch(
                                c ->
                                        c.name().equals(part.column())
                                                && c.nativeType().equals("bytea"));
        String value =
                part.prefix() == 0
                        ? column
                        : bytes
                                ? "substring(%s, 1, %d)".formatted(column, part.prefix())
                                : "\"left\"(%s, %d)".formatted(column, part.prefix());
        return part.descending() ? value + " DESC" : value;
    }

    private String createIndex(SecondaryObject object, String definition) {
        return "CREATE %sINDEX %s ON %s %s"
                .formatted(
                        object.kind() == Kind.UNIQUE_INDEX ? "UNIQUE " : "",
                        Sql.identifier(nameOf(object)),
                        Sql.table(object.table()),
                        definition);
    }

    private String addConstraint(SecondaryObject object, String definition) {
        return "ALTER TABLE %s ADD CONSTRAINT %s %s"
                .formatted(Sql.table(object.table()), Sql.identifier(nameOf(object)), definition);
    }

    private static String foreignKey(SecondaryObject object) {
        Reference reference = Objects.requireNonNull(object.reference());
        return "FOREIGN KEY (%s) REFERENCES %s (%s)"
                .formatted(
                        Sql.identifiers(object.columns()),
                        Sql.table(reference.table()),
                        Sql.identifiers(reference.columns()));
    }

    private static String action(String when, Action action) {
        return action == Action.NO_ACTION ? "" : when + action.sql();
    }

    private String nameOf(SecondaryObject object) {
        return names.computeIfAbsent(object, this::freeName);
    }

    /** Two names may become one, where one table's name begins as another's ends. */
    private String freeName(SecondaryObject object) {
        String name = hereNameOf(object);
        if (take(object, name)) {
            return name;
        }
        String told = ended(name, sum(object.table() + "." + object.name()));
        take(object, told);
        return told;
    }

    /** Returns whether nothing else has the name. */
    private boolean take(SecondaryObject object, String name) {
        TableId table = object.table();
        boolean free = true;
        if (object.kind() != Kind.FOREIGN_KEY) {
            free = taken.add(List.of(table.schema(), name));
        }
        boolean index =
                object.kind() == Kind.INDEX
                        || object.kind() == Kind.UNIQUE_INDEX
                                && object.engine() == Engine.POSTGRESQL;
        if (!index) {
            free &= taken.add(List.of(table.schema(), table.name(), name));
        }
        return free;
    }

    /** MySQL's indexes have names of their table, PostgreSQL's of their schema. */
    private static String hereNameOf(SecondaryObject object) {
        String table = object.table().name();
        return object.engine() == Engine.POSTGRESQL
                        || object.kind() == Kind.FOREIGN_KEY
                        || object.name().startsWith(table + "_")
                ? shortened(object.name())
                : shortened(table + "_" + object.name());
    }

    /** What is cut is told apart by a sum of the whole. */
    private static String shortened(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES
                ? name
                : ended(name, sum(name));
    }

    private static String sum(String text) {
        CRC32 sum = new CRC32();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return "_%08x".formatted(sum.getValue());
    }

    private static String ended(String name, String end) {
        int length = name.length();
        while (name.substring(0, length).getBytes(StandardCharsets.UTF_8).length
                > NAME_BYTES - end.length()) {
            length = name.offsetByCodePoints(length, -1);
        }
        return name.substring(0, length) + end;
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
