package io.sluice.gateway.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs go to standard error: as text to a terminal, as JSON lines elsewhere. */
final class Logs {

    private Logs() {}

    /** How log lines look. */
    enum Format {
        TEXT,
        JSON;

        static Format ofThisProcess() {
            var console = System.console();
            return console != null && console.isTerminal() ? TEXT : JSON;
        }
    }

    static void configure(Format format, Level level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(format, context));
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("io.sluice").setLevel(level);
        // Debezium and Kafka print their whole configuration at INFO, and report as an error every
        // failure that the pipeline reports itself.
        context.getLogger("io.debezium").setLevel(Level.OFF);
        context.getLogger("org.apache.kafka").setLevel(Level.OFF);
    }

    private static Encoder<ILoggingEvent> encoder(Format format, LoggerContext context) {
        switch (format) {
            case TEXT -> {
                PatternLayoutEncoder text = new PatternLayoutEncoder();
                text.setContext(context);
                text.setPattern("%d{HH:mm:ss} %-5level %replace(%X{pipeline} ){'^ $', ''}%msg%n");
                text.start();
                return text;
            }
            case JSON -> {
                JsonEncoder json = new JsonEncoder();
                json.setContext(context);
                json.setWithFormattedMessage(true);
                json.setWithMessage(false);
                json.setWithArguments(false);
                json.setWithContext(false);
                json.setWithSequenceNumber(false);
                json.setWithNanoseconds(false);
                json.start();
                return json;
            }
        }
        throw new AssertionError(format);
    }
}
