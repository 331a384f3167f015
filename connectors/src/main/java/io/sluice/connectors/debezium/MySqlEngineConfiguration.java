package io.sluice.connectors.debezium;

import io.debezium.relational.history.SchemaHistory;
import io.sluice.change.TableId;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Debezium's settings for MySQL, each with the reason where it is not plain. */
final class MySqlEngineConfiguration {

    private MySqlEngineConfiguration() {}

    static Properties of(MySqlCaptureSession session) {
        MySqlCaptureSettings settings = session.settings;
        Properties p = new Properties();
        p.setProperty(EngineSession.KEY, session.id);
        p.setProperty("database." + EngineSession.KEY, session.id);
        p.setProperty(
                SchemaHistory.CONFIGURATION_FIELD_PREFIX_STRING + EngineSession.KEY, session.id);
        p.setProperty("name", session.id);
        p.setProperty("topic.prefix", session.id);
        p.setProperty("connector.class", MySqlCaptureConnector.class.getName());
        p.setProperty("tasks.max", "1");

        // The password is not among them: MySqlCaptureSession has it.
        p.setProperty("database.hostname", settings.host());
        p.setProperty("database.port", Integer.toString(settings.port()));
        p.setProperty("database.user", settings.username());
        p.setProperty("database.server.id", Long.toString(settings.serverId()));
        p.setProperty("database.connection.factory.class", MySqlCaptureConnections.class.getName());
        // Of the connections: the driver does it by its own properties, BinlogClient by the same.
        p.setProperty("database.ssl.mode", "disabled");

        // Whole databases: a table may be built under another name and then take the place of a
        // replicated one, as tools for changing tables online do.
        p.setProperty("database.include.list", databases(settings));
        p.setProperty("snapshot.mode", "no_data");
        p.setProperty("snapshot.locking.mode", "none");
        p.setProperty("schema.history.internal", MySqlStatementHistory.class.getName());
        p.setProperty("include.schema.changes", "true");

        // Positions.
        p.setProperty("offset.storage", CheckpointOffsets.class.getName());
        p.setProperty("gtid.ignore.on.recovery", Boolean.toString(session.from.gtids() == null));

        // Everything comes through, or the source ends.
        p.setProperty("skipped.operations", "none");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("event.converting.failure.handling.mode", "fail");
        p.setProperty("event.processing.failure.handling.mode", "fail");
        p.setProperty("inconsistent.schema.handling.mode", "fail");
        p.setProperty("errors.max.retries", "0");
        // A lost connection ends the engine. Taken up by itself, it would go on in the middle of a
        // transaction. The interval still says how often the server gives a sign of life.
        p.setProperty("connect.keep.alive", "false");
        p.setProperty("connect.keep.alive.interval.ms", "6000");
        p.setProperty("connect.timeout.ms", "15000");
        // A receiver that is full for long must not look like one that is gone.
        p.setProperty("binlog.net.write.timeout", "31536000");

        p.setProperty("poll.interval.ms", "2");
        p.setProperty("max.batch.size", Integer.toString(batch(settings.limits().queueRows())));
        p.setProperty("max.queue.size", Integer.toString(settings.limits().queueRows()));
        p.setProperty("max.queue.size.in.bytes", Long.toString(queueBytes(settings.limits())));
        p.setProperty("record.processing.threads", "1");
        p.setProperty("extended.headers.enabled", "false");

        // How long closing may take.
        p.setProperty("internal.task.management.timeout.ms", "120000");
        p.setProperty("record.processing.shutdown.timeout.ms", "500");
        p.setProperty("executor.shutdown.timeout.ms", "2000");
        return p;
    }

    private static String databases(MySqlCaptureSettings settings) {
        return settings.tables().stream()
                .map(TableId::schema)
                .distinct()
                .sorted()
                .map(MySqlEngineConfiguration::exactly)
                .collect(Collectors.joining(","));
    }

    /** A pattern of this one name. Commas part Debezium's lists. */
    private static String exactly(String name) {
        return Pattern.compile("[^A-Za-z0-9_]")
                .matcher(name)
                .replaceAll(found -> "\\\\x{%x}".formatted(found.group().codePointAt(0)));
    }

    // The queue holds pieces; what bounds it is their size.
    private static long queueBytes(CaptureLimits limits) {
        return limits.queueBytes() > 0 ? limits.queueBytes() : CaptureLimits.DEFAULT.queueBytes();
    }

    // The queue must hold more than one batch.
    private static int batch(int queueRows) {
        return Math.max(1, queueRows / 4);
    }
}
