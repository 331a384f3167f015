package io.sluice.gateway.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Build;
import io.sluice.connectors.spi.BuildSession;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SecondaryObject.Kind;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.Parking;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Workers who were told to stop and left, though nobody says so any more when the last has gone:
 * what they left is not taken for done.
 */
@Timeout(60)
class ToldToStopTest {

    private static final TableId TABLE = new TableId("s", "t");

    @Test
    void partsThatNobodyCopiedAreNoCopy() {
        CopyMonitor monitor = new CopyMonitor(Instant::now, () -> isWorker());
        CopyWorkers workers =
                new CopyWorkers(
                        answering(SourceDatabase.class, Map.of()),
                        answering(
                                TargetDatabase.class,
                                Map.of("session", answering(TargetSession.class, Map.of()))),
                        new CopySettings(1, 1, 0, null, Duration.ofSeconds(1)),
                        monitor,
                        new Checkpoint("p", 1, Phase.COPYING, null, null, null),
                        Parking.none());
        SnapshotReader snapshot = answering(SnapshotReader.class, Map.of("readers", 1));
        assertThatThrownBy(() -> workers.copy(snapshot, List.of(part())))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void aBuildThatWasBrokenOffIsNoneAndNobodyWaitsForIt() {
        AtomicBoolean told = new AtomicBoolean();
        Build build = new Build(Kind.INDEX, TABLE, "i", null, false, "1");
        BuildSession session =
                new BuildSession() {
                    @Override
                    public void build(Build asked) {
                        told.set(true);
                        throw new ConnectorException(ErrorClass.RETRY, "cancelled");
                    }

                    @Override
                    public void close() {}
                };
        SecondaryBuilds builds =
                new SecondaryBuilds(
                        answering(TargetDatabase.class, Map.of("buildSession", session)),
                        "p",
                        new BuildMonitor(),
                        (of, state, failure) -> {
                            throw new AssertionError(state);
                        },
                        () -> isWorker() && told.getAndSet(false));
        assertThatThrownBy(() -> builds.run(List.of(build), 1, () -> {}))
                .isInstanceOf(CancellationException.class);
        assertThat(told).isFalse();
    }

    private static boolean isWorker() {
        return Thread.currentThread().isVirtual();
    }

    private static CopyPart part() {
        TableDefinition source =
                new TableDefinition(
                        TABLE,
                        Engine.POSTGRESQL,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        TableDefinition.RowIdentity.KEY,
                        false,
                        0,
                        0);
        TableCopy.Chunk chunk = new TableCopy.Chunk(0, "all", null, 0);
        TableCopy copy = new TableCopy(TABLE, "", "", List.of(chunk), null);
        TableSchema target = new TableSchema(TABLE, List.of(), List.of());
        return new CopyPart(
                new CopyPart.Table(source, target, CopyFormat.TEXT, List.of(), copy), chunk);
    }

    /** One whose methods of these names answer so, and that does nothing else. */
    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> answers.get(method.getName())));
    }
}
