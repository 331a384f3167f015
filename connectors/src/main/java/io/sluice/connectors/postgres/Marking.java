package io.sluice.connectors.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions of a target mark what they apply: none, or, where the database is one of several
 * sites, all. The first one of a pipeline that is open has the pipeline's origin. Thread-safe.
 */
final class Marking {

    private final boolean site;
    private final Set<String> origins = ConcurrentHashMap.newKeySet();

    private Marking(boolean site) {
        this.site = site;
    }

    static Marking none() {
        return new Marking(false);
    }

    static Marking ofSite() {
        return new Marking(true);
    }

    boolean isOfSite() {
        return site;
    }

    /** The mark of a new session; null for none. */
    @Nullable SessionMark begin(Connection connection, String pipeline) throws SQLException {
        if (!site) {
            return null;
        }
        if (!origins.add(pipeline)) {
            return SessionMark.byMessage(connection, pipeline);
        }
        try {
            SessionMark mark = SessionMark.byOrigin(connection, pipeline);
            if (!mark.hasOrigin()) {
                origins.remove(pipeline);
            }
            return mark;
        } catch (SQLException e) {
            origins.remove(pipeline);
            throw e;
        }
    }

    /** A session has ended. */
    void end(@Nullable SessionMark mark) {
        if (mark != null && mark.hasOrigin()) {
            origins.remove(mark.pipeline());
        }
    }
}
