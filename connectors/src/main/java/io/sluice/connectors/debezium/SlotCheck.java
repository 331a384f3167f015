package io.sluice.connectors.debezium;

import io.sluice.change.Lsn;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Whether a slot can still tell everything from a position on. */
final class SlotCheck {

    private static final String SLOT =
            """
            SELECT active_pid, confirmed_flush_lsn::text, wal_status,
            CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_current_wal_flush_lsn()::text END
            FROM pg_catalog.pg_replication_slots
            WHERE slot_name = ? AND database = pg_catalog.current_database() AND plugin = 'pgoutput'""";

    private SlotCheck() {}

    /** That no server process reads from the slot. */
    static final int NOBODY = 0;

    /**
     * Looks at the slot. Once this source's own stream is open, nobody can drop or move the slot
     * any more; looking again then finds what happened in between, such as a slot made anew under
     * the same name.
     *
     * @return the server process that reads from the slot, or {@link #NOBODY}
     * @throws LogGapException if the slot is gone, was invalidated, or is past {@code from}, or if
     *     the log does not reach {@code from} at all
     */
    static int reader(Connection connection, PostgresCaptureSettings settings, Lsn from)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SLOT)) {
            statement.setString(1, settings.slot());
            try (ResultSet slot = statement.executeQuery()) {
                if (!slot.next()) {
                    throw gap(settings, from, "unknown", "does not exist any more");
                }
                if ("lost".equals(slot.getString(3))) {
                    throw gap(settings, from, "unknown", "was invalidated by the server");
                }
                String confirmed = slot.getString(2);
                if (confirmed == null) {
                    throw gap(settings, from, "unknown", "has no position");
                }
                if (Lsn.parse(confirmed).compareTo(from) > 0) {
                    throw gap(settings, from, confirmed, "stands at " + confirmed);
                }
                String end = slot.getString(4);
                if (end != null && Lsn.parse(end).compareTo(from) < 0) {
                    throw new LogGapException(
                            ("%s: the source's log ends at %s, before the checkpoint %s: the source has"
                                            + " lost what it had committed, or is another one. Copy the"
                                            + " tables again")
                                    .formatted(settings.pipeline(), end, from),
                            from.text(),
                            end);
                }
                return slot.getInt(1);
            }
        }
    }

    static ConnectorException taken(PostgresCaptureSettings settings, int reader) {
        return new ConnectorException(
                ErrorClass.RETRY,
                ("%s: slot %s is read by the server process %d. If that is an earlier connection of this"
                                + " pipeline, the server will notice its end soon; otherwise stop the other"
                                + " reader")
                        .formatted(settings.pipeline(), settings.slot(), reader));
    }

    private static LogGapException gap(
            PostgresCaptureSettings settings, Lsn from, String to, String what) {
        return new LogGapException(
                "%s: slot %s %s, but the checkpoint is %s: what was committed in between cannot be read. Copy the tables again"
                        .formatted(settings.pipeline(), settings.slot(), what, from),
                from.text(),
                to);
    }
}
