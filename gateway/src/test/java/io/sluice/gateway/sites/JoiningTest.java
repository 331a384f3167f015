package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.AlteredStates;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import io.sluice.connectors.spi.TargetDatabase;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** North is to join east, which fills it, and west. */
final class JoiningTest {

    private static final ColumnDefinition ID = column("id");

    private final Map<String, Checkpoint> checkpoints = new HashMap<>();
    private final List<String> spoken = new ArrayList<>();
    private final List<SourcePosition> asked = new ArrayList<>();
    private Optional<AlteredStates> alterations =
            Optional.of(faked(AlteredStates.class, (proxy, method, arguments) -> null));
    private List<TableDefinition> tables = List.of(table(7, ID));
    private @Nullable LogGapException gap;

    private final Joining joining =
            new Joining(
                    "north",
                    List.of("east", "west", "north"),
                    new Names(),
                    new Databases(),
                    () -> {
                        throw new UnsupportedOperationException("no log is heard");
                    });

    @Test
    void aSiteWhoseLogWasReadBeforeWouldBeReadOnFromThereAndIsRefused() {
        assertThat(joining.findings()).as("nobody else writes").isEmpty();
        streaming("east", "west->east");
        assertThat(joining.findings())
                .singleElement()
                .extracting(Finding::severity, Finding::problem)
                .satisfies(
                        found -> {
                            assertThat(found.getFirst()).isEqualTo(Severity.NOTES);
                            assertThat((String) found.get(1)).contains("It joins east and west");
                        });
        streaming("west", "north->west");
        assertThat(joining.findings())
                .singleElement()
                .extracting(Finding::severity, Finding::problem)
                .satisfies(
                        found -> {
                            assertThat(found.getFirst()).isEqualTo(Severity.BLOCKS);
                            assertThat((String) found.get(1))
                                    .contains("before, for west has a checkpoint of north->west");
                        });
        assertFails(ErrorClass.FATAL, joining::begin, "north cannot join");
        assertThat(joining.isUnderWay()).isFalse();
    }

    @Test
    void aTableThatIsAnotherOneSinceItsLogIsKeptBeginsTheJoinAnewWhereTheLogDoesNotDescribeIt() {
        MemberLogs logs = logs();
        tables = List.of(table(8, ID)); // of more rows
        logs.requireUnaltered();
        tables = List.of(table(8, ID, column("n")));
        assertFails(ErrorClass.RETRY, () -> logs.requireUnaltered(), "altered at west");
        alterations = Optional.empty();
        logs.requireUnaltered();
    }

    @Test
    void aMembersLogHasToReachBackToWhereItIsReadFrom() {
        streaming("east", "west->east");
        Joined joined =
                Joined.at(
                                new Memory(),
                                List.of(member()),
                                new Origin("east"),
                                new HybridTimestamp(5, 0))
                        .orElseThrow();
        logs().requireReach(joined);
        assertThat(asked).containsExactly(new Lsn(150));
        gap = new LogGapException("It is gone.", "0/96", "0/FF");
        assertFails(
                ErrorClass.FATAL,
                () -> logs().requireReach(joined),
                "west has not kept its log after 0/96 for as long as north was being filled");
    }

    @Test
    void allMembersAreUrgedToSpeak() {
        logs().urge();
        assertThat(spoken).containsExactly("west");
    }

    private static void assertFails(ErrorClass as, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ConnectorException.class, e -> assertThat(e.errorClass()).isEqualTo(as))
                .hasMessageContaining(message);
    }

    private MemberLogs logs() {
        return new MemberLogs("north", new Databases(), List.of(member()));
    }

    private MemberLogs.Member member() {
        Checkpoint claim = new Checkpoint("west->north", 4, Phase.NEW, null, null, "its own", null);
        return new MemberLogs.Member("west", "west->east", claim, new Lsn(100), tables);
    }

    private void streaming(String at, String pipeline) {
        checkpoints.put(
                at + ":" + pipeline,
                new Checkpoint(
                        pipeline,
                        1,
                        Phase.STREAMING,
                        new Lsn(200),
                        Instant.EPOCH,
                        "its own",
                        new HybridTimestamp(9, 0)));
    }

    private static TableDefinition table(long rows, ColumnDefinition... columns) {
        return new TableDefinition(
                new TableId("shop", "t"),
                Engine.MYSQL,
                List.of(columns),
                List.of("id"),
                List.of(),
                List.of("id"),
                RowIdentity.FULL,
                false,
                rows,
                -1);
    }

    private static ColumnDefinition column(String name) {
        return new ColumnDefinition(
                name, new DataType.Int(32, false), "int", true, null, null, Identity.NONE, null);
    }

    private static <T> T faked(Class<T> type, InvocationHandler answers) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }

    private static final class Names implements Joining.Names {

        @Override
        public String pipeline(String source, String target) {
            return source + "->" + target;
        }

        @Override
        public String mark(String site) {
            return "*->" + site;
        }

        @Override
        public String joining(String site) {
            return "+->" + site;
        }
    }

    private final class Databases implements Joining.Databases {

        @Override
        public SourceDatabase source(String site) {
            return faked(
                    SourceDatabase.class,
                    (proxy, method, arguments) -> source(site, method.getName(), arguments));
        }

        private @Nullable Object source(String site, String method, Object[] arguments) {
            switch (method) {
                case "speak" -> spoken.add(site);
                case "alterations" -> {
                    return alterations;
                }
                case "resumeLog" -> {
                    asked.add((SourcePosition) arguments[2]);
                    if (gap != null) {
                        throw gap;
                    }
                    return "its own";
                }
                case "close" -> {}
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        }

        @Override
        public TargetDatabase target(String site) {
            return faked(
                    TargetDatabase.class,
                    (proxy, method, arguments) ->
                            switch (method.getName()) {
                                case "checkpoint" ->
                                        Optional.ofNullable(
                                                checkpoints.get(site + ":" + arguments[0]));
                                case "close" -> null;
                                default ->
                                        throw new UnsupportedOperationException(method.getName());
                            });
        }

        @Override
        public List<TableDefinition> tables(String site, SourceDatabase source) {
            return tables;
        }
    }

    private final class Memory implements SiteSnapshot {

        @Override
        public Optional<Checkpoint> checkpoint(String pipeline) {
            return Optional.ofNullable(checkpoints.get("east:" + pipeline));
        }

        @Override
        public Optional<ReadingPoint> readingPoint(String pipeline) {
            return Optional.of(new ReadingPoint(new Lsn(150), new HybridTimestamp(8, 0), "east=7"));
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
