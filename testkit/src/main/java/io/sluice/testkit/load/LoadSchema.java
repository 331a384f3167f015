package io.sluice.testkit.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables that the workload writes. */
final class LoadSchema {
    static final List<String> POSTGRES =
            List.of(
                    "public.customer",
                    "public.orders",
                    "public.order_line",
                    "public.document",
                    "public.event",
                    "public.seat",
                    "public.batch",
                    "public.batch_item",
                    "public.scratch",
                    "public.every_type",
                    "Odd Schema.Mixed \"Case\" ü");

    static final List<String> MYSQL =
            List.of(
                    "customer",
                    "orders",
                    "order_line",
                    "document",
                    "event",
                    "seat",
                    "scratch",
                    "every_type",
                    "Mixed \"Case\" ü");

    private LoadSchema() {}

    static void createOnPostgres(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(script("schema.sql"));
            statement.execute(TypeSteps.table());
        }
    }

    /** The driver takes one statement at a time. */
    static void createOnMySql(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : script("mysql-schema.sql").split(";\n")) {
                if (!each.isBlank()) {
                    statement.execute(each);
                }
            }
            statement.execute(MySqlTypeSteps.table());
        }
    }

    private static String script(String name) {
        try (InputStream script = LoadSchema.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IllegalStateException(name + " is not beside its class");
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name, e);
        }
    }
}
