package io.sluice.testkit.load;

import java.sql.SQLException;

/** Values so large that they are stored out of line, and updates that do not touch them. */
final class DocumentSteps {
    private static final int FIRST_OUT_OF_LINE = 8_200;

    private DocumentSteps() {}

    static long write(Session session) throws SQLException {
        RandomValues values = session.values();
        return session.update(
                "INSERT INTO document (title, body, attachment)"
                        + " VALUES (?, repeat(?, ?), decode(?, 'hex'))",
                values.word(),
                values.letters(41),
                between(values) / 41,
                values.chance(0.3) ? null : values.bytes(between(values)).substring(2));
    }

    /** Leaves the large values out of what the log holds. */
    static long touch(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("document", session.values().between(1, 6))) {
            rows +=
                    session.update(
                            "UPDATE document SET version = version + 1, title = ? WHERE id = ?",
                            session.values().word(),
                            id);
        }
        return rows;
    }

    static long moveKey(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("document", 1)) {
            rows +=
                    session.update(
                            "UPDATE document SET id = nextval(pg_get_serial_sequence('document',"
                                    + " 'id')) WHERE id = ?",
                            id);
        }
        return rows;
    }

    /** One large value changes, the other stays; sometimes it becomes small or null. */
    static long rewrite(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("document", session.values().between(1, 2))) {
            String body =
                    switch (session.values().below(4)) {
                        case 0 -> null;
                        case 1 -> session.values().text();
                        default ->
                                session.values().letters(97).repeat(between(session.values()) / 97);
                    };
            rows += session.update("UPDATE document SET body = ? WHERE id = ?", body, id);
            rows += session.update("UPDATE document SET version = version + 1 WHERE id = ?", id);
        }
        return rows;
    }

    static long delete(Session session) throws SQLException {
        long rows = 0;
        for (long id : session.pick("document", session.values().between(1, 2))) {
            rows += session.update("DELETE FROM document WHERE id = ?", id);
        }
        return rows;
    }

    private static int between(RandomValues values) {
        return values.between(FIRST_OUT_OF_LINE, 3 * FIRST_OUT_OF_LINE);
    }
}
