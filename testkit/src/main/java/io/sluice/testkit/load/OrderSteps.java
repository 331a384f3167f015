package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that refer to each other, with a composite key. */
final class OrderSteps {
    private OrderSteps() {}

    static long place(Session session) throws SQLException {
        RandomValues values = session.values();
        long rows = 0;
        List<Long> customers =
                session.numbers(
                        "SELECT id FROM customer WHERE id >= (SELECT min(id) + (max(id) - min(id))"
                                + " * ?::float8 FROM customer)"
                                + " ORDER BY id LIMIT 3 FOR KEY SHARE SKIP LOCKED",
                        values.fraction());
        for (long customer : customers) {
            long order =
                    session.numbers(
                                    "INSERT INTO orders (customer_id, status, total)"
                                            + " VALUES (?, 'new', ?::numeric) RETURNING id",
                                    customer,
                                    values.decimal(4, 2))
                            .getFirst();
            List<@Nullable Object[]> lines = new ArrayList<>();
            for (int line = values.between(1, 6); line > 0; line--) {
                lines.add(new Object[] {order, line, values.word(), values.between(1, 9)});
            }
            rows += 1 + session.batch("INSERT INTO order_line VALUES (?, ?, ?, ?)", lines);
        }
        return rows;
    }

    static long progress(Session session) throws SQLException {
        List<Long> orders = session.pick("orders", session.values().between(1, 10));
        long rows = 0;
        for (long order : orders) {
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
            List<@Nullable Object[]> moves = new ArrayList<>();
            for (long line :
                    session.numbers(
                            "SELECT line FROM order_line WHERE order_id = ? ORDER BY line DESC",
                            order)) {
                moves.add(new Object[] {order, line});
            }
            rows +=
                    session.batch(
                            "UPDATE order_line SET line = line + 1 WHERE order_id = ? AND line = ?",
                            moves);
        }
        return rows;
    }

    static long cancel(Session session) throws SQLException {
        long rows = 0;
        for (long order : session.pick("orders", session.values().between(1, 6))) {
            rows += session.update("DELETE FROM orders WHERE id = ?", order);
        }
        return rows;
    }
}
