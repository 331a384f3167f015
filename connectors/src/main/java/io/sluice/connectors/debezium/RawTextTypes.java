package io.sluice.connectors.debezium;

import io.debezium.connector.postgresql.PostgresType;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.PostgresConnection;

/**
 * Makes Debezium's decoder leave values as the server wrote them.
 *
 * <p>The decoder asks for a type twice. By object identifier, when the log announces a table: there
 * it gets the true one, which ends up in the column's schema. By name, for each value, to choose
 * how to parse it: there the answer is always {@code text}. (Names would not do in any case: a
 * table's own schema may hold a type called like a built-in one.)
 */
final class RawTextTypes extends TypeRegistry {

    private static final int TEXT = 25;

    private final PostgresType text;

    RawTextTypes(PostgresConnection connection) {
        super(connection);
        text = get(TEXT);
    }

    @Override
    public PostgresType get(String schemaName, String typeName) {
        return text;
    }
}
