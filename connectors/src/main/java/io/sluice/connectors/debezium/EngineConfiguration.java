package io.sluice.connectors.debezium;

import java.util.Properties;

/** Debezium's settings, each with the reason where it is not plain. */
final class EngineConfiguration {

    private EngineConfiguration() {}

    static Properties of(CaptureSession session) {
        PostgresCaptureSettings settings = session.settings;
        Properties p = new Properties();
        p.setProperty(EngineSession.KEY, session.id);
        p.setProperty("database." + EngineSession.KEY, session.id);
        p.setProperty("name", session.id);
        p.setProperty("topic.prefix", session.id);
        p.setProperty("connector.class", CaptureConnector.class.getName());
        p.setProperty("tasks.max", "1");

        // The password is not among them: CaptureSession has it.
        p.setProperty("database.hostname", settings.host());
        p.setProperty("database.port", Integer.toString(settings.port()));
        p.setProperty("database.dbname", settings.database());
        p.setProperty("database.user", settings.username());
        p.setProperty("database.connection.factory.class", CaptureConnections.class.getName());

        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", settings.slot());
        p.setProperty("slot.drop.on.stop", "false");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("publication.name", settings.publication());
        p.setProperty("publication.autocreate.mode", "disabled");
        p.setProperty("snapshot.mode", "no_data");

        // Positions.
        p.setProperty("offset.storage", CheckpointOffsets.class.getName());
        p.setProperty("provide.transaction.metadata", "true");
        p.setProperty("lsn.flush.mode", "connector");
        p.setProperty("status.update.interval.ms", "1000");

        // Everything comes through, as the server wrote it, or not at all.
        p.setProperty("skipped.operations", "none");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("include.unknown.datatypes", "true");
        p.setProperty("converters", "raw");
        p.setProperty("raw.type", RawTextConverter.class.getName());
        p.setProperty("event.converting.failure.handling.mode", "fail");
        p.setProperty("event.processing.failure.handling.mode", "fail");
        p.setProperty("errors.max.retries", "0");
        // Marks and heartbeats of pg_logical_emit_message are wanted for their transactions alone.
        p.setProperty("message.prefix.exclude.list", ".*");

        p.setProperty("poll.interval.ms", "2");
        p.setProperty("max.batch.size", Integer.toString(batch(settings.limits().queueRows())));
        p.setProperty("max.queue.size", Integer.toString(settings.limits().queueRows()));
        p.setProperty("max.queue.size.in.bytes", Long.toString(settings.limits().queueBytes()));
        p.setProperty("record.processing.threads", "1");
        p.setProperty("extended.headers.enabled", "false");

        // How long closing may take.
        p.setProperty("internal.task.management.timeout.ms", "120000");
        p.setProperty("record.processing.shutdown.timeout.ms", "500");
        p.setProperty("executor.shutdown.timeout.ms", "2000");
        p.setProperty("lsn.flush.timeout.ms", "5000");
        return p;
    }

    // The queue must hold more than one batch.
    private static int batch(int queueRows) {
        return Math.max(1, queueRows / 4);
    }
}
