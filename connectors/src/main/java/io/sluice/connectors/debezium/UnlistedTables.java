package io.sluice.connectors.debezium;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose catalog lists no tables and knows no keys. The columns of one table are told
 * as ever.
 *
 * <p>Debezium begins by reading the columns and keys of every table of the database, with several
 * queries for each, and gives up over any table that it does not like, replicated or not. It needs
 * none of that: the log announces each table before its first change.
 *
 * <p>Where Debezium knows a key, it writes a change of it as a delete and an insert, and renders
 * the key of each row for its metrics, which is a fifth of the work of reading. It takes the key
 * from the catalog of now, which is not that of the change, and does not ask for the replica
 * identity, which is what counts.
 */
final class UnlistedTables {

    private static final String[] NO_KIND_OF_TABLE = {"none"};

    /** Longer than names can be. */
    private static final String NAME_OF_NO_TABLE = "-".repeat(300);

    private UnlistedTables() {}

    static Connection of(Connection connection) {
        return proxy(
                Connection.class,
                (self, method, arguments) -> {
                    Object result = call(connection, method, arguments);
                    return result instanceof DatabaseMetaData metaData ? of(metaData) : result;
                });
    }

    private static DatabaseMetaData of(DatabaseMetaData metaData) {
        return proxy(
                DatabaseMetaData.class,
                (self, method, arguments) ->
                        switch (method.getName()) {
                            case "getTables" ->
                                    metaData.getTables(null, null, null, NO_KIND_OF_TABLE);
                            case "getPrimaryKeys" ->
                                    metaData.getPrimaryKeys(null, null, NAME_OF_NO_TABLE);
                            case "getIndexInfo" ->
                                    metaData.getIndexInfo(null, null, NAME_OF_NO_TABLE, true, true);
                            case "getColumns" ->
                                    call(metaData, method, ofOneTable(arguments.clone()));
                            default -> call(metaData, method, arguments);
                        });
    }

    private static @Nullable Object[] ofOneTable(@Nullable Object[] catalogSchemaTableColumn) {
        if (catalogSchemaTableColumn[2] == null) {
            catalogSchemaTableColumn[2] = NAME_OF_NO_TABLE;
        }
        return catalogSchemaTableColumn;
    }

    private static @Nullable Object call(Object on, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(
                        UnlistedTables.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
