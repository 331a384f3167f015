package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a table has beside its columns, its primary key and its rows, and can do without while it is
 * filled: an index, a unique constraint, a foreign key.
 *
 * @param table in the names of the database that it is wanted in
 * @param engine whose own SQL {@code definition} is
 * @param parts what it is over, in order; complete only where it is {@code plain}
 * @param plain whether parts and reference tell all that another engine has to know
 * @param uses every column of the table that it needs
 * @param definition in the engine's own SQL, from where the names of table and object end
 * @param reference of a foreign key; else null
 */
public record SecondaryObject(
        Kind kind,
        TableId table,
        String name,
        Engine engine,
        List<Part> parts,
        boolean plain,
        Set<String> uses,
        String definition,
        @Nullable Reference reference) {

    /** What it is; in the order in which they can be made. */
    public enum Kind {
        INDEX("index"),
        UNIQUE_INDEX("unique index"),
        /** Unique or exclusive, with an index of the same name. */
        CONSTRAINT("constraint"),
        FOREIGN_KEY("foreign key");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** As people call it. */
        public String words() {
            return words;
        }
    }

    /**
     * @param prefix how many characters or bytes of the value count; 0 for all
     */
    public record Part(String column, int prefix, boolean descending) {}

    /**
     * @param columns of the other table
     */
    public record Reference(TableId table, List<String> columns, Action onUpdate, Action onDelete) {

        public Reference {
            columns = List.copyOf(columns);
        }
    }

    /** What becomes of a row when the row that it refers to changes or goes. */
    public enum Action {
        NO_ACTION,
        RESTRICT,
        CASCADE,
        SET_NULL,
        SET_DEFAULT;

        public String sql() {
            return name().replace('_', ' ');
        }
    }

    public SecondaryObject {
        parts = List.copyOf(parts);
        uses = Set.copyOf(uses);
        if ((kind == Kind.FOREIGN_KEY) != (reference != null)) {
            throw new IllegalArgumentException(
                    "a foreign key, and nothing else, refers to a table");
        }
    }

    /** The names of its columns, where it is plain. */
    public List<String> columns() {
        return parts.stream().map(Part::column).toList();
    }

    /** Whether it keeps whole values of its columns unique, and does nothing else. */
    public boolean isUniqueKey() {
        return (kind == Kind.UNIQUE_INDEX || kind == Kind.CONSTRAINT)
                && plain
                && parts.stream().allMatch(part -> part.prefix() == 0);
    }

    /**
     * The same under other names.
     *
     * @param other what a foreign key refers to; null for other kinds
     */
    public SecondaryObject named(TableId newTable, String newName, @Nullable TableId other) {
        Reference moved =
                reference == null || other == null
                        ? reference
                        : new Reference(
                                other,
                                reference.columns(),
                                reference.onUpdate(),
                                reference.onDelete());
        return new SecondaryObject(
                kind, newTable, newName, engine, parts, plain, uses, definition, moved);
    }

    /** For people: what it is, and where. */
    public String text() {
        return "%s %s of %s".formatted(kind.words(), name, table);
    }
}
