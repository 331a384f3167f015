package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TargetSession;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that are filled and emptied whole. */
class PostgresWholeTablesTest {

    private Database database;
    private TargetSession session;

    @BeforeEach
    void open() {
        database = Database.create();
        session = database.session();
    }

    @AfterEach
    void close() {
        session.close();
        database.close();
    }

    @Test
    void tablesThatReferToEachOtherAreEmptiedTogether() {
        database.run(
                "CREATE TABLE a (id int PRIMARY KEY)",
                "CREATE TABLE b (id int PRIMARY KEY REFERENCES a)",
                "INSERT INTO a VALUES (1)",
                "INSERT INTO b VALUES (1)");

        session.execute(
                new TruncateTables(
                        List.of(new TableId("public", "a"), new TableId("public", "b"))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());
        assertThat(database.rows("SELECT 1 FROM a UNION ALL SELECT 1 FROM b")).isEmpty();
    }

    @Test
    void emptyingATableLeavesThoseThatInheritFromItAndTakesItsPartitions() {
        database.run(
                "CREATE TABLE parent (id int PRIMARY KEY)",
                "CREATE TABLE child (extra int) INHERITS (parent)",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (2, 2)",
                "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10)",
                "INSERT INTO whole VALUES (3)");

        session.execute(
                new TruncateTables(
                        List.of(new TableId("public", "parent"), new TableId("public", "whole"))));
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(database.rows("SELECT id FROM ONLY parent")).isEmpty();
        assertThat(database.rows("SELECT id, extra FROM child")).containsExactly("2|2");
        assertThat(database.rows("SELECT id FROM whole")).isEmpty();
    }

    @Test
    void linesOfACopyAreTakenAsTheyAre() {
        database.run(
                "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, twice int GENERATED ALWAYS AS (id * 2) STORED)");
        long copied;
        TableSchema schema =
                new TableSchema(
                        new TableId("public", "t"),
                        List.of(
                                new io.sluice.change.Column("v", io.sluice.change.LogicalType.TEXT),
                                new io.sluice.change.Column(
                                        "id", io.sluice.change.LogicalType.INTEGER)),
                        List.of(1));
        try (TargetSession.CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
            for (int i = 0; i < 10_000; i++) {
                copy.write(("v" + i + "\\t\t" + i + "\n").getBytes(StandardCharsets.UTF_8));
            }
            copy.write(("\\N\t10000\n").getBytes(StandardCharsets.UTF_8));
            copy.write(("x".repeat(200_000) + "\t10001\n").getBytes(StandardCharsets.UTF_8));
            copied = copy.finish();
        }
        session.commit(database.target.checkpoint(Database.PIPELINE).orElseThrow());

        assertThat(copied).isEqualTo(10_002);
        assertThat(database.rows("SELECT count(*), count(v), max(length(v)), max(twice) FROM t"))
                .containsExactly("10002|10001|200000|20002");
        assertThat(session.hasRows(new TableId("public", "t"))).isTrue();
    }

    @Test
    void aCopyThatIsNotFinishedLeavesNothing() {
        database.run("CREATE TABLE t (id int PRIMARY KEY)");
        TableId table = new TableId("public", "t");
        TableSchema schema = database.schema("t");
        try (TargetSession.CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
            copy.write("1\n".getBytes(StandardCharsets.UTF_8));
        }
        session.rollback();
        assertThat(session.hasRows(table)).isFalse();

        assertThatThrownBy(
                        () -> {
                            try (TargetSession.CopyWriter copy =
                                    session.copyInto(schema, CopyFormat.TEXT)) {
                                copy.write("secret\n".getBytes(StandardCharsets.UTF_8));
                                copy.finish();
                            }
                        })
                .asInstanceOf(type(ConnectorException.class))
                .returns(ErrorClass.ROW, ConnectorException::errorClass)
                .extracting(Throwable::getMessage)
                .asString()
                .contains("public.t")
                .doesNotContain("secret");
    }
}
