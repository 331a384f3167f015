package io.sluice.testkit.load;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs one random transaction: a few steps, some of them undone to a savepoint, and now and then
 * the whole of it rolled back.
 */
public final class LoadTransaction {
    private static final double TRUNCATES = 0.03;
    private static final double SAVEPOINT = 0.15;
    private static final double ROLLBACK = 0.05;
    private static final int MOST_STEPS = 6;

    private final Session session;
    private final LoadEngine engine;
    private final Set<String> kinds = new TreeSet<>();

    /** What a transaction did; {@code rows} is 0 when it was rolled back. */
    public record Result(boolean committed, long rows, Set<String> steps) {}

    private LoadTransaction(Session session, LoadEngine engine) {
        this.session = session;
        this.engine = engine;
    }

    /** Leaves the connection without a transaction, unless it fails: then the caller rolls back. */
    public static Result run(Connection connection, RandomValues values, LoadEngine engine)
            throws SQLException {
        return new LoadTransaction(new Session(connection, values), engine).run();
    }

    private Result run() throws SQLException {
        RandomValues values = session.values();
        session.connection().setAutoCommit(false);
        long rows = 0;
        if (values.chance(TRUNCATES)) {
            rows += step(engine.pickTruncate(values));
        }
        for (int steps = values.between(1, MOST_STEPS); steps > 0; steps--) {
            rows += values.chance(SAVEPOINT) ? undone() : step(engine.pick(values));
        }
        if (values.chance(ROLLBACK)) {
            session.connection().rollback();
            kinds.add("ROLLBACK");
            return new Result(false, 0, kinds);
        }
        session.connection().commit();
        return new Result(true, rows, kinds);
    }

    private long step(StepChoice kind) throws SQLException {
        kinds.add(kind.name());
        return kind.step().run(session);
    }

    /** Steps inside a savepoint; mostly rolled back to it, else kept as a subtransaction. */
    private long undone() throws SQLException {
        Savepoint savepoint = session.connection().setSavepoint();
        long rows = 0;
        for (int steps = session.values().between(1, 3); steps > 0; steps--) {
            rows += step(engine.pick(session.values()));
        }
        if (session.values().chance(0.7)) {
            kinds.add("SAVEPOINT_ROLLBACK");
            session.connection().rollback(savepoint);
            return 0;
        }
        kinds.add("SAVEPOINT_RELEASE");
        session.connection().releaseSavepoint(savepoint);
        return rows;
    }
}
