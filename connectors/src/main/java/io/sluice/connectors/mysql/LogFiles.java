package io.sluice.connectors.mysql;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.connectors.mysql.BinaryLog.LogFile;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What the files of a server say of a checkpoint that was made from them, beside the sets of GTIDs.
 *
 * <p>A server that lost the end of its history gives the same GTIDs out once more: after a crash
 * with {@code sync_binlog} other than 1, after a reset, or when it was put back to an earlier copy
 * of its data. Once it has committed as many as it lost, the sets are as if nothing had happened.
 * Its files are not: it begins a new one at each start, and each says what was in the log before
 * it. So a transaction that the target has, and that stands in the log behind the checkpoint's
 * file, is another one of the same name.
 */
final class LogFiles {

    /** Offsets in events have 32 bits and begin again at 0 in a file that is larger. */
    private static final long TOLD_APART = 1L << 32;

    private final Connection connection;
    private final GtidSet applied;
    private final GtidSet purged;

    /**
     * @param applied what the target has
     * @param purged what the server no longer has in its log
     */
    LogFiles(Connection connection, GtidSet applied, GtidSet purged) {
        this.connection = connection;
        this.applied = applied;
        this.purged = purged;
    }

    /**
     * Why the log cannot be the one that the checkpoint was made from; empty where nothing says so.
     *
     * @param executed what was committed at the server; all that is applied is among it
     */
    Optional<String> contradiction(BinlogPosition from, GtidSet executed) throws SQLException {
        List<LogFile> files =
                BinaryLog.files(connection).stream()
                        .filter(file -> base(file.name()).equals(base(from.file())))
                        .toList();
        int at = files.stream().map(LogFile::name).toList().indexOf(from.file());
        boolean beginsBehind = at >= 0 && before(files.get(at)).containsAll(applied);
        int next = beginsBehind ? at : at + 1;
        if (next < files.size()) {
            GtidSet later = executed.minus(before(files.get(next)));
            GtidSet repeated = later.minus(later.minus(applied));
            if (!repeated.isEmpty()) {
                return Optional.of(anew(repeated, files.get(next).name()));
            }
        }
        return at < 0 || beginsBehind
                ? Optional.empty()
                : inFile(files.get(at), from.offset(), next == files.size());
    }

    private Optional<String> inFile(LogFile file, long offset, boolean isLast) throws SQLException {
        if (file.size() < offset) {
            // A file that others follow may have lost what the tables still have; the sets say so.
            return isLast
                    ? Optional.of(
                            "the source's log ends before the checkpoint: the server was reset or"
                                    + " restored from a backup")
                    : Optional.empty();
        }
        if (file.size() == offset || file.size() >= TOLD_APART) {
            return Optional.empty();
        }
        if (!BinaryLog.isBoundary(connection, file.name(), offset)) {
            return Optional.of(
                    "no transaction ends there: the log was begun anew under the same file names");
        }
        return BinaryLog.gtidAt(connection, file.name(), offset)
                .filter(applied::containsAll)
                .map(gtid -> anew(gtid, file.name()));
    }

    /** What is covered by everything before the file, whether it is in the log still or not. */
    private GtidSet before(LogFile file) throws SQLException {
        return BinaryLog.before(connection, file).orElse(GtidSet.EMPTY).plus(purged);
    }

    private static String anew(GtidSet gtids, String file) {
        return ("the server gave GTIDs out once more that are on the target already, %s in %s: it"
                        + " lost its last transactions in a crash, was reset, or restored from a"
                        + " backup")
                .formatted(MySqlLog.shortened(gtids.text()), file);
    }

    private static String base(String file) {
        return file.substring(0, file.lastIndexOf('.') + 1);
    }
}
