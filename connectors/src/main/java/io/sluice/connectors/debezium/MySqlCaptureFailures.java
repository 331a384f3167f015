package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.network.ServerException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.LogGapException;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What ended the reading of a binary log, in the terms of the pipeline. */
final class MySqlCaptureFailures {

    private static final int READING_FAILED = 1236;
    private static final Set<Integer> NOT_ALLOWED = Set.of(1044, 1045, 1142, 1227, 1698);

    /** The server's words for a log that does not reach back, or not as far as the checkpoint. */
    private static final Pattern GAP =
            Pattern.compile(
                    "purged|could not find first log|could not find next log|could not open log"
                            + "|impossible position|> file size|more gtids than"
                            + "|bogus data|not the start of an event|unknown error reading log");

    private static final Pattern REPLACED =
            Pattern.compile("same server_uuid/server_id|same server");

    private MySqlCaptureFailures() {}

    /** The log's client has errors of the server that are no {@link SQLException}. */
    static ConnectorException of(MySqlCaptureSession session, @Nullable Throwable error) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable cause = error; cause != null && seen.add(cause); cause = cause.getCause()) {
            if (cause instanceof ConnectorException known) {
                return known;
            }
            if (cause instanceof ServerException told) {
                return ofServer(session, told, error);
            }
            if (cause instanceof SQLException told && NOT_ALLOWED.contains(told.getErrorCode())) {
                return notAllowed(session, told.getMessage(), error);
            }
        }
        MySqlCaptureSettings settings = session.settings;
        return CaptureFailures.of(settings.pipeline(), step(settings), settings.errors(), error);
    }

    private static ConnectorException ofServer(
            MySqlCaptureSession session, ServerException told, @Nullable Throwable error) {
        MySqlCaptureSettings settings = session.settings;
        String message = String.valueOf(told.getMessage());
        if (NOT_ALLOWED.contains(told.getErrorCode())) {
            return notAllowed(session, message, error);
        }
        if (told.getErrorCode() != READING_FAILED) {
            SQLException sql = new SQLException(message, told.getSqlState(), told.getErrorCode());
            sql.initCause(error);
            return CaptureFailures.of(settings.pipeline(), step(settings), settings.errors(), sql);
        }
        String words = message.toLowerCase(Locale.ROOT);
        if (GAP.matcher(words).find()) {
            return new LogGapException(
                    "%1$s: the binary log does not continue at %2$s: %3$s. Copy again: sluice recopy -c FILE '%1$s'"
                            .formatted(settings.pipeline(), session.from, message),
                    session.from.text(),
                    "unknown");
        }
        return new ConnectorException(
                REPLACED.matcher(words).find() ? ErrorClass.RETRY : ErrorClass.FATAL,
                "%s: %s failed: %s".formatted(settings.pipeline(), step(settings), message),
                error);
    }

    private static ConnectorException notAllowed(
            MySqlCaptureSession session, @Nullable String message, @Nullable Throwable error) {
        MySqlCaptureSettings settings = session.settings;
        return new ConnectorException(
                ErrorClass.FATAL,
                ("%s: %s was refused: %s. Check the password, and GRANT REPLICATION SLAVE,"
                                + " REPLICATION CLIENT ON *.* TO the user %s")
                        .formatted(
                                settings.pipeline(), step(settings), message, settings.username()),
                error);
    }

    private static String step(MySqlCaptureSettings settings) {
        return "reading the binary log of %s:%d".formatted(settings.host(), settings.port());
    }
}
