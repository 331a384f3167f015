package io.sluice.testkit.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables that the workload writes. */
public final class LoadSchema {
    /** As {@code schema.table}, without quotes, referenced ones first. */
    public static final List<String> TABLES =
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

    private LoadSchema() {}

    /** Makes the tables in an empty database, and the few rows that they begin with. */
    public static void create(Connection connection) throws SQLException {
        try (InputStream script = LoadSchema.class.getResourceAsStream("schema.sql");
                Statement statement = connection.createStatement()) {
            if (script == null) {
                throw new IllegalStateException("schema.sql is not beside its class");
            }
            statement.execute(new String(script.readAllBytes(), StandardCharsets.UTF_8));
            statement.execute(TypeSteps.table());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read schema.sql", e);
        }
    }
}
