package io.sluice.benchmarks;

import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.sluice.testkit.DatabaseServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's own snapshot, with its defaults, whose rows are inserted one by one and committed a
 * batch of its at a time.
 */
final class DebeziumCopy
        implements DebeziumEngine.ChangeConsumer<ChangeEvent<SourceRecord, SourceRecord>> {

    private final Sites sites;
    private final CountDownLatch done = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private int left;
    private long beganNanos;
    private long endedNanos;
    private @Nullable Connection connection;
    private @Nullable PreparedStatement insert;

    DebeziumCopy(Sites sites) {
        this.sites = sites;
    }

    /** From the first row to the last commit. */
    double seconds(int rows) throws Exception {
        left = rows;
        try (Connection target = sites.target().connect(sites.database());
                PreparedStatement statement =
                        target.prepareStatement("INSERT INTO big VALUES (?, ?, ?, ?, ?)")) {
            target.setAutoCommit(false);
            connection = target;
            insert = statement;
            DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine =
                    DebeziumEngine.create(Connect.class)
                            .using(properties())
                            .using((success, message, error) -> ended(success, message))
                            .notifying(this)
                            .build();
            Thread thread = Thread.ofPlatform().start(engine);
            if (!done.await(10, TimeUnit.MINUTES) || failure.get() != null) {
                throw new IllegalStateException("Debezium did not copy: " + failure.get());
            }
            engine.close();
            thread.join();
        }
        return (endedNanos - beganNanos) / 1e9;
    }

    private void ended(boolean success, String message) {
        if (!success || left > 0) {
            failure.set(message);
        }
        done.countDown();
    }

    @Override
    public void handleBatch(
            List<ChangeEvent<SourceRecord, SourceRecord>> records,
            DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
            throws InterruptedException {
        try {
            for (ChangeEvent<SourceRecord, SourceRecord> event : records) {
                if (event.value().value() instanceof Struct change
                        && change.schema().field("after") != null) {
                    if (beganNanos == 0) {
                        beganNanos = System.nanoTime();
                    }
                    insert(change.getStruct("after"));
                    left--;
                }
                committer.markProcessed(event);
            }
            java.util.Objects.requireNonNull(connection).commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        committer.markBatchFinished();
        if (left <= 0 && endedNanos == 0) {
            endedNanos = System.nanoTime();
            done.countDown();
        }
    }

    private void insert(Struct row) throws SQLException {
        PreparedStatement statement = java.util.Objects.requireNonNull(insert);
        statement.setLong(1, row.getInt64("id"));
        statement.setInt(2, row.getInt32("a"));
        statement.setString(3, row.getString("b"));
        statement.setTimestamp(
                4, Timestamp.from(OffsetDateTime.parse(row.getString("c")).toInstant()));
        statement.setBigDecimal(5, new BigDecimal(row.getString("d")));
        statement.executeUpdate();
    }

    private Properties properties() {
        DatabaseServer source = sites.source();
        boolean mysql = sites.from() == BenchmarkEngine.MYSQL;
        Properties p = new Properties();
        p.setProperty("name", "peer");
        p.setProperty("topic.prefix", "peer");
        p.setProperty(
                "connector.class",
                mysql
                        ? "io.debezium.connector.mysql.MySqlConnector"
                        : "io.debezium.connector.postgresql.PostgresConnector");
        p.setProperty("database.hostname", source.host());
        p.setProperty("database.port", Integer.toString(source.port()));
        p.setProperty("database.user", source.superuser());
        p.setProperty("database.password", source.password());
        p.setProperty("table.include.list", (mysql ? sites.database() : "public") + ".big");
        p.setProperty(
                "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
        p.setProperty("offset.flush.interval.ms", "60000");
        p.setProperty("decimal.handling.mode", "string");
        p.setProperty("snapshot.mode", "initial");
        if (mysql) {
            p.setProperty("database.server.id", "85744");
            p.setProperty("database.include.list", sites.database());
            p.setProperty("database.ssl.mode", "disabled");
            p.setProperty("driver.allowPublicKeyRetrieval", "true");
            p.setProperty(
                    "schema.history.internal",
                    "io.debezium.relational.history.MemorySchemaHistory");
        } else {
            p.setProperty("database.dbname", sites.database());
            p.setProperty("plugin.name", "pgoutput");
            p.setProperty("slot.name", "peer");
            p.setProperty("slot.drop.on.stop", "true");
            p.setProperty("publication.autocreate.mode", "filtered");
        }
        return p;
    }
}
