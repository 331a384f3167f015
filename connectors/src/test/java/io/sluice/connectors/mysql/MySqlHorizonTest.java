package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.BinlogPosition;
import io.sluice.change.GtidSet;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SourceProbe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far the log of a server has to be read to know of all that anybody can see there. */
final class MySqlHorizonTest {

    private TargetFixture db;
    private MySqlTarget target;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        target = MySqlTarget.ofSite(db.address());
        target.prepare();
    }

    @AfterEach
    void close() {
        target.close();
        db.close();
    }

    @Test
    void aSiteSpeaksByATransactionThatLeavesNothing() {
        SiteReading reading = new SiteReading(Set.of(db.pipeline), Set.of());
        String points = "SELECT count(*) FROM sluice.reading_point";
        String kept = db.one(points);
        try (MySqlSource source = new MySqlSource(db.siteAddress(), reading);
                SourceProbe probe = source.probe(db.pipeline)) {
            SourcePosition before = probe.read().position();
            source.speak();
            SourcePosition after = probe.read().position();
            assertThat(after.covers(before)).isTrue();
            assertThat(before.covers(after)).isFalse();
        }
        assertThat(db.one(points)).isEqualTo(kept);
    }

    @Test
    void theHorizonCoversAllThatIsVisibleAndWaitsForNothingElse() throws Exception {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY)");
        try (MySqlSource source =
                        new MySqlSource(
                                db.siteAddress(), new SiteReading(Set.of(db.pipeline), Set.of()));
                SourceProbe probe = source.probe("orders:west->east");
                Connection local = db.server.connect(db.name);
                Statement statement = local.createStatement();
                Connection replica = db.server.connect(db.name);
                Statement applier = replica.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
            assertCovers(probe, statement);
            assertThat(passed()).isZero();

            String elsewhere = UUID.randomUUID() + ":7";
            applier.execute("SET GTID_NEXT = '" + elsewhere + "'");
            applier.execute("BEGIN");
            applier.execute("INSERT INTO t VALUES (2)");
            try {
                statement.execute("INSERT INTO t VALUES (3)");
                BinlogPosition horizon = assertCovers(probe, statement);
                assertThat(horizon.gtids().containsAll(GtidSet.parse(elsewhere))).isFalse();
                assertThat(passed()).isOne();

                db.run("SET GLOBAL binlog_order_commits = OFF");
                horizon = assertCovers(probe, statement);
                assertThat(horizon.gtids().containsAll(GtidSet.parse(elsewhere))).isTrue();
            } finally {
                db.run("SET GLOBAL binlog_order_commits = ON");
                applier.execute("ROLLBACK");
                applier.execute("SET GTID_NEXT = 'AUTOMATIC'");
            }
        }
    }

    private long passed() {
        return Long.parseLong(
                db.one(
                        "SELECT coalesce(sum(transactions), 0) FROM sluice.site_mark WHERE session ="
                                + " -1 AND pipeline = '"
                                + db.pipeline
                                + "'"));
    }

    private static BinlogPosition assertCovers(SourceProbe probe, Statement statement)
            throws SQLException {
        ResultSet rows = statement.executeQuery("SELECT @@GLOBAL.gtid_executed");
        rows.next();
        GtidSet committed = GtidSet.parse(rows.getString(1));
        BinlogPosition horizon = (BinlogPosition) probe.horizon();
        assertThat(Objects.requireNonNull(horizon.gtids()).containsAll(committed)).isTrue();
        return horizon;
    }
}
