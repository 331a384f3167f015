package io.sluice.connectors.debezium;

import io.debezium.DebeziumException;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/** What ended the reading of a log, in the terms of the pipeline. */
final class CaptureFailures {

    private CaptureFailures() {}

    /**
     * The failure as it is told to the receiver: what Debezium wrapped in its own exceptions,
     * classified. A {@link ConnectorException} is itself.
     */
    static ConnectorException of(PostgresCaptureSettings settings, @Nullable Throwable error) {
        return of(
                settings.pipeline(),
                "reading the log through slot " + settings.slot(),
                settings.errors(),
                error);
    }

    /**
     * @param step what failed, for the message
     * @param errors the class of the server's errors
     */
    static ConnectorException of(
            String pipeline,
            String step,
            Function<SQLException, ErrorClass> errors,
            @Nullable Throwable error) {
        if (error == null) {
            return new ConnectorException(
                    ErrorClass.FATAL,
                    pipeline + ": reading the log ended without an error; please report this");
        }
        Throwable innermost = error;
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable cause = error; cause != null && seen.add(cause); cause = cause.getCause()) {
            innermost = cause;
            if (cause instanceof ConnectorException known) {
                return known;
            }
            if (cause instanceof SQLException sql) {
                return failure(pipeline, step, classOf(errors, sql), sql, error);
            }
        }
        boolean connectionLost = innermost instanceof IOException;
        return failure(
                pipeline,
                step,
                connectionLost ? ErrorClass.RETRY : ErrorClass.FATAL,
                innermost,
                error);
    }

    private static ErrorClass classOf(Function<SQLException, ErrorClass> errors, SQLException sql) {
        // No row is at fault where rows are only read.
        return errors.apply(sql) == ErrorClass.RETRY ? ErrorClass.RETRY : ErrorClass.FATAL;
    }

    /** Others, such as those about data that do not fit, may quote a row's value. */
    private static String described(Throwable telling) {
        boolean quotable =
                telling instanceof SQLException
                        || telling instanceof IOException
                        || telling instanceof GeneralSecurityException
                        || telling.getClass() == DebeziumException.class
                        || telling.getClass() == ConnectException.class;
        return quotable && telling.getMessage() != null
                ? telling.getMessage()
                : telling.getClass().getName();
    }

    private static ConnectorException failure(
            String pipeline,
            String step,
            ErrorClass errorClass,
            Throwable telling,
            Throwable error) {
        return new ConnectorException(
                errorClass,
                "%s: %s failed: %s".formatted(pipeline, step, described(telling)),
                error);
    }
}
