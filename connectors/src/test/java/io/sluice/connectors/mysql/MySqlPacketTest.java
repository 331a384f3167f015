package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.connectors.spi.TargetSession.CopyWriter;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A copy into a server whose packets are smaller than a value. */
class MySqlPacketTest {

    private static final int BYTES = 6 << 20;

    @Test
    void aValueLargerThanAPacketIsLoadedWhole() {
        try (MySqlServer server =
                        Servers.mysql(Durability.FAST, Map.of("max_allowed_packet", "4M"));
                TargetFixture db = TargetFixture.on(server)) {
            db.run(
                    "SET GLOBAL local_infile = ON",
                    "CREATE TABLE v (id int PRIMARY KEY, b longblob, t longtext)");
            TableSchema schema = db.schema("v");
            Checkpoint claim = db.claim();
            try (TargetSession session = db.target.session(claim, Duration.ofSeconds(60))) {
                try (CopyWriter copy = session.copyInto(schema, CopyFormat.TEXT)) {
                    String line = "1\t\\\\x" + "4a".repeat(BYTES) + "\t" + "b".repeat(BYTES) + "\n";
                    copy.write(line.getBytes(StandardCharsets.UTF_8));
                    assertThat(copy.finish()).isEqualTo(1);
                }
                session.commit(claim.in(Phase.COPYING));
            }
            assertThat(db.rows("SELECT length(b), length(t), right(b, 3), right(t, 3) FROM v"))
                    .containsExactly(BYTES + "|" + BYTES + "|JJJ|bbb");
        }
    }
}
