package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
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

/** Whose a pipeline is, and what becomes of those whose it was. */
class PostgresClaimTest {

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
    void anOlderSessionThatLivesOnCannotCommitAndLeavesNothing() {
        Checkpoint older = database.claim();
        try (TargetSession session = database.target.session(older, LIMIT)) {
            insert(session, 1);
            // As a claim does whose role may not end the sessions of others.
            database.run("UPDATE sluice.checkpoint SET epoch = 2, owner = 'gateway-2 on host-b'");

            for (int id = 1; id <= 2; id++) {
                assertThatThrownBy(() -> session.commit(streaming(older)))
                        .isInstanceOf(FencedException.class)
                        .hasMessageContaining("gateway-2 on host-b")
                        .hasMessageContaining("epoch 1");
                assertThat(rows()).isZero();
                insert(session, id);
            }
        }
        assertThat(rows()).isZero();
        assertThat(database.target.checkpoint(Database.PIPELINE).orElseThrow().position()).isNull();
    }

    @Test
    void aClaimEndsTheOlderSessionWhichLearnsThatItIsFencedOff() {
        Checkpoint older = database.claim();
        try (TargetSession session = database.target.session(older, LIMIT)) {
            insert(session, 1);
            Holder other = Holder.named("gateway-2 on host-b");
            Checkpoint newer = database.target.claim(Database.PIPELINE, other);

            assertThatThrownBy(() -> session.commit(streaming(older)))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass);
            assertThatThrownBy(() -> database.target.renew(older, Database.GATEWAY_1))
                    .isInstanceOf(FencedException.class)
                    .hasMessageContaining("gateway-2 on host-b");

            assertThat(rows()).isZero();
            assertThat(database.target.checkpoint(Database.PIPELINE)).contains(newer);
            assertThat(database.target.renew(newer, other).epoch()).isEqualTo(3);
        }
    }

    @Test
    void aRenewalWhoseAnswerWasLostIsMadeAgain() {
        Checkpoint held = database.claim();
        database.target.renew(held, Database.GATEWAY_1);

        assertThat(database.target.renew(held, Database.GATEWAY_1).epoch()).isEqualTo(3);
    }

    @Test
    void aSessionWhoseCheckpointWasDeletedCannotCommit() {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            insert(session, 1);
            database.run("DELETE FROM sluice.checkpoint");

            assertThatThrownBy(() -> session.commit(streaming(claim)))
                    .isInstanceOf(FencedException.class);
        }
        assertThat(rows()).isZero();
    }

    @Test
    void ofManyClaimsAtOnceEachHasItsOwnEpoch() {
        database.target.prepare();
        List<CompletableFuture<Long>> claims =
                java.util.stream.IntStream.range(0, 8)
                        .mapToObj(
                                i ->
                                        CompletableFuture.supplyAsync(
                                                () ->
                                                        database.target
                                                                .claim(
                                                                        Database.PIPELINE,
                                                                        Holder.named("g" + i))
                                                                .epoch()))
                        .toList();

        assertThat(claims.stream().map(CompletableFuture::join))
                .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    }

    @Test
    void aClaimEndsAnEarlierSessionThatHoldsTheCheckpoint() throws SQLException {
        Checkpoint claim = database.claim();
        try (TargetSession hanging = database.target.session(claim, LIMIT);
                Connection connection = database.connectAsTarget();
                Statement statement = connection.createStatement()) {
            hanging.hasRows(new TableId("public", "t"));
            statement.execute(
                    "SET application_name = '%s'"
                            .formatted(LogNames.applySession(Database.PIPELINE)));
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM sluice.checkpoint FOR UPDATE");

            assertThat(database.target.claim(Database.PIPELINE, Holder.named("gateway-2")).epoch())
                    .isEqualTo(2);

            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aCheckpointThatOthersHoldIsTriedAgainLater() throws SQLException {
        database.claim();
        try (Connection connection = database.server.connect(database.name);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM sluice.checkpoint FOR UPDATE");

            assertThatThrownBy(
                            () ->
                                    database.target.claim(
                                            Database.PIPELINE, Holder.named("gateway-2")))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass);
        }
    }

    private void insert(TargetSession session, long id) {
        session.execute(new InsertRows(database.schema("t"), List.of(Row.of(id, id))));
    }

    private int rows() {
        return Integer.parseInt(database.one("SELECT count(*) FROM t"));
    }

    private static Checkpoint streaming(Checkpoint claim) {
        return claim.at(Lsn.parse("0/10"), COMMIT_TIME).of("source").in(Phase.STREAMING);
    }
}
