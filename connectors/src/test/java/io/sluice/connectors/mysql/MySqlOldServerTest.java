package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.TargetFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A target of MySQL 8.0.15 beside a source of the newest. */
class MySqlOldServerTest {

    @Test
    void anOldServerTakesTheTablesOfANewOne() {
        try (TargetFixture source = TargetFixture.create();
                MySqlServer server = Servers.oldMySql(Durability.FAST);
                TargetFixture old = TargetFixture.on(server)) {
            source.run(
                    """
                    CREATE TABLE t (id int unsigned PRIMARY KEY, v varchar(20),
                      u varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci UNIQUE,
                      y year, at timestamp(6) NULL, d datetime DEFAULT CURRENT_TIMESTAMP,
                      doc json DEFAULT (json_array()), g int AS (id + 1) STORED)
                    """);
            TableDefinition wanted = named(source.definition("t"), old.id("t"));
            assertThat(blocked(old, wanted)).isEmpty();
            assertThat(old.target.create(List.of(wanted), List.of())).hasSize(1);
            assertThat(blocked(old, wanted)).isEmpty();
            carry(old);
            assertThat(old.rows("SELECT id, v, u, y + 0, at, doc, g FROM t"))
                    .containsExactly("1|x|ü|2024|2024-01-01 10:00:00.000001|[1]|2");
        }
    }

    private static void carry(TargetFixture old) {
        TableSchema t = old.schema("t");
        old.run("SET GLOBAL local_infile = ON");
        Checkpoint claim = old.claim();
        try (TargetSession session = old.target.session(claim, Duration.ofSeconds(30))) {
            try (CopyWriter copy = session.copyInto(t, CopyFormat.TEXT)) {
                String line =
                        "1\ta\tü\t2024\t2024-01-01 10:00:00.000001+00\t2024-01-01 10:00:00\t[1]\n"
                                + "2\ta\t\\N\t\\N\t\\N\t\\N\t\\N\n";
                for (String one : line.split("(?<=\n)")) {
                    copy.write(one.getBytes(StandardCharsets.UTF_8));
                }
                assertThat(copy.finish()).isEqualTo(2);
            }
            session.execute(new InsertRows(t, List.of(row(3L, "c", "c", 0L, null, null, "{}"))));
            session.execute(
                    new UpdateRows(
                            t,
                            List.of(1),
                            List.of(row(1L, null, null, null, null, null, null)),
                            List.of(row(1L, "x", null, null, null, null, null))));
            assertThat(
                            session.execute(
                                    new DeleteRows(
                                            t,
                                            List.of(
                                                    row(2L, null, null, null, null, null, null),
                                                    row(3L, null, null, null, null, null, null)))))
                    .isEqualTo(2);
            session.commit(claim.in(Phase.COPYING));
        }
        assertThat(old.target.claim(old.pipeline, Holder.named("gateway-2")).epoch()).isEqualTo(2);
    }

    private static TableDefinition named(TableDefinition table, TableId name) {
        return new TableDefinition(
                name,
                table.engine(),
                table.columns(),
                table.primaryKey(),
                table.uniqueKeys(),
                table.replicaKey(),
                table.rowIdentity(),
                table.partitioned(),
                table.estimatedRows(),
                table.estimatedBytes());
    }

    private static List<Finding> blocked(TargetFixture db, TableDefinition wanted) {
        return db.target.check(List.of(wanted)).stream()
                .filter(finding -> finding.severity() == Severity.BLOCKS)
                .toList();
    }
}
