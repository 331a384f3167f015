package io.sluice.testkit.load;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Odd names, values that pass from row to row, rows without a key and large ones, on MySQL. */
final class MySqlKeySteps {
    private static final String MIXED = "`Mixed \"Case\" ü`";
    private static final int LARGE = 8_200;

    private MySqlKeySteps() {}

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
        List<@Nullable String> held = new ArrayList<>();
        long rows = 0;
        for (long seat : seats) {
            held.add(text(session, column, seat));
            rows +=
                    session.execute(
                            "UPDATE seat SET " + column + " = " + away + " WHERE id = " + seat);
        }
        Collections.rotate(held, 1);
        for (int i = 0; i < seats.size(); i++) {
            rows +=
                    session.update(
                            "UPDATE seat SET "
                                    + column
                                    + " = ?, changed = changed + 1 WHERE id = ?",
                            held.get(i),
                            seats.get(i));
        }
        return rows;
    }

    private static @Nullable String text(Session session, String column, long seat)
            throws SQLException {
        try (var statement = session.connection().createStatement();
                var result =
                        statement.executeQuery(
                                "SELECT " + column + " FROM seat WHERE id = " + seat)) {
            result.next();
            return result.getString(1);
        }
    }

    static long addMixedCase(Session session) throws SQLException {
        long rows = 0;
        for (int i = session.values().between(1, 4); i > 0; i--) {
            rows +=
                    session.update(
                            "INSERT INTO "
                                    + MIXED
                                    + " VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE `a;drop'--` = ?",
                            session.values().word(),
                            session.values().below(50),
                            session.values().text(),
                            session.values().word());
        }
        return rows;
    }

    static long moveMixedCase(Session session) throws SQLException {
        return session.update(
                "UPDATE "
                        + MIXED
                        + " SET `select` = `select` + 100000, `a;drop'--` = ? WHERE `select` = ?",
                session.values().word(),
                session.values().below(50));
    }

    static long removeMixedCase(Session session) throws SQLException {
        return session.update(
                "DELETE FROM " + MIXED + " WHERE `select` % 50 = ?", session.values().below(50));
    }

    static long writeDocument(Session session) throws SQLException {
        RandomValues values = session.values();
        String bytes = values.bytes(values.between(LARGE, 3 * LARGE)).substring(2);
        return session.update(
                "INSERT INTO document (title, body, attachment) VALUES (?, repeat(?, ?), ?)",
                values.word(),
                values.letters(41),
                values.between(LARGE, 3 * LARGE) / 41,
                values.chance(0.3) ? null : HexFormat.of().parseHex(bytes));
    }

    /** The first of those that sort alike; which of equal ones is no matter. */
    static long updateEvent(Session session) throws SQLException {
        return session.update(
                "UPDATE event SET amount = coalesce(amount, 0) + 1 WHERE kind >= ?"
                        + " ORDER BY kind, amount, payload LIMIT 1",
                kind(session.values()));
    }

    static long deleteEvent(Session session) throws SQLException {
        return session.update(
                "DELETE FROM event WHERE kind >= ? ORDER BY kind, amount, payload LIMIT ?",
                kind(session.values()),
                session.values().between(1, 4));
    }

    private static String kind(RandomValues values) {
        return "kind " + values.below(20);
    }

    static long scribble(Session session) throws SQLException {
        long rows = 0;
        for (int i = session.values().between(5, 20); i > 0; i--) {
            rows +=
                    session.update(
                            "REPLACE INTO scratch VALUES (?, ?)",
                            session.values().below(40),
                            session.values().word());
        }
        return rows;
    }

    static long truncate(Session session) throws SQLException {
        session.execute("TRUNCATE TABLE scratch");
        return session.values().chance(0.7) ? scribble(session) : 0;
    }
}
