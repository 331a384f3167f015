package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.testkit.FaultProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that let a session wait, or break off. */
class PostgresSessionWaitsTest {

    private static final TableSchema ID_ALONE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(new Column("id", LogicalType.INTEGER)),
                    List.of(0));

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Instant COMMIT_TIME = Instant.parse("2024-02-29T12:34:56.789012Z");

    private Database database;

    @BeforeEach
    void open() {
        database = Database.create();
        database.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aStatementThatTakesTooLongIsTriedAgainAndACopyMayTakeLonger() throws SQLException {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, Duration.ofMillis(300));
                Connection blocker = database.server.connect(database.name);
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("INSERT INTO t VALUES (1, 1)");

            assertThatThrownBy(() -> insert(session, 1))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("57014");
            session.rollback();

            CompletableFuture<Long> copied =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try (TargetSession.CopyWriter copy =
                                        session.copyInto(ID_ALONE, CopyFormat.TEXT)) {
                                    copy.write(
                                            "1\n"
                                                    .getBytes(
                                                            java.nio.charset.StandardCharsets
                                                                    .UTF_8));
                                    return copy.finish();
                                }
                            });
            assertThatThrownBy(() -> copied.get(1, java.util.concurrent.TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            blocker.rollback();
            assertThat(copied.join()).isEqualTo(1);
            session.rollback();
        }
    }

    @Test
    void aTargetThatStopsAnsweringIsARetryWhetherItWasReadingOrWriting() {
        Checkpoint claim = database.claim();
        try (FaultProxy proxy = FaultProxy.to(database.server)) {
            PostgresTarget target =
                    new PostgresTarget(
                            new DatabaseAddress(
                                    "west",
                                    proxy.postgresUrl(database.name) + "?socketTimeout=2",
                                    database.targetAddress().username(),
                                    database.targetAddress().password()));
            database.run("CREATE TABLE large (id int PRIMARY KEY, v text)");
            TableSchema large = database.schema("large");
            for (Row row : List.of(Row.of(1L, "x"), Row.of(2L, "x".repeat(30 << 20)))) {
                TargetSession session = target.session(claim, LIMIT);
                session.hasRows(new TableId("public", "t"));
                proxy.stall();

                assertThatThrownBy(() -> session.execute(new InsertRows(large, List.of(row))))
                        .asInstanceOf(type(ConnectorException.class))
                        .returns(ErrorClass.RETRY, ConnectorException::errorClass);

                session.rollback();
                session.close();
                proxy.heal();
            }
            target.close();
        }
    }

    @Test
    void aConnectionThatBreaksIsARetry() {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            insert(session, 1);
            database.run(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '%s'"
                            .formatted(LogNames.applySession(Database.PIPELINE)));

            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> session.commit(streaming(claim)))
                        .asInstanceOf(type(ConnectorException.class))
                        .returns(ErrorClass.RETRY, ConnectorException::errorClass);
            }
            session.rollback();
            assertThatThrownBy(() -> insert(session, 2))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass);
        }
    }

    private void insert(TargetSession session, long id) {
        session.execute(new InsertRows(database.schema("t"), List.of(Row.of(id, id))));
    }

    private static Checkpoint streaming(Checkpoint claim) {
        return claim.at(Lsn.parse("0/10"), COMMIT_TIME).of("source").in(Phase.STREAMING);
    }
}
