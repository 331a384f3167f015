package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plain rows: inserted in sets and by COPY, updated alone and in batches, deleted. */
final class CustomerSteps {
    private static final String ROW = "(?, ?, ?::numeric, ?::text[], ?::jsonb, ?::timestamptz)";
    private static final String COLUMNS = "(email, name, balance, tags, profile, created_at)";

    private CustomerSteps() {}

    static long insertMany(Session session) throws SQLException {
        int count = session.values().between(1, 20);
        List<@Nullable Object> parameters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Collections.addAll(parameters, row(session.values()));
        }
        return session.update(
                "INSERT INTO customer "
                        + COLUMNS
                        + " VALUES "
                        + String.join(", ", Collections.nCopies(count, ROW)),
                parameters.toArray());
    }

    static long copy(Session session) throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (int i = session.values().between(20, 200); i > 0; i--) {
            @Nullable Object[] row = row(session.values());
            for (int column = 0; column < row.length; column++) {
                rows.append(column == 0 ? "" : "\t").append(copied(row[column]));
            }
            rows.append('\n');
        }
        return session.copy("COPY customer " + COLUMNS + " FROM STDIN", rows.toString());
    }

    static long updateOneByOne(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", session.values().between(1, 5))) {
            rows +=
                    switch (session.values().below(3)) {
                        case 0 ->
                                session.update(
                                        "UPDATE customer SET name = ? WHERE id = ?",
                                        session.values().chance(0.2)
                                                ? null
                                                : session.values().text(),
                                        id);
                        case 1 ->
                                session.update(
                                        "UPDATE customer SET balance = balance + ?, tags = NULL"
                                                + " WHERE id = ?",
                                        session.values().between(-50, 50),
                                        id);
                        // Nothing changes, and the row is written all the same.
                        default -> session.update("UPDATE customer SET id = id WHERE id = ?", id);
                    };
        }
        return rows;
    }

    static long updateInBatch(Session session) throws SQLException {
        List<@Nullable Object[]> parameters = new ArrayList<>();
        for (long id : session.pick("customer", session.values().between(5, 40))) {
            parameters.add(new Object[] {session.values().json(), id});
        }
        return session.batch("UPDATE customer SET profile = ?::jsonb WHERE id = ?", parameters);
    }

    /** The same row several times in one transaction. */
    static long updateAgainAndAgain(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", 2)) {
            for (int i = session.values().between(2, 6); i > 0; i--) {
                rows += session.update("UPDATE customer SET balance = ? WHERE id = ?", i, id);
            }
        }
        return rows;
    }

    static long delete(Session session) throws SQLException {
        List<Long> ids = session.pick("customer", session.values().between(1, 60));
        return session.update(
                "DELETE FROM customer WHERE id = ANY (?)", (Object) ids.toArray(Long[]::new));
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
                            "INSERT INTO customer (id, email, name, balance, tags, profile,"
                                    + " created_at) VALUES "
                                    + ROW.replace("(?, ?,", "(?, ?, ?,"),
                            parameters.toArray());
        }
        return rows;
    }

    private static @Nullable Object[] row(RandomValues values) {
        return new @Nullable Object[] {
            values.uuid() + "@example.org",
            values.chance(0.1) ? null : values.text(),
            values.decimal(6, 2),
            values.chance(0.2) ? null : values.array(values::word),
            values.chance(0.2) ? null : values.json(),
            values.moment()
        };
    }

    private static String copied(@Nullable Object value) {
        return value == null
                ? "\\N"
                : value.toString()
                        .replace("\\", "\\\\")
                        .replace("\t", "\\t")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r");
    }
}
