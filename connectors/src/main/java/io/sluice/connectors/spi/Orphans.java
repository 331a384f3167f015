package io.sluice.connectors.spi;

import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.SecondaryObject.Reference;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows that lack the row which a foreign key wants, as the session's transaction sees them:
 * what is applied is not checked by the database itself. Used by the session's thread.
 */
public interface Orphans {

    /**
     * The foreign keys between these tables, by which the database holds its users to their rows.
     */
    List<ForeignKey> foreignKeys(Set<TableId> tables);

    /**
     * Which of these rows stand, refer to a row, and refer to none that is there.
     *
     * @param children rows of the key's child whose keys' values are known
     * @return their places
     */
    BitSet among(ForeignKey key, List<Row> children);

    /**
     * Rows that refer to what is not there.
     *
     * @param parents values of the key's {@code parent}, none of them null
     * @param most how many are wanted
     * @return whole rows of the key's child
     */
    List<Row> of(ForeignKey key, List<Row> parents, int most);

    /**
     * @param name the constraint's
     * @param columns of the child that refer to the parent's, in its order
     * @param parent the columns that are referred to, and no others
     */
    record ForeignKey(String name, TableSchema child, List<String> columns, TableSchema parent) {

        public ForeignKey {
            columns = List.copyOf(columns);
            if (columns.size() != parent.columns().size()) {
                throw new IllegalArgumentException(name + ": as many columns there as here");
            }
        }

        /**
         * Picks them out of what tables have, where both ends are among these tables.
         *
         * @param objects of the tables that refer
         */
        public static List<ForeignKey> among(
                List<TableDefinition> tables, List<SecondaryObject> objects) {
            Map<TableId, TableSchema> schemas = new HashMap<>();
            tables.forEach(table -> schemas.put(table.table(), table.schema()));
            List<ForeignKey> keys = new ArrayList<>();
            for (SecondaryObject object : objects) {
                Reference reference = object.reference();
                TableSchema child = schemas.get(object.table());
                if (reference != null && child != null && child.hasKey() && isByValues(object)) {
                    Optional<TableSchema> referred =
                            columns(schemas.get(reference.table()), reference.columns());
                    if (referred.isPresent()) {
                        keys.add(
                                new ForeignKey(
                                        object.name(), child, names(object), referred.get()));
                    }
                }
            }
            return keys;
        }

        /** Not one of periods, of which nothing is told, and not one that holds nobody. */
        private static boolean isByValues(SecondaryObject object) {
            return (object.plain() || !object.definition().isEmpty())
                    && !object.definition().contains("NOT ENFORCED");
        }

        private static List<String> names(SecondaryObject object) {
            return object.parts().stream().map(SecondaryObject.Part::column).toList();
        }

        /** Empty where one is computed, and so not among what changes tell, or all are unknown. */
        private static Optional<TableSchema> columns(
                @Nullable TableSchema table, List<String> names) {
            if (table == null) {
                return Optional.empty();
            }
            List<Column> columns = new ArrayList<>();
            for (String name : names) {
                table.columns().stream()
                        .filter(column -> column.name().equals(name))
                        .forEach(columns::add);
            }
            return columns.size() < names.size()
                    ? Optional.empty()
                    : Optional.of(
                            new TableSchema(
                                    table.table(),
                                    columns,
                                    IntStream.range(0, columns.size()).boxed().toList()));
        }
    }
}
