package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.List;

/** Changes of keys, primary and secondary, and values that pass from row to row. */
final class KeySteps {
    private static final String MIXED = "\"Odd Schema\".\"Mixed \"\"Case\"\" ü\"";

    private KeySteps() {}

    /** Runs on into orders, by their foreign key. */
    static long moveCustomers(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("customer", session.values().between(1, 3))) {
            rows +=
                    session.update(
                            "UPDATE customer SET id = nextval(pg_get_serial_sequence('customer',"
                                    + " 'id')) WHERE id = ?",
                            id);
        }
        return rows;
    }

    /** Two rows with values out of line exchange their keys by way of a third one. */
    static long swapDocuments(Session session) throws SQLException {
        List<Long> ids = session.pick("document", 2);
        if (ids.size() < 2) {
            return 0;
        }
        String sql = "UPDATE document SET id = ? WHERE id = ?";
        long first = ids.get(0);
        long second = ids.get(1);
        return session.update(sql, -1 - first, first)
                + session.update(sql, first, second)
                + session.update(sql, second, -1 - first);
    }

    /** The holders of some seats each move on by one, by way of nobody. */
    static long rotateHolders(Session session) throws SQLException {
        return rotate(session, "holder", "NULL");
    }

    /** As {@link #rotateHolders}, for a column that is never null. */
    static long rotatePlaces(Session session) throws SQLException {
        return rotate(session, "place", "-place");
    }

    private static long rotate(Session session, String column, String away) throws SQLException {
        List<Long> picked = session.pick("seat", session.values().between(2, 5));
        if (picked.size() < 2) {
            return 0;
        }
        List<Long> seats = session.values().shuffled(picked);
        long last = seats.getLast();
        String saved = text(session, "SELECT " + column + "::text FROM seat WHERE id = " + last);
        long rows =
                session.execute("UPDATE seat SET " + column + " = " + away + " WHERE id = " + last);
        for (int i = seats.size() - 2; i >= 0; i--) {
            String value =
                    text(
                            session,
                            "SELECT " + column + "::text FROM seat WHERE id = " + seats.get(i));
            rows += session.execute(assign(column, away, seats.get(i)));
            rows += session.execute(assign(column, value, seats.get(i + 1)));
        }
        return rows + session.execute(assign(column, saved, seats.getFirst()));
    }

    private static String assign(String column, String value, long seat) {
        return "UPDATE seat SET "
                + column
                + " = "
                + value
                + ", changed = changed + 1 WHERE id = "
                + seat;
    }

    /** A value as a literal. */
    private static String text(Session session, String sql) throws SQLException {
        try (var statement = session.connection().createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            String value = result.getString(1);
            return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
        }
    }

    static long addMixedCase(Session session) throws SQLException {
        long rows = 0;
        for (int i = session.values().between(1, 4); i > 0; i--) {
            rows +=
                    session.update(
                            "INSERT INTO "
                                    + MIXED
                                    + " VALUES (?, ?, ?) ON CONFLICT (\"Key Part\", \"select\")"
                                    + " DO UPDATE SET \"a;drop'--\" = excluded.\"a;drop'--\"",
                            session.values().word(),
                            session.values().below(50),
                            session.values().text());
        }
        return rows;
    }

    static long moveMixedCase(Session session) throws SQLException {
        return session.update(
                "UPDATE "
                        + MIXED
                        + " SET \"select\" = \"select\" + 100000, \"a;drop'--\" = ?"
                        + " WHERE \"select\" = ?",
                session.values().word(),
                session.values().below(50));
    }

    static long removeMixedCase(Session session) throws SQLException {
        return session.update(
                "DELETE FROM " + MIXED + " WHERE \"select\" % 50 = ?", session.values().below(50));
    }
}
