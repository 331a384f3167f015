package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.BinlogPosition;
import io.sluice.change.Lsn;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MySqlSessionTest {

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
    void rowsAndCheckpointAreCommittedAsOne() {
        Checkpoint claim = db.claim();
        Checkpoint next =
                claim.of("mysql:uuid")
                        .at(
                                BinlogPosition.parse("binlog.000007:4711"),
                                Instant.parse("2026-01-02T03:04:05.678901Z"))
                        .in(Phase.STREAMING);
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.execute(insert("1", "a"));
            assertThat(db.rows("SELECT * FROM t")).isEmpty();
            session.commit(next);
        }
        assertThat(db.rows("SELECT * FROM t")).containsExactly("1|a");
        assertThat(db.target.checkpoint(db.pipeline)).contains(next);
    }

    @Test
    void aPositionOfAnotherEngineIsKeptAsWell() {
        Checkpoint claim = db.claim();
        Checkpoint next = claim.of("7:5").at(Lsn.parse("1/2A"), null).in(Phase.COPYING);
        try (TargetSession session = db.target.session(claim, Duration.ZERO)) {
            session.commit(next);
        }
        assertThat(db.target.checkpoint(db.pipeline)).contains(next);
    }

    @Test
    void twoGatewaysPrepareAtOnce() {
        db.run("DROP DATABASE IF EXISTS sluice");
        List<CompletableFuture<Void>> both =
                List.of(
                        CompletableFuture.runAsync(db.target::prepare),
                        CompletableFuture.runAsync(db.target::prepare));
        both.forEach(CompletableFuture::join);
        db.target.prepare();
        assertThat(db.rows("SELECT version FROM sluice.schema_version ORDER BY 1"))
                .containsExactly(
                        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13");
    }

    @Test
    void aDatabaseOfANewerGatewayIsLeftAlone() {
        db.target.prepare();
        db.run("INSERT INTO sluice.schema_version (version) VALUES (99)");
        try {
            assertThatThrownBy(db.target::prepare)
                    .isInstanceOf(ConnectorException.class)
                    .hasMessageContaining("version 99");
        } finally {
            db.run("DELETE FROM sluice.schema_version WHERE version = 99");
        }
    }

    @Test
    void savepointsUndoAPart() {
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.execute(insert("1", "a"));
            session.savepoint();
            session.execute(insert("2", "b"));
            session.rollbackToSavepoint();
            assertThatThrownBy(() -> session.execute(insert("1", "again")))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.ROW));
            session.rollbackToSavepoint();
            session.execute(insert("3", "c"));
            session.commit(claim.in(Phase.COPYING));
            session.execute(insert("4", "d"));
            session.rollback();
        }
        assertThat(db.rows("SELECT id FROM t ORDER BY id")).containsExactly("1", "3");
    }

    @Test
    void aTruncateIsPartOfTheTransaction() {
        db.run("INSERT INTO t VALUES (1, 'a')");
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.execute(new TruncateTables(List.of(db.id("t"))));
            session.execute(insert("2", "b"));
            session.rollback();
            assertThat(db.rows("SELECT id FROM t")).containsExactly("1");
            session.empty(List.of(db.id("t")));
            assertThat(session.hasRows(db.id("t"))).isFalse();
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(db.rows("SELECT id FROM t")).isEmpty();
    }

    @Test
    void foreignKeysDoNotActOnWhatIsWritten() {
        db.run(
                "CREATE TABLE child (id int PRIMARY KEY, t int, FOREIGN KEY (t) REFERENCES t (id))",
                "INSERT INTO t VALUES (1, 'a')",
                "INSERT INTO child VALUES (1, 1)");
        TableSchema child = db.schema("child");
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            assertThat(session.enforcesForeignKeys()).isFalse();
            session.empty(List.of(db.id("t")));
            session.execute(new InsertRows(child, List.of(row(2L, 99L))));
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(db.rows("SELECT * FROM child ORDER BY id")).containsExactly("1|1", "2|99");
    }

    @Test
    void anErrorThatMayPassTakesTheWholeTransaction() throws Exception {
        db.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        Checkpoint claim = db.claim();
        TableSchema t = db.schema("t");
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(1));
                Connection other = db.server.connect(db.name)) {
            other.setAutoCommit(false);
            other.createStatement().execute("UPDATE t SET v = 'x' WHERE id = 2");
            session.execute(insert("3", "c"));
            assertThatThrownBy(
                            () ->
                                    session.execute(
                                            new UpdateRows(
                                                    t,
                                                    List.of(1),
                                                    List.of(row(2L, "b")),
                                                    List.of(row(2L, "y")))))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
            assertThatThrownBy(() -> session.commit(claim.in(Phase.COPYING)))
                    .isInstanceOf(IllegalStateException.class);
            other.rollback();
            session.rollback();
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(db.rows("SELECT id FROM t ORDER BY id")).containsExactly("1", "2");
    }

    @Test
    void aStatementThatTakesTooLongIsCancelled() {
        // A trigger runs as who made it: one of the superuser's is not the account's to cancel.
        db.run(
                "CREATE DEFINER = "
                        + db.address().username()
                        + " TRIGGER slow BEFORE INSERT ON t FOR EACH ROW SET NEW.v = SLEEP(20)");
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofMillis(300))) {
            assertThatThrownBy(() -> session.execute(insert("1", "a")))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                    .hasMessageContaining("apply.statementTimeout");
        }
    }

    @Test
    void anErrorInTheMiddleOfAPacketLeavesTheSessionUsable() {
        db.run("CREATE TABLE u (id int PRIMARY KEY, v int UNIQUE)");
        db.run("INSERT INTO u VALUES (1, 1), (2, 2), (3, 3), (4, 4)");
        TableSchema u = db.schema("u");
        Checkpoint claim = db.claim();
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.savepoint();
            assertThatThrownBy(
                            () ->
                                    session.execute(
                                            new UpdateRows(
                                                    u,
                                                    List.of(1),
                                                    List.of(row(1L, 1L), row(2L, 2L), row(4L, 4L)),
                                                    List.of(
                                                            row(1L, 7L),
                                                            row(2L, 3L),
                                                            row(4L, 9L)))))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.ROW));
            session.rollbackToSavepoint();
            assertThat(
                            session.execute(
                                    new UpdateRows(
                                            u,
                                            List.of(1),
                                            List.of(row(4L, 4L)),
                                            List.of(row(4L, 9L)))))
                    .isEqualTo(1);
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(db.rows("SELECT v FROM u ORDER BY id")).containsExactly("1", "2", "3", "9");
    }

    @Test
    void whetherACommitTookPlaceIsToldByTheCheckpointAlone() {
        Checkpoint claim = db.claim();
        Checkpoint next = claim.of("x").at(BinlogPosition.parse("b.1:9"), null).in(Phase.STREAMING);
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.execute(insert("1", "a"));
            String id =
                    db.one(
                            "SELECT PROCESSLIST_ID FROM performance_schema.session_connect_attrs"
                                    + " WHERE ATTR_VALUE = '"
                                    + SessionNames.apply(db.pipeline)
                                    + "'");
            db.run("KILL CONNECTION " + id);
            assertThatThrownBy(() -> session.commit(next))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
            session.rollback();
        }
        assertThat(db.target.checkpoint(db.pipeline)).contains(claim);
        assertThat(db.rows("SELECT * FROM t")).isEmpty();
    }

    @Test
    void anAccountOfFewPrivilegesDoesEverything() {
        String account = "apply_" + db.name;
        String user = "'" + account + "'@'%'";
        db.target.prepare();
        db.run(
                "CREATE USER " + user + " IDENTIFIED BY 'plain'",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON " + db.name + ".* TO " + user,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON sluice.* TO " + user);
        try (MySqlTarget plain = new MySqlTarget(db.address(account, "plain"))) {
            plain.prepare();
            Checkpoint first = plain.claim(db.pipeline, TargetFixture.GATEWAY_1);
            try (TargetSession stale = plain.session(first, Duration.ofSeconds(30))) {
                stale.execute(insert("1", "a"));
                Checkpoint second = plain.claim(db.pipeline, TargetFixture.GATEWAY_1);
                try (TargetSession session = plain.session(second, Duration.ofSeconds(5))) {
                    // Were the stale one still open, its row would be locked.
                    session.execute(insert("1", "b"));
                    session.empty(List.of(db.id("t")));
                    session.execute(insert("2", "c"));
                    session.commit(second.in(Phase.COPYING));
                }
            }
        } finally {
            db.run("DROP USER " + user);
        }
        assertThat(db.rows("SELECT * FROM t")).containsExactly("2|c");
    }

    @Test
    void progressOfACopyIsRecordedInItsTransaction() {
        Checkpoint claim = db.claim();
        TableCopy.Chunk first = new TableCopy.Chunk(0, "0-9", null, 0);
        TableCopy.Chunk last = new TableCopy.Chunk(1, "9-", null, 0);
        TableCopy planned =
                new TableCopy(db.id("t"), "id int", "file 7", List.of(first, last), null);
        TableCopy.Chunk done = new TableCopy.Chunk(1, "9-", BinlogPosition.parse("a.000001:7"), 12);
        TableCopy unplanned = TableCopy.unplanned(db.id("Übung"));
        try (TargetSession session = db.target.session(claim, Duration.ofSeconds(30))) {
            session.saveCopy(new TableCopy(db.id("t"), "", "old", List.of(first), null));
            session.saveCopy(planned);
            session.saveCopy(unplanned);
            session.commit(claim.in(Phase.COPYING));
            session.markDone(db.id("t"), done);
            session.rollback();
            assertThat(session.copies()).containsExactlyInAnyOrder(planned, unplanned);
            session.markDone(db.id("t"), done);
            session.settle(db.id("t"), BinlogPosition.parse("a.000002:9"));
            session.commit(claim.in(Phase.COPYING));
            TableCopy half =
                    new TableCopy(
                            db.id("t"),
                            "id int",
                            "file 7",
                            List.of(first, done),
                            BinlogPosition.parse("a.000002:9"));
            assertThat(session.copies()).containsExactlyInAnyOrder(half, unplanned);
            session.saveCopy(TableCopy.unplanned(db.id("t")));
            assertThatThrownBy(() -> session.markDone(db.id("t"), done))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
        }
    }

    @Test
    void schemaHistoryIsKeptInOrderPerPipeline() {
        db.target.prepare();
        var history = db.target.schemaHistory(db.pipeline);
        history.replace(List.of("{\"a\":1}", "zwei ☂"));
        history.add("drei");
        db.target.schemaHistory(db.pipeline + "'").add("other");
        assertThat(history.records()).containsExactly("{\"a\":1}", "zwei ☂", "drei");
        history.replace(List.of());
        assertThat(history.records()).isEmpty();
        assertThat(db.target.schemaHistory(db.pipeline + "'").records()).containsExactly("other");
    }

    @Test
    void closingTheTargetCutsSessions() {
        Checkpoint claim = db.claim();
        TargetSession session = db.target.session(claim, Duration.ofSeconds(30));
        db.target.close();
        assertThatThrownBy(() -> session.hasRows(db.id("t")))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
    }

    @Test
    void whatTheUrlSaysOfWaitsHolds() {
        DatabaseAddress address = db.address();
        DatabaseAddress impatient =
                new DatabaseAddress(
                        address.name(),
                        address.url() + "&socketTimeout=1000",
                        address.username(),
                        address.password());
        try (MySqlConnections connections = new MySqlConnections(impatient)) {
            assertThatThrownBy(
                            () ->
                                    connections.run(
                                            "test",
                                            "waiting",
                                            connection ->
                                                    connection
                                                            .createStatement()
                                                            .execute("DO SLEEP(20)")))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
        }
    }

    private InsertRows insert(String id, String v) {
        return new InsertRows(db.schema("t"), List.of(row(Long.valueOf(id), v)));
    }
}
