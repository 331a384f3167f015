package io.sluice.gateway.system;

import static java.util.stream.Collectors.joining;

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
    private final List<Line> lines = new CopyOnWriteArrayList<>();
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
                    String about = event.getMDCPropertyMap().getOrDefault("pipeline", "");
                    lines.add(new Line(about, event.getFormattedMessage()));
                    IThrowableProxy thrown = event.getThrowableProxy();
                    if (thrown != null) {
                        lines.add(new Line(about, ThrowableProxyUtil.asString(thrown)));
                    }
                }
            };

    private record Line(String pipeline, String text) {}

    public LogCapture() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    public String text() {
        return lines.stream().map(Line::text).collect(joining("\n"));
    }

    /** What is logged of one pipeline: its name stands beside the text, not in it. */
    public String text(String pipeline) {
        return lines.stream()
                .filter(line -> line.pipeline().equals(pipeline))
                .map(Line::text)
                .collect(joining("\n"));
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
    }
}
