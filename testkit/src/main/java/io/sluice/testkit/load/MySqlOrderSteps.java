package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that refer to each other, with a composite key, on MySQL. */
final class MySqlOrderSteps {
    private MySqlOrderSteps() {}

    static long place(Session session) throws SQLException {
        RandomValues values = session.values();
        long rows = 0;
        for (int orders = values.between(1, 3); orders > 0; orders--) {
            rows +=
                    session.update(
                            "INSERT INTO orders (status, total) VALUES ('new', ?)",
                            values.decimal(4, 2));
            long order = session.numbers("SELECT last_insert_id()").getFirst();
            List<@Nullable Object[]> lines = new ArrayList<>();
            for (int line = values.between(1, 6); line > 0; line--) {
                lines.add(new Object[] {order, line, values.word(), values.between(1, 9)});
            }
            rows += session.batch("INSERT INTO order_line VALUES (?, ?, ?, ?)", lines);
        }
        return rows;
    }

    static long progress(Session session) throws SQLException {
        long rows = 0;
        for (long order : session.pick("orders", session.values().between(1, 10))) {
            rows +=
                    session.update(
                            "UPDATE orders SET status = ? WHERE id = ?",
                            session.values().oneOf("paid", "sent", "back"),
                            order);
            rows +=
                    session.update(
                            "UPDATE order_line SET quantity = quantity + 1"
                                    + " WHERE order_id = ? AND line % 2 = 0",
                            order);
        }
        return rows;
    }

    /** All lines of an order move up by one: each takes the key that the next one had. */
    static long renumber(Session session) throws SQLException {
        long rows = 0;
        for (long order : session.pick("orders", 2)) {
            rows +=
                    session.update(
                            "UPDATE order_line SET line = line + 1 WHERE order_id = ?"
                                    + " ORDER BY line DESC",
                            order);
        }
        return rows;
    }

    static long cancel(Session session) throws SQLException {
        long rows = 0;
        for (long order : session.pick("orders", session.values().between(1, 6))) {
            rows += session.update("DELETE FROM order_line WHERE order_id = ?", order);
            rows += session.update("DELETE FROM orders WHERE id = ?", order);
        }
        return rows;
    }
}
