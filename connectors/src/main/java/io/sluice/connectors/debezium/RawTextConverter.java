package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.UnchangedToastedReplicationMessageColumn;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Gives every column of every table an optional string schema and hands the server's text through.
 * Instantiated by Debezium, by name.
 *
 * <p>All schemas being optional, Debezium has no reason to make up a zero or an empty string for a
 * NOT NULL column that an identity-only image leaves out; having no default, none to put a default
 * in the place of NULL.
 */
public final class RawTextConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    /**
     * Stands for an unchanged value that the server did not send. Compared by identity, which
     * survives because records are not serialised: a column may well hold the same text.
     */
    @SuppressWarnings("StringOperationCanBeSimplified")
    static final String NOT_SENT = new String("not sent");

    /** The schema's parameter that holds the object identifier of the column's (base) type. */
    static final String TYPE = "oid";

    @Override
    public void configure(Properties properties) {}

    @Override
    public void converterFor(
            RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        Object byDefault = column.defaultValue();
        registration.register(
                SchemaBuilder.string()
                        .optional()
                        .parameter(TYPE, Integer.toString(column.nativeType())),
                value -> convert(column, byDefault, value));
    }

    private static @Nullable Object convert(
            RelationalColumn column, @Nullable Object byDefault, @Nullable Object value) {
        // The first call for a column asks for the form of its default, by the very object that
        // was offered: it gets none.
        if (value == null || value == byDefault) {
            return null;
        }
        if (UnchangedToastedReplicationMessageColumn.isUnchangedToastedValue(value)) {
            return NOT_SENT;
        }
        if (value instanceof String text) {
            return text;
        }
        throw new IllegalStateException(
                "%s.%s arrived as %s and not as the server's text"
                        .formatted(
                                column.dataCollection(),
                                column.name(),
                                value.getClass().getSimpleName()));
    }
}
