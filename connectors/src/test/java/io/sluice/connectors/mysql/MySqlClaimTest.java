package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose a pipeline is, and what becomes of those whose it was. */
class MySqlClaimTest {

    private TargetFixture db;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        db.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(20))");
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void aClaimFencesEarlierSessionsOff() {
        Checkpoint first = db.claim();
        try (TargetSession earlier = db.target.session(first, Duration.ofSeconds(30))) {
            earlier.execute(insert("1", "a"));
            Checkpoint second = db.target.claim(db.pipeline, Holder.named("gateway-2"));
            assertThat(second.epoch()).isEqualTo(first.epoch() + 1);
            assertThatThrownBy(() -> earlier.commit(first.in(Phase.COPYING)))
                    .isInstanceOf(ConnectorException.class);
        }
        assertThat(db.rows("SELECT * FROM t")).isEmpty();
    }

    @Test
    void aSessionOfAnOldEpochIsToldWhoTookOver() {
        Checkpoint first = db.claim();
        db.target.claim(db.pipeline, Holder.named("gateway-2"));
        try (TargetSession stale = db.target.session(first, Duration.ofSeconds(30))) {
            stale.execute(insert("1", "a"));
            assertThatThrownBy(() -> stale.commit(first.in(Phase.COPYING)))
                    .isInstanceOf(FencedException.class)
                    .hasMessageContaining("gateway-2 (epoch 2)");
            assertThatThrownBy(() -> stale.empty(List.of(db.id("t"))))
                    .isInstanceOf(FencedException.class);
            assertThatThrownBy(stale::requireClaim)
                    .isInstanceOf(FencedException.class)
                    .hasMessageContaining("gateway-2 (epoch 2)");
        }
        assertThat(db.rows("SELECT * FROM t")).isEmpty();
    }

    @Test
    void aHolderRenewsItsClaimAndAnotherCannot() {
        Checkpoint first = db.claim();
        Checkpoint renewed = db.target.renew(first, TargetFixture.GATEWAY_1);
        assertThat(renewed.epoch()).isEqualTo(2);
        // The answer to a renewal may be lost: the epoch known is behind then.
        assertThat(db.target.renew(first, TargetFixture.GATEWAY_1).epoch()).isEqualTo(3);
        db.target.claim(db.pipeline, Holder.named("gateway-2"));
        assertThatThrownBy(() -> db.target.renew(renewed, TargetFixture.GATEWAY_1))
                .isInstanceOf(FencedException.class)
                .hasMessageContaining("gateway-2");
    }

    @Test
    void aClaimEndsASessionThatHoldsTheCheckpointsRow() throws Exception {
        db.claim();
        MySqlConnections connections = new MySqlConnections(db.address());
        Connection hanging = connections.openForWriting(SessionNames.apply(db.pipeline));
        hanging.setAutoCommit(false);
        try (Statement statement = hanging.createStatement()) {
            statement.execute("SELECT * FROM sluice.checkpoint FOR UPDATE");
        }
        assertThat(db.target.claim(db.pipeline, Holder.named("gateway-2")).epoch()).isEqualTo(2);
        await().atMost(60, TimeUnit.SECONDS).until(() -> !hanging.isValid(1));
        connections.close();
    }

    private InsertRows insert(String id, String v) {
        return new InsertRows(db.schema("t"), List.of(row(Long.valueOf(id), v)));
    }
}
