package io.sluice.connectors.spi;

import io.sluice.change.LogicalType;
import org.jspecify.annotations.Nullable;

/**
 * A column as a database's catalog describes it.
 *
 * @param dataType what it holds, for other engines
 * @param nativeType the type as the database writes it in a table definition, quoted and qualified
 *     where needed, for example {@code numeric(12,2)} or {@code "app"."mood"[]}
 * @param defaultExpression in the database's own SQL; null for none, and for identity columns
 * @param generated the generation expression of a computed column, which is never written; else
 *     null
 * @param identity whether the database numbers new rows itself
 * @param collation a collation other than the type's own, quoted and qualified; else null
 */
public record ColumnDefinition(
        String name,
        DataType dataType,
        String nativeType,
        boolean notNull,
        @Nullable String defaultExpression,
        @Nullable String generated,
        Identity identity,
        @Nullable String collation) {

    /** The form in which the column's values travel. */
    public LogicalType type() {
        return dataType.logicalType();
    }

    /** Who numbers a column's new rows. */
    public enum Identity {
        NONE,
        BY_DEFAULT,
        ALWAYS
    }

    /** Whether changes and copies carry the column. */
    public boolean isReplicated() {
        return generated == null;
    }
}
