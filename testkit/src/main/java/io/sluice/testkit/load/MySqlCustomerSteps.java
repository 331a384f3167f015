package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plain rows on MySQL: inserted in sets, updated alone and in batches, moved and deleted. */
final class MySqlCustomerSteps {
    private static final String COLUMNS = "(email, name, balance, profile, created_at)";

    private MySqlCustomerSteps() {}

    static long insertMany(Session session) throws SQLException {
        int count = session.values().between(1, 40);
        List<@Nullable Object> parameters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Collections.addAll(parameters, row(session.values()));
        }
        return session.update(
                "INSERT INTO customer "
                        + COLUMNS
                        + " VALUES "
                        + String.join(", ", Collections.nCopies(count, "(?, ?, ?, ?, ?)")),
                parameters.toArray());
    }

    static long updateOneByOne(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", session.values().between(1, 5))) {
            rows +=
                    session.values().chance(0.5)
                            ? session.update(
                                    "UPDATE customer SET name = ? WHERE id = ?",
                                    session.values().chance(0.2) ? null : session.values().text(),
                                    id)
                            : session.update(
                                    "UPDATE customer SET balance = balance + ? WHERE id = ?",
                                    session.values().between(-50, 50),
                                    id);
        }
        return rows;
    }

    static long updateInBatch(Session session) throws SQLException {
        List<@Nullable Object[]> parameters = new ArrayList<>();
        for (long id : session.pick("customer", session.values().between(5, 40))) {
            parameters.add(new Object[] {session.values().json(), id});
        }
        return session.batch("UPDATE customer SET profile = ? WHERE id = ?", parameters);
    }

    static long delete(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", session.values().between(1, 30))) {
            rows += session.update("DELETE FROM customer WHERE id = ?", id);
        }
        return rows;
    }

    /** Gone and here again under the same key, in one transaction. */
    static long deleteAndInsertAgain(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", 2)) {
            rows += session.update("DELETE FROM customer WHERE id = ?", id);
            List<@Nullable Object> parameters = new ArrayList<>(List.of(id));
            Collections.addAll(parameters, row(session.values()));
            rows +=
                    session.update(
                            "INSERT INTO customer (id, email, name, balance, profile, created_at)"
                                    + " VALUES (?, ?, ?, ?, ?, ?)",
                            parameters.toArray());
        }
        return rows;
    }

    /** Below all others, so that the server's own numbers never meet them. */
    static long moveKey(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", session.values().between(1, 3))) {
            rows +=
                    session.update(
                            "UPDATE customer SET id = ? WHERE id = ?",
                            -session.values().between(1, Integer.MAX_VALUE - 1),
                            id);
        }
        return rows;
    }

    private static @Nullable Object[] row(RandomValues values) {
        return new @Nullable Object[] {
            values.uuid() + "@example.org",
            values.chance(0.1) ? null : values.text(),
            values.decimal(6, 2),
            values.chance(0.2) ? null : values.json(),
            MySqlTypeSteps.moment(values)
        };
    }
}
