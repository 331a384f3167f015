package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.Lsn;
import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresSessionTest {

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
    void aCheckpointIsDurableWithTheRowsItCovers() {
        Checkpoint claim = database.claim();
        assertThat(claim)
                .isEqualTo(new Checkpoint(Database.PIPELINE, 1, Phase.NEW, null, null, null));
        Checkpoint next = streaming(claim);

        try (TargetSession session = database.target.session(claim, LIMIT)) {
            insert(session, 1);
            assertThat(rows()).isEqualTo(0);
            session.commit(next);
            assertThat(rows()).isEqualTo(1);
            insert(session, 2);
            session.rollback();
            insert(session, 3);
            session.commit(next.at(Lsn.parse("0/20"), null));
        }

        assertThat(database.rows("SELECT id FROM t ORDER BY id")).containsExactly("1", "3");
        assertThat(database.target.checkpoint(Database.PIPELINE))
                .contains(next.at(Lsn.parse("0/20"), null));
        Checkpoint again = database.claim();
        assertThat(again.epoch()).isEqualTo(2);
        assertThat(again.position()).isEqualTo(Lsn.parse("0/20"));
        assertThat(again.sourceIdentity()).isEqualTo("source");
        assertThat(database.target.checkpoint("another")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"off, on", "on, on", "remote_write, remote_write"})
    void aCommitIsOnDiskWhateverDatabaseAndRoleAreSetTo(String set, String used) {
        Checkpoint claim = database.claim();
        TableSchema schema = database.schema("t");
        String role = database.role();
        database.run(
                "ALTER TABLE t ADD COLUMN used text DEFAULT current_setting('synchronous_commit')",
                "GRANT ALL ON ALL TABLES IN SCHEMA sluice, public TO \"" + role + "\"",
                "GRANT USAGE ON SCHEMA sluice TO \"" + role + "\"",
                "ALTER DATABASE \"" + database.name + "\" SET synchronous_commit = " + set,
                "ALTER ROLE \"" + role + "\" SET synchronous_commit = " + set);

        for (DatabaseAddress address :
                List.of(database.targetAddress(), database.address(role, "plain"))) {
            PostgresTarget target = new PostgresTarget(address);
            try (TargetSession session = target.session(claim, LIMIT)) {
                long id = rows();
                session.execute(new InsertRows(schema, List.of(Row.of(id, id))));
                session.commit(streaming(claim));
            }
            target.close();
        }

        assertThat(database.rows("SELECT used FROM t")).containsExactly(used, used);
    }

    @Test
    void theCommitTimeIsKeptToTheMicrosecond() {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.commit(streaming(claim));
        }
        assertThat(database.target.checkpoint(Database.PIPELINE).orElseThrow().commitTime())
                .isEqualTo(COMMIT_TIME);
    }

    @Test
    void preparingAtOnceAndAgainIsHarmless() {
        CompletableFuture.allOf(
                        CompletableFuture.runAsync(database.target::prepare),
                        CompletableFuture.runAsync(database.target::prepare),
                        CompletableFuture.runAsync(database.target::prepare))
                .join();
        database.target.prepare();
        assertThat(database.rows("SELECT version FROM sluice.schema_version ORDER BY 1"))
                .containsExactly(
                        "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13");

        database.run("INSERT INTO sluice.schema_version VALUES (99)");
        assertThatThrownBy(database.target::prepare)
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("version 99");
    }

    @Test
    void tablesOfAnEarlierVersionAreReadAndBroughtToThisOne() throws SQLException {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.commit(streaming(claim));
        }
        database.run(
                "DROP TABLE sluice.row_version, sluice.conflict, sluice.reading_point,"
                        + " sluice.conflict_resolution, sluice.site_memory",
                "ALTER TABLE sluice.checkpoint DROP COLUMN clock",
                "DELETE FROM sluice.schema_version WHERE version > 8");
        assertThat(database.target.checkpoint(Database.PIPELINE)).contains(streaming(claim));
        assertThat(schemaProblems(database.target)).isEmpty();
        try (PostgresTarget plain = unpreparedPlainTarget()) {
            assertThat(schemaProblems(plain))
                    .singleElement()
                    .asString()
                    .contains("is of version 8 and needs to become 13");
        }

        try (Connection connection = database.server.connect(database.name);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM sluice.checkpoint");
            assertThatThrownBy(database.target::prepare)
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.RETRY, ConnectorException::errorClass)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("version 13", "checkpoint by process ");
        }
        assertThat(database.claim())
                .returns(claim.epoch() + 1, Checkpoint::epoch)
                .returns(Lsn.parse("0/10"), Checkpoint::position);
        assertThat(database.one("SELECT max(version) FROM sluice.schema_version")).isEqualTo("13");
    }

    private static List<String> schemaProblems(PostgresTarget target) {
        return target.check(List.of()).stream()
                .filter(finding -> finding.subject().equals("schema sluice"))
                .map(Finding::problem)
                .toList();
    }

    @Test
    void aSavepointUndoesOnlyWhatCameAfterIt() {
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            insert(session, 1);
            session.savepoint();
            insert(session, 2);
            session.savepoint();
            insert(session, 3);
            assertThatThrownBy(() -> insert(session, 3)).isInstanceOf(ConnectorException.class);
            session.rollbackToSavepoint();
            assertThatThrownBy(() -> insert(session, 2)).isInstanceOf(ConnectorException.class);
            session.rollbackToSavepoint();
            insert(session, 4);
            session.commit(streaming(claim));
        }
        assertThat(database.rows("SELECT id FROM t ORDER BY id")).containsExactly("1", "2", "4");
    }

    @Test
    void anAttemptLeavesTheSavepointWhereItIs() {
        database.run("INSERT INTO t VALUES (1, 1)");
        Checkpoint claim = database.claim();
        InsertRows two = new InsertRows(database.schema("t"), List.of(Row.of(2L, 2L)));
        InsertRows three = new InsertRows(database.schema("t"), List.of(Row.of(3L, 3L)));
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.savepoint();
            assertThat(session.attempt(two)).hasValue(1);
            assertThat(session.attempt(two)).isEmpty();
            session.rollbackToSavepoint();
            assertThat(session.attempt(three)).hasValue(1);
            session.commit(streaming(claim));
        }
        assertThat(database.rows("SELECT id FROM t ORDER BY id")).containsExactly("1", "3");
    }

    @Test
    void aTableThatAnotherRefersToIsEmptied() {
        refusing();
        database.run("INSERT INTO t VALUES (1, 1)", "INSERT INTO child VALUES (1, 1)");
        TableId parent = database.schema("t").table();
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.execute(new TruncateTables(List.of(parent)));
            insert(session, 2);
            session.commit(streaming(claim));
            assertThat(database.rows("SELECT id FROM t")).containsExactly("2");
            assertThat(database.rows("SELECT id FROM child")).containsExactly("1");
            session.execute(new TruncateTables(List.of(parent, database.schema("child").table())));
            session.commit(streaming(claim));
        }
        assertThat(rows()).isZero();
        assertThat(database.rows("SELECT id FROM child")).isEmpty();
    }

    @Test
    void progressOfACopyIsRecordedInItsTransaction() {
        Checkpoint claim = database.claim();
        TableCopy.Chunk first = new TableCopy.Chunk(0, "0-9", null, 0);
        TableCopy.Chunk last = new TableCopy.Chunk(1, "9-", null, 0);
        TableCopy planned =
                new TableCopy(
                        new TableId("a", "b.c"), "id int", "file 7", List.of(first, last), null);
        TableCopy.Chunk done = new TableCopy.Chunk(1, "9-", new Lsn(7), 12);
        TableCopy unplanned = TableCopy.unplanned(new TableId("a", "z"));
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.saveCopy(
                    new TableCopy(new TableId("a", "b.c"), "", "old", List.of(first), null));
            session.saveCopy(planned);
            session.saveCopy(unplanned);
            session.commit(claim.in(Phase.COPYING));
            session.markDone(new TableId("a", "b.c"), done);
            session.rollback();
            assertThat(session.copies()).containsExactlyInAnyOrder(planned, unplanned);
            session.markDone(new TableId("a", "b.c"), done);
            session.settle(new TableId("a", "b.c"), new Lsn(9));
            session.commit(claim.in(Phase.COPYING));
            TableCopy half =
                    new TableCopy(
                            new TableId("a", "b.c"),
                            "id int",
                            "file 7",
                            List.of(first, done),
                            new Lsn(9));
            assertThat(session.copies()).containsExactlyInAnyOrder(half, unplanned);
            session.saveCopy(TableCopy.unplanned(new TableId("a", "b.c")));
            assertThatThrownBy(() -> session.markDone(new TableId("a", "b.c"), done))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
        }
    }

    @Test
    void foreignKeysAndTriggersAreOffWhereTheRoleMay() {
        refusing();
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            assertThat(session.enforcesForeignKeys()).isFalse();
            session.execute(new InsertRows(database.schema("child"), List.of(Row.of(1L, 99L))));
            session.commit(streaming(claim));
        }
        assertThat(database.rows("SELECT * FROM child")).containsExactly("1|99");
    }

    @Test
    void aPlainRoleDefersWhatItCannotSwitchOff() {
        refusing();
        database.claim();
        PostgresTarget target = plainTarget();
        Checkpoint claim = target.claim(Database.PIPELINE, Holder.named("plain"));
        TableSchema child = database.schema("child");
        try (TargetSession session = target.session(claim, LIMIT)) {
            assertThat(session.enforcesForeignKeys()).isTrue();
            for (long id = 1; id <= 2; id++) {
                session.execute(new InsertRows(child, List.of(Row.of(id, id))));
                insert(session, id);
                session.commit(streaming(claim));
            }
            session.execute(new InsertRows(child, List.of(Row.of(3L, 99L))));
            assertThatThrownBy(() -> session.commit(streaming(claim)))
                    .asInstanceOf(type(ConnectorException.class))
                    .returns(ErrorClass.ROW, ConnectorException::errorClass)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .contains("23503", "child_parent_fkey");
        }
        target.close();
        assertThat(database.rows("SELECT * FROM child ORDER BY id")).containsExactly("1|1", "2|2");
    }

    @Test
    void nothingOfADeletedRowsTransactionShowsBeforeItsCommit() {
        database.run("INSERT INTO t VALUES (1, 1)");
        Checkpoint claim = database.claim();
        try (TargetSession session = database.target.session(claim, LIMIT)) {
            session.execute(new DeleteRows(database.schema("t"), List.of(Row.of(1L, null))));
            assertThat(rows()).isEqualTo(1);
        }
        assertThat(rows()).isEqualTo(1);
    }

    private void refusing() {
        database.run(
                "CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT child_parent_fkey REFERENCES t DEFERRABLE)");
    }

    /** A target under a role that owns nothing and may do just what is needed. */
    private PostgresTarget plainTarget() {
        PostgresTarget target = unpreparedPlainTarget();
        target.prepare();
        return target;
    }

    private PostgresTarget unpreparedPlainTarget() {
        String role = database.role();
        database.run(
                "GRANT USAGE ON SCHEMA sluice TO \"" + role + "\"",
                "GRANT ALL ON ALL TABLES IN SCHEMA sluice, public TO \"" + role + "\"");
        return new PostgresTarget(database.address(role, "plain"));
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
