package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.AppliedMark;
import io.sluice.change.BinlogPosition;
import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Seen;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.gateway.apply.RowJson;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** North joins east, which fills it, and west: what is known of the rows that it gets. */
final class JoinedVersionsTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final Origin NORTH = new Origin("north");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("n", LogicalType.INTEGER)),
                    List.of(0));
    private static final TablePolicy POLICY =
            TablePolicy.create(
                    PolicyCatalog.installed(),
                    new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of()),
                    TABLE);

    /** What others add to it adds up. */
    private static final TableSchema STOCK =
            new TableSchema(new TableId("public", "stock"), TABLE.columns(), List.of(0));

    private static final TablePolicy COUNTER =
            TablePolicy.create(
                    PolicyCatalog.installed(),
                    new TableChoice(
                            TableChoice.DEFAULT,
                            Map.of(),
                            Map.of(List.of("n"), PolicySpec.of("delta"))),
                    STOCK);
    private static final HybridTimestamp AGREED = new HybridTimestamp(5_000, 0);

    private final Map<RowName, StoredVersion> atEast = new HashMap<>();
    private final Map<RowName, StoredVersion> atNorth = new HashMap<>();
    private SiteSession.@Nullable Memory remembered;
    private int commits;

    @Test
    void theLaterOfWhatTheFirstSiteKeptAndWhatItsLogTellsIsTheVersionOfARow() throws Exception {
        keptAtEast(1, new Version(new HybridTimestamp(6_500, 0), WEST));
        keptAtEast(2, new Version(new HybridTimestamp(5_500, 0), WEST));
        keptAtEast(3, new Version(new HybridTimestamp(5_600, 0), WEST));
        atNorth.put(name(9), kept(9, new Version(AGREED, WEST))); // of a join that was cut off
        JoinedVersions versions = versions();
        assertThat(heard(versions, agreement(20))).isFalse();
        assertThat(heard(versions, piece(30, 6_000, update(1), update(2)))).isFalse();
        assertThat(heard(versions, piece(40, 6_100, delete(4)))).isFalse();
        assertThat(heard(versions, piece(51, 6_200, update(5)))).as("after the moment").isTrue();
        assertThat(atNorth.keySet()).containsOnly(name(1), name(2), name(3), name(4));
        assertThat(last(1)).isEqualTo(new Version(new HybridTimestamp(6_500, 0), WEST));
        assertThat(last(2)).isEqualTo(new Version(new HybridTimestamp(6_000, 0), EAST));
        assertThat(last(3)).isEqualTo(new Version(new HybridTimestamp(5_600, 0), WEST));
        assertThat(version(4).deleted()).isTrue();
        assertThat(atNorth.values())
                .extracting(StoredVersion::decided)
                .containsOnly(HybridTimestamp.ZERO);
        assertThat(commits).isPositive();
        assertThat(remembered).isEqualTo(new SiteSession.Memory("forgotten at r:*->east", ""));
        assertThat(versions.end(AGREED))
                .isEqualTo(
                        new ReadingPoint(
                                new Lsn(50), new HybridTimestamp(6_100, 0), "east=6100 west=4000"));
    }

    /**
     * One that was committed before it, though it stands behind it in the log, is in the moment.
     */
    @Test
    void whatASetOfGtidsLacksInBetweenEndsNothing() throws Exception {
        JoinedVersions versions = versions(binlog("1-10"), binlog("1-11:13"));
        assertThat(heard(versions, agreement(binlog("1-11")))).isFalse();
        assertThat(heard(versions, piece(binlog("1-12"), 6_000))).isFalse();
        assertThat(heard(versions, piece(binlog("1-13"), 6_100, update(1)))).isFalse();
        assertThat(heard(versions, piece(binlog("1-14"), 6_200, update(2)))).isTrue();
        assertThat(atNorth.keySet()).containsOnly(name(1));
        assertThat(versions.end(AGREED).position()).isEqualTo(binlog("1-11:13"));
    }

    /** It would come again, and be given another time than by the other readers. */
    @Test
    void rowsThatTheMomentLacksMayNotStandInTheLogBeforeItsLast() throws Exception {
        JoinedVersions versions = versions(binlog("1-10"), binlog("1-11:13"));
        heard(versions, agreement(binlog("1-11")));
        TransactionPiece lacked = piece(binlog("1-12"), 6_000, raised(1));
        assertThatThrownBy(() -> heard(versions, lacked))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                .hasMessageContaining("which that moment lacks");
    }

    /** Of a counter nothing may be taken from behind the moment, by whatever it is told. */
    @Test
    void aCounterIsOfAllThatASetOfGtidsHasAndOfNothingElse() throws Exception {
        JoinedVersions versions = versions(binlog("1-10"), binlog("1-11:13-14"));
        heard(versions, agreement(binlog("1-11")));
        heard(versions, piece(binlog("1-12"), 6_000));
        heard(versions, piece(binlog("1-13"), 6_100, raised(1), raised(2)));
        assertThat(heard(versions, piece(binlog("1-14"), 6_200, raised(3)))).isFalse();
        heard(versions, unended(6_300, raised(1), raised(4)));
        assertThat(heard(versions, piece(binlog("1-15"), 6_300, raised(4)))).isTrue();
        assertThat(atNorth.keySet()).containsOnly(stock(1), stock(2), stock(3));
        assertThat(stockVersion(1).of("n").at()).isEqualTo(new HybridTimestamp(6_100, 0));
        assertThat(stockVersion(2).of("n").at()).isEqualTo(new HybridTimestamp(6_100, 0));
        assertThat(stockVersion(3).of("n").at()).isEqualTo(new HybridTimestamp(6_200, 0));
        assertThat(versions.end(AGREED).position()).isEqualTo(binlog("1-11:13-14"));
    }

    private static SourcePosition binlog(String gtids) {
        return BinlogPosition.parse(
                "binlog.000001:4;3e11fa47-71ca-11e1-9e33-c80aa9429562:" + gtids);
    }

    @Test
    void aLogThatDoesNotTellTheAgreedTimeBeforeTheMomentTellsOtherTimesThanItsOtherReaders()
            throws Exception {
        JoinedVersions versions = versions();
        assertThat(heard(versions, piece(51, 6_200, update(5)))).isTrue();
        assertThatThrownBy(() -> versions.end(AGREED)).isInstanceOf(ConnectorException.class);
    }

    /** Of two sites that wrote one row neither's write may be hidden by the other's. */
    @Test
    void aRowOfManyWritesIsOfWhatWasKeptAndOfWhatTheFirstSiteWroteSinceTheAgreedTime()
            throws Exception {
        Version west = new Version(new HybridTimestamp(6_050, 0), WEST);
        atEast.put(stock(1), stored(1, marked(west), new HybridTimestamp(5_950, 0)));
        atEast.put(stock(2), stored(2, marked(west), new HybridTimestamp(6_000, 0)));
        JoinedVersions versions = versions();
        heard(versions, piece(15, 4_900, raised(3))); // told before its readers agreed
        heard(versions, agreement(20));
        heard(versions, piece(30, 6_000, raised(1), raised(2), raised(4)));
        heard(versions, piece(35, 6_010, raised(4), removed(5)));
        heard(versions, unended(6_020, raised(2), raised(6)));
        assertThat(heard(versions, piece(51, 6_020, raised(7)))).isTrue();
        assertThat(atNorth.keySet()).containsOnly(stock(1), stock(2), stock(4), stock(5));
        assertThat(stockVersion(1).marks()).containsEntry("n", west);
        assertThat(stockVersion(1).last()).isEqualTo(west);
        assertThat(stockVersion(2).marks()).containsEntry("n", west);
        assertThat(stockVersion(4).of("n").at()).isEqualTo(new HybridTimestamp(6_010, 0));
        assertThat(stockVersion(4).born()).isEqualTo(new Version(HybridTimestamp.ZERO, EAST));
        assertThat(stockVersion(5).deleted()).isTrue();
        assertThat(stockVersion(5).life().at()).isEqualTo(new HybridTimestamp(6_010, 0));
        assertThat(atNorth.values())
                .allSatisfy(
                        row -> {
                            assertThat(row.decided()).isEqualTo(HybridTimestamp.ZERO);
                            assertThat(VersionText.rowVersion(row.version()).since())
                                    .isEqualTo(HybridTimestamp.ZERO);
                        });
        assertThat(versions.reached()).isEqualTo(new HybridTimestamp(6_010, 0));
    }

    @Test
    void moreThanCanBeKeptInMindStopsTheJoin() {
        JoinedParts parts =
                new JoinedParts(log(), AGREED, JoinedVersionsTest::policy, List.of(STOCK), 5);
        Stamp stamp = new Stamp(new Version(new HybridTimestamp(6_000, 0), EAST), Seen.NOTHING);
        parts.hear(unended(6_000, raised(1)), stamp);
        parts.hear(unended(6_000, raised(2)), stamp); // begins anew: the first is void
        parts.hear(piece(30, 6_000, raised(3)), stamp);
        assertThatThrownBy(() -> parts.hear(piece(31, 6_000, raised(4), raised(5)), stamp))
                .isInstanceOf(ConnectorException.class)
                .hasMessageContaining("-Xmx");
    }

    private static TablePolicy policy(TableSchema table) {
        return table.table().equals(STOCK.table()) ? COUNTER : POLICY;
    }

    private static RowVersion marked(Version version) {
        Version born = new Version(HybridTimestamp.ZERO, WEST);
        return new RowVersion(
                born, version, HybridTimestamp.ZERO, Version.NONE, false, Map.of("n", version));
    }

    private static StoredVersion stored(long id, RowVersion version, HybridTimestamp decided) {
        return new StoredVersion(stock(id), key(id), VersionText.of(version), decided);
    }

    private static RowName stock(long id) {
        return new RowName(STOCK.table(), RowJson.hash(key(id)));
    }

    private RowVersion stockVersion(long id) {
        return VersionText.rowVersion(atNorth.get(stock(id)).version());
    }

    private static Change raised(long id) {
        return new RowChange.Update(STOCK, Row.of(id, 1L), Row.of(id, 2L));
    }

    private static Change removed(long id) {
        return new RowChange.Delete(STOCK, Row.of(id, 1L));
    }

    private static TransactionPiece unended(long micros, Change... changes) {
        return new TransactionPiece(true, at(micros), List.of(changes), Optional.empty());
    }

    private static LocalLog log() {
        return new LocalLog(
                EAST,
                NORTH,
                Map.of("r:west->east", WEST, "r:north->east", NORTH, "r:*->east", EAST),
                JoinedVersionsTest::policy);
    }

    private JoinedVersions versions() {
        return versions(new Lsn(10), new Lsn(50));
    }

    private JoinedVersions versions(SourcePosition from, SourcePosition moment) {
        LocalLog log = log();
        JoinedVersions versions =
                new JoinedVersions(
                        log,
                        new ReadingPoint(from, HybridTimestamp.ZERO, "west=4000"),
                        moment,
                        this::session,
                        () -> commits++,
                        AGREED,
                        JoinedVersionsTest::policy,
                        List.of(TABLE, STOCK));
        versions.take(new Memory(), "r:*->east", table -> table);
        return versions;
    }

    private static boolean heard(JoinedVersions versions, TransactionPiece piece)
            throws InterruptedException {
        return versions.hear(piece, piece);
    }

    private void keptAtEast(long id, Version version) {
        atEast.put(name(id), kept(id, version));
    }

    private static StoredVersion kept(long id, Version version) {
        return new StoredVersion(
                name(id), key(id), VersionText.of(RowVersion.copied(version)), version.at());
    }

    private static RowName name(long id) {
        return new RowName(TABLE.table(), RowJson.hash(key(id)));
    }

    private static String key(long id) {
        return "{\"id\":" + id + "}";
    }

    private RowVersion version(long id) {
        return VersionText.rowVersion(atNorth.get(name(id)).version());
    }

    private Version last(long id) {
        return version(id).last();
    }

    private static Change update(long id) {
        return new RowChange.Update(TABLE, Row.of(id, 1L), Row.of(id, 2L));
    }

    private static Change delete(long id) {
        return new RowChange.Delete(TABLE, Row.of(id, 1L));
    }

    private static TransactionPiece piece(long end, long micros, Change... changes) {
        return piece(new Lsn(end), micros, changes);
    }

    private static TransactionPiece piece(SourcePosition end, long micros, Change... changes) {
        return new TransactionPiece(
                true,
                at(micros),
                List.of(changes),
                Optional.of(new TransactionEnd(end, at(micros), EAST)));
    }

    /** What its readers wrote into east's log. */
    private static TransactionPiece agreement(long end) {
        return agreement(new Lsn(end));
    }

    private static TransactionPiece agreement(SourcePosition end) {
        AppliedMark mark = new AppliedMark("r:*->east", new Lsn(1), AGREED);
        return new TransactionPiece(
                true,
                at(100),
                List.of(),
                Optional.of(new TransactionEnd(end, at(100), EAST, Optional.of(mark))));
    }

    private static Instant at(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Of a session at north, only what keeps versions. */
    private SiteSession session() {
        return (SiteSession)
                Proxy.newProxyInstance(
                        SiteSession.class.getClassLoader(),
                        new Class<?>[] {SiteSession.class},
                        (session, method, arguments) -> asked(method.getName(), arguments));
    }

    private @Nullable Object asked(String method, Object[] arguments) {
        switch (method) {
            case "forget" -> atNorth.clear();
            case "remember" -> remembered = (SiteSession.Memory) arguments[0];
            case "keep" ->
                    ((Collection<?>) arguments[0])
                            .forEach(
                                    each -> {
                                        StoredVersion version = (StoredVersion) each;
                                        atNorth.put(version.row(), version);
                                    });
            case "versions" -> {
                Map<RowName, StoredVersion> found = new HashMap<>(atNorth);
                found.keySet().retainAll((Collection<?>) arguments[0]);
                return found;
            }
            default -> throw new UnsupportedOperationException(method);
        }
        return null;
    }

    private final class Memory implements SiteSnapshot {

        @Override
        public Optional<Checkpoint> checkpoint(String pipeline) {
            return Optional.empty();
        }

        @Override
        public Optional<ReadingPoint> readingPoint(String pipeline) {
            return Optional.empty();
        }

        @Override
        public String forgotten(String name) {
            return "forgotten at " + name;
        }

        @Override
        public void versions(String name, int most, Consumer<List<StoredVersion>> batches) {
            assertThat(name).isEqualTo("r:*->east");
            batches.accept(List.copyOf(atEast.values()));
        }
    }
}
