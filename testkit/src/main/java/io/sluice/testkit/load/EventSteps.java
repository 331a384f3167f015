package io.sluice.testkit.load;

import java.sql.SQLException;

/** A table without a key, where only whole rows tell which is meant, and equal ones are many. */
final class EventSteps {
    /** One physical row of those that sort alike; which of equal ones is no matter. */
    private static final String ONE =
            "ctid = (SELECT ctid FROM event WHERE kind >= ? ORDER BY kind, amount, payload"
                    + " LIMIT 1 FOR UPDATE SKIP LOCKED)";

    private EventSteps() {}

    static long insert(Session session) throws SQLException {
        RandomValues values = session.values();
        String sql = "INSERT INTO event VALUES (?, ?, ?)";
        long rows = 0;
        for (int i = values.between(1, 4); i > 0; i--) {
            String kind = kind(values);
            Integer amount = values.chance(0.2) ? null : values.below(5);
            String payload = values.chance(0.5) ? null : values.word();
            for (int copy = values.between(1, 3); copy > 0; copy--) {
                rows += session.update(sql, kind, amount, payload);
            }
        }
        return rows;
    }

    static long copy(Session session) throws SQLException {
        StringBuilder rows = new StringBuilder();
        for (int i = session.values().between(10, 60); i > 0; i--) {
            rows.append(kind(session.values())).append('\t');
            rows.append(session.values().below(3)).append("\t\\N\n");
        }
        return session.copy("COPY event FROM STDIN", rows.toString());
    }

    static long updateOne(Session session) throws SQLException {
        return session.update(
                "UPDATE event SET amount = coalesce(amount, 0) + 1 WHERE " + ONE,
                kind(session.values()));
    }

    static long deleteOne(Session session) throws SQLException {
        return session.update("DELETE FROM event WHERE " + ONE, kind(session.values()));
    }

    static long deleteMany(Session session) throws SQLException {
        return session.update(
                "DELETE FROM event WHERE ctid = ANY (ARRAY(SELECT ctid FROM event WHERE kind = ?"
                        + " ORDER BY amount, payload LIMIT 40 FOR UPDATE SKIP LOCKED))",
                kind(session.values()));
    }

    private static String kind(RandomValues values) {
        return "kind " + values.below(20);
    }
}
