package io.sluice.gateway.system;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * What this process logs while it is open, with the traces of exceptions: all of our own, and of
 * others what the program lets through.
 */
public final class LogCapture implements AutoCloseable {

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    String logger = event.getLoggerName();
                    boolean own = logger.startsWith("io.sluice");
                    boolean silenced =
                            logger.startsWith("io.debezium")
                                    || logger.startsWith("org.apache.kafka");
                    if (!own && (silenced || !event.getLevel().isGreaterOrEqual(Level.WARN))) {
                        return;
                    }
                    lines.add(event.getFormattedMessage());
                    IThrowableProxy thrown = event.getThrowableProxy();
                    if (thrown != null) {
                        lines.add(ThrowableProxyUtil.asString(thrown));
                    }
                }
            };

    public LogCapture() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    public String text() {
        return String.join("\n", lines);
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
    }
}
