package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a server's log still continues where a pipeline stopped. The server keeps its log by its
 * own rule, for nobody in particular, so there is nothing to make and nothing to drop.
 *
 * <p>With GTIDs the sets of transactions say it all, on whichever server of the topology answers:
 * what the target has must have been committed there (else the server lacks the end of the history
 * that the target has), and what that server no longer has in its log must be on the target. The
 * server that wrote the checkpoint's log is asked for its files too ({@link LogFiles}). Without
 * them only the one server that wrote the log can be asked, and only for a file and an offset.
 */
final class MySqlLog {

    private static final Logger LOG = LoggerFactory.getLogger(MySqlLog.class);

    private final MySqlConnections connections;
    private final String pipeline;
    private final String application;

    MySqlLog(MySqlConnections connections, String pipeline, String application) {
        this.connections = connections;
        this.pipeline = pipeline;
        this.application = application;
    }

    /** Makes sure that nothing is missing between the checkpoint and the log; says whose it is. */
    String resume(BinlogPosition from, String identity) {
        return connections.with(
                application,
                "checking the log for " + pipeline,
                connection -> {
                    BinlogPosition end = BinaryLog.end(connections.name(), connection);
                    String answering = MySqlSource.identity(connection);
                    if ((from.gtids() == null) != (end.gtids() == null)) {
                        throw gap(
                                from,
                                end.text(),
                                "the checkpoint was made with gtid_mode = %s, which is no longer so"
                                        .formatted(from.gtids() == null ? "OFF" : "ON"));
                    }
                    if (from.gtids() == null) {
                        requireFile(connection, from, end, identity, answering);
                    } else {
                        requireSets(connection, from, from.gtids(), identity.equals(answering));
                        tellFailover(identity, answering);
                    }
                    return answering;
                });
    }

    private void requireSets(
            Connection connection, BinlogPosition from, GtidSet applied, boolean sameServer)
            throws SQLException {
        GtidSet underWay = BinaryLog.underWay(connection); // asked first: none is in between
        GtidSet executed =
                Objects.requireNonNull(BinaryLog.end(connections.name(), connection).gtids());
        GtidSet lacking = applied.minus(executed);
        if (!lacking.isEmpty() && underWay.containsAll(lacking)) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    ("%s: transactions that the target has are in the log and not yet committed at the"
                                    + " source, which may wait for a replica: %s")
                            .formatted(connections.name(), shortened(lacking)));
        }
        if (!lacking.isEmpty()) {
            throw gap(
                    from,
                    "unknown",
                    ("the server does not have these transactions, which are on the target: %s. It"
                                    + " lost them in a crash, was reset, restored from a backup, failed"
                                    + " over to a server that lacked them, or is another one")
                            .formatted(shortened(lacking)));
        }
        GtidSet purged = BinaryLog.purged(connection);
        if (!applied.containsAll(purged)) {
            throw gap(
                    from,
                    shortened(purged),
                    "the server has removed these transactions from its log: %s"
                            .formatted(shortened(purged.minus(applied))));
        }
        if (sameServer) {
            Optional<String> contradiction =
                    new LogFiles(connection, applied, purged).contradiction(from, executed);
            if (contradiction.isPresent()) {
                throw gap(from, "unknown", contradiction.get());
            }
        }
    }

    private void tellFailover(String identity, String answering) {
        if (!identity.equals(answering)) {
            LOG.warn(
                    "{}: another server answers at the address ({}; before it was {}). Its GTIDs"
                            + " continue the checkpoint's, so {} goes on from there.",
                    connections.name(),
                    answering,
                    identity,
                    pipeline);
        }
    }

    private void requireFile(
            Connection connection,
            BinlogPosition from,
            BinlogPosition end,
            String identity,
            String answering)
            throws SQLException {
        if (!identity.equals(answering)) {
            throw gap(
                    from,
                    "unknown",
                    ("another server answers at the address (%s; the copy was made from %s), and"
                                    + " without GTIDs its log says nothing about the other's")
                            .formatted(answering, identity));
        }
        Optional<BinaryLog.LogFile> file =
                BinaryLog.files(connection).stream()
                        .filter(one -> one.name().equals(from.file()))
                        .findFirst();
        if (file.isEmpty()) {
            throw gap(
                    from,
                    end.text(),
                    "the server has no log file %s: it was removed, or the log was begun anew"
                            .formatted(from.file()));
        }
        long size = file.get().size();
        if (size < from.offset() || !end.covers(from)) {
            throw gap(
                    from,
                    end.text(),
                    "the source's log ends before the checkpoint: the server lost its last"
                            + " transactions in a crash, was reset, or restored from a backup");
        }
        if (size > from.offset() && !BinaryLog.isBoundary(connection, from.file(), from.offset())) {
            throw gap(
                    from,
                    end.text(),
                    "no transaction ends there: the log was begun anew under the same file names");
        }
    }

    private LogGapException gap(BinlogPosition from, String to, String why) {
        return new LogGapException(
                ("%s: %s. The changes after %s cannot be had from the log. Copy again:"
                                + " sluice recopy -c FILE '%s'")
                        .formatted(connections.name(), why, shortened(from.text()), pipeline),
                from.text(),
                to);
    }

    private static String shortened(GtidSet set) {
        return shortened(set.text());
    }

    static String shortened(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    /**
     * @throws ConnectorException FATAL if the checkpoint is one of another engine
     */
    static BinlogPosition position(MySqlConnections connections, SourcePosition position) {
        if (position instanceof BinlogPosition binlog) {
            return binlog;
        }
        throw new ConnectorException(
                ErrorClass.FATAL,
                "%s: the checkpoint %s is not a position in a MySQL log"
                        .formatted(connections.name(), position.text()));
    }
}
