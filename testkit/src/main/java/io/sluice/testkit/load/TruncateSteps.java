package io.sluice.testkit.load;

import java.sql.SQLException;

/** Tables that are emptied at once, alone and together. Each is locked while that goes on. */
final class TruncateSteps {
    private TruncateSteps() {}

    static long scribble(Session session) throws SQLException {
        return session.update(
                "INSERT INTO scratch SELECT n, ? FROM generate_series(?, ?) n"
                        + " ON CONFLICT (id) DO UPDATE SET note = excluded.note",
                session.values().word(),
                session.values().between(0, 20),
                session.values().between(10, 40));
    }

    static long one(Session session) throws SQLException {
        session.execute("TRUNCATE scratch");
        return session.values().chance(0.7) ? scribble(session) : 0;
    }

    static long fill(Session session) throws SQLException {
        int batch = session.values().below(50);
        long rows =
                session.update(
                        "INSERT INTO batch VALUES (?, ?) ON CONFLICT (id)"
                                + " DO UPDATE SET label = excluded.label",
                        batch,
                        session.values().word());
        return rows
                + session.update(
                        "INSERT INTO batch_item SELECT ?, n, ? FROM generate_series(1, ?) n"
                                + " ON CONFLICT (batch_id, item) DO NOTHING",
                        batch,
                        session.values().word(),
                        session.values().between(1, 10));
    }

    static long several(Session session) throws SQLException {
        session.execute(
                session.values()
                        .oneOf(
                                "TRUNCATE batch, batch_item",
                                "TRUNCATE batch CASCADE",
                                "TRUNCATE batch_item, batch, scratch"));
        return session.values().chance(0.7) ? fill(session) : 0;
    }
}
