package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** North joins east, which fills it, and west: from where its pipelines begin. */
final class JoinedTest {

    private static final Origin EAST = new Origin("east");
    private static final HybridTimestamp AGREED = new HybridTimestamp(5_000, 0);

    private final Map<String, Checkpoint> reached = new HashMap<>();
    private final Map<String, ReadingPoint> points = new HashMap<>();

    @Test
    void aMomentIsReadyWhenItsReadingPointIsInTheLogThatIsKeptAndHasSeenTheAgreedTime() {
        assertThat(joined()).as("nothing has come from west").isEmpty();
        reached(200, "west's", new HybridTimestamp(7_000, 0));
        assertThat(joined()).as("nothing says from where to read").isEmpty();
        point(99, 5_000);
        assertThat(joined()).as("the log is kept from 100 on").isEmpty();
        point(100, 4_999);
        assertThat(joined()).as("west may have written without what east wrote").isEmpty();
        point(100, 5_000);
        assertThat(joined()).isPresent();
        reached(200, "another's", new HybridTimestamp(7_000, 0));
        assertThat(joined()).as("another server's log").isEmpty();
        reached(200, "west's", null);
        assertThat(joined()).as("no time was told").isEmpty();
    }

    @Test
    void pipelinesBeginWhereThoseToTheFirstSiteStood() {
        reached(200, "west's", new HybridTimestamp(7_000, 3));
        point(150, 6_000);
        joined().orElseThrow().begin(session());
        assertThat(reached.get("r:west->north"))
                .isEqualTo(
                        new Checkpoint(
                                "r:west->north",
                                4,
                                Phase.STREAMING,
                                new Lsn(200),
                                Instant.EPOCH,
                                "west's",
                                new HybridTimestamp(7_000, 3)));
        assertThat(points.get("r:west->north")).isEqualTo(points.get("r:west->east"));
    }

    private Optional<Joined> joined() {
        Checkpoint claim =
                new Checkpoint("r:west->north", 4, Phase.NEW, null, null, "west's", null);
        MemberLogs.Member west =
                new MemberLogs.Member("west", "r:west->east", claim, new Lsn(100), List.of());
        return Joined.at(new Memory(), List.of(west), EAST, AGREED);
    }

    private void reached(long position, String identity, @Nullable HybridTimestamp clock) {
        reached.put(
                "r:west->east",
                new Checkpoint(
                        "r:west->east",
                        9,
                        Phase.STREAMING,
                        new Lsn(position),
                        Instant.EPOCH,
                        identity,
                        clock));
    }

    private void point(long position, long seenOfEast) {
        points.put(
                "r:west->east",
                new ReadingPoint(
                        new Lsn(position), new HybridTimestamp(6_000, 0), "east=" + seenOfEast));
    }

    /** Of a session at north, only what begins pipelines. */
    private SiteSession session() {
        return (SiteSession)
                Proxy.newProxyInstance(
                        SiteSession.class.getClassLoader(),
                        new Class<?>[] {SiteSession.class},
                        (session, method, arguments) -> {
                            if (!method.getName().equals("begin")) {
                                throw new UnsupportedOperationException(method.getName());
                            }
                            Checkpoint checkpoint = (Checkpoint) arguments[0];
                            reached.put(checkpoint.pipeline(), checkpoint);
                            points.put(checkpoint.pipeline(), (ReadingPoint) arguments[1]);
                            return null;
                        });
    }

    private final class Memory implements SiteSnapshot {

        @Override
        public Optional<Checkpoint> checkpoint(String pipeline) {
            return Optional.ofNullable(reached.get(pipeline));
        }

        @Override
        public Optional<ReadingPoint> readingPoint(String pipeline) {
            return Optional.ofNullable(points.get(pipeline));
        }

        @Override
        public String forgotten(String name) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        public void versions(String name, int most, Consumer<List<StoredVersion>> batches) {
            throw new UnsupportedOperationException(name);
        }
    }
}
