package io.sluice.testkit.load;

import java.sql.SQLException;

/** One act of a transaction: a few statements that belong together. */
@FunctionalInterface
interface Step {
    /** Returns how many rows it wrote, as the server counted them. */
    long run(Session session) throws SQLException;
}
