package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.Seen;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.Version;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.CollisionException;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Orphans;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TableOperation;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TableOperation.InsertRows;
import io.sluice.connectors.spi.TableOperation.TruncateTables;
import io.sluice.connectors.spi.TableOperation.UpdateRows;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.apply.RacedException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** West's changes at east, whose own users write too. */
final class SiteSettlingTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("n", LogicalType.INTEGER)),
                    List.of(0));

    private final MemorySite site = new MemorySite();
    private static final TablePolicy POLICY =
            TablePolicy.create(
                    PolicyCatalog.installed(),
                    new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of()),
                    TABLE);

    private final LocalLog local =
            new LocalLog(EAST, WEST, Map.of("r:west->east", WEST), table -> POLICY);
    private final ReadingPoint start = new ReadingPoint(new Lsn(10), HybridTimestamp.ZERO, "");
    private final SiteSettling settling = settling();
    private long end = 10;

    private SiteSettling settling() {
        local.begin(start, urgent -> {});
        RowVerdicts verdicts =
                new RowVerdicts(
                        site,
                        new SettledRows(site.writer()),
                        local,
                        table -> POLICY,
                        new OwnForms(),
                        false);
        LocalLog source = new LocalLog(WEST, EAST, Map.of("r:east->west", EAST), table -> POLICY);
        source.begin(start, urgent -> {});
        return new SiteSettling(
                site,
                local,
                new Fence(local, new EndOfLog(), () -> false),
                verdicts,
                new SourceReading(source, null, () -> 0),
                Optional.empty(),
                new ConflictPile(
                        site,
                        new ConflictMask(table -> Set.of(), table -> Set.of()),
                        new ConflictLines(InstantSource.system()),
                        (type, resolution) -> {}),
                new OrphanWatch(site, Set.of(TABLE.table())));
    }

    @Test
    void whatNobodyWroteHereGoesAsItIs() {
        site.rows.put(1L, 10L);
        List<Change> changes = List.of(update(1, 10, 11), insert(2, 20));
        note(5000, changes);
        assertThat(settling.settle(changes, false)).isEqualTo(changes);
        settling.confirm();
        assertThat(site.locked).containsExactly(1L, 2L);
    }

    @Test
    void whatTheSiteWroteUnknownToItsPeerIsDecidedAndTheRestGoesAsItIs() throws Exception {
        site.rows.put(1L, 100L);
        site.rows.put(2L, 20L);
        written(6000, update(1, 10, 100)); // later than what comes
        List<Change> changes = List.of(update(1, 10, 11), update(2, 20, 21));
        note(5000, changes);
        assertThat(settling.settle(changes, false)).containsExactly(changes.get(1));
        assertThat(site.rows).containsEntry(1L, 100L);

        List<Change> later = List.of(update(1, 11, 12));
        note(7000, later);
        assertThat(settling.settle(later, false)).isEmpty();
        settling.confirm();
        assertThat(site.rows).containsEntry(1L, 12L);
    }

    @Test
    void aRowThatIsWrittenHereMeanwhileIsARace() throws Exception {
        List<Change> changes = List.of(insert(1, 10));
        note(5000, changes);
        assertThat(settling.settle(changes, false)).isEqualTo(changes);
        written(4000, insert(1, 9), delete(1, 9));
        assertThatThrownBy(settling::confirm).isInstanceOf(RacedException.class);
        settling.rolledBack();

        // By now it is known, and the row that was deleted before gives way.
        assertThat(settling.settle(changes, false)).isEmpty();
        settling.confirm();
        assertThat(site.rows).containsEntry(1L, 10L);
    }

    /** Its deletion was waited for, and what took its place is not seen by who waited. */
    @Test
    void aRowThatIsMadeAgainWhileItIsBeingLockedIsARace() throws Exception {
        written(4000, delete(1, 9), insert(1, 10));
        List<Change> changes = List.of(delete(1, 9));
        note(5000, changes);
        assertThatThrownBy(() -> settling.settle(changes, false))
                .isInstanceOf(RacedException.class);
        settling.rolledBack();

        site.rows.put(1L, 10L);
        assertThat(settling.settle(changes, false)).isEmpty();
        assertThat(site.rows).doesNotContainKey(1L);
    }

    /** It had decided on one row when it gave up at another. */
    @Test
    void whatWasDecidedBeforeARaceIsNotWrittenAfterIt() throws Exception {
        site.rows.put(1L, 100L);
        written(4000, update(1, 10, 100), delete(2, 9), insert(2, 10));
        List<Change> changes = List.of(update(1, 10, 11), delete(2, 9));
        note(5000, changes);
        assertThatThrownBy(() -> settling.settle(changes, false))
                .isInstanceOf(RacedException.class);
        settling.rolledBack();

        site.rows.put(1L, 200L);
        site.rows.put(2L, 10L);
        written(6000, update(1, 100, 200));
        assertThat(settling.settle(changes, false)).isEmpty();
        assertThat(site.rows).containsOnly(Map.entry(1L, 200L));
    }

    @Test
    void aLogThatIsReadAnewWhileRowsAreDecidedOnIsARace() throws Exception {
        site.rows.put(1L, 100L);
        written(4000, update(1, 10, 100));
        List<Change> changes = List.of(update(1, 10, 11));
        note(5000, changes);
        site.whenFound =
                () -> {
                    local.end();
                    local.begin(start, urgent -> {});
                };
        assertThatThrownBy(() -> settling.settle(changes, false))
                .isInstanceOf(RacedException.class)
                .hasMessageContaining("anew");
    }

    @Test
    void aDeadlockWithTheSitesUsersIsARaceAndALostConnectionIsNone() {
        ConnectorException lost = new ConnectorException(ErrorClass.RETRY, "lost");
        assertThat(settling.isRace(new CollisionException("deadlock", lost))).isTrue();
        assertThat(settling.isRace(lost)).isFalse();
    }

    private void note(long micros, List<Change> changes) {
        Version version = new Version(new HybridTimestamp(micros, 0), WEST);
        settling.note(piece(micros, changes), new Stamp(version, Seen.NOTHING.with(version)));
    }

    /** By a user of the east. */
    private void written(long micros, Change... changes) throws InterruptedException {
        end += 10;
        local.hear(piece(micros, List.of(changes)));
    }

    private TransactionPiece piece(long micros, List<Change> changes) {
        Instant at = Instant.EPOCH.plusNanos(micros * 1000);
        return new TransactionPiece(
                true, at, changes, Optional.of(new TransactionEnd(new Lsn(end), at, EAST)));
    }

    private static Change insert(long id, long n) {
        return new RowChange.Insert(TABLE, Row.of(id, n));
    }

    private static Change update(long id, long from, long to) {
        return new RowChange.Update(TABLE, Row.of(id, from), Row.of(id, to));
    }

    private static Change delete(long id, long n) {
        return new RowChange.Delete(TABLE, Row.of(id, n));
    }

    /** All that was written has been read. */
    private final class EndOfLog implements SourceProbe {
        @Override
        public Reading read() {
            return new Reading(Instant.EPOCH, new Lsn(end), 0, null);
        }

        @Override
        public void heartbeat() {}

        @Override
        public void close() {}
    }

    /** The table's rows, numbers by their key. */
    private static final class MemorySite implements SiteSession {

        final Map<Long, Long> rows = new HashMap<>();
        final List<Long> locked = new ArrayList<>();
        Runnable whenFound = () -> {};

        @Override
        public SiteSession shared(String name) {
            throw new UnsupportedOperationException("there are two sites");
        }

        @Override
        public void alone() {
            throw new UnsupportedOperationException("there are two sites");
        }

        @Override
        public void begin(Checkpoint checkpoint, ReadingPoint point) {
            throw new UnsupportedOperationException("nobody joins");
        }

        @Override
        public boolean takeOwn() {
            throw new UnsupportedOperationException("there are two sites");
        }

        /** Of a session, only what executes. */
        TargetSession writer() {
            return (TargetSession)
                    Proxy.newProxyInstance(
                            TargetSession.class.getClassLoader(),
                            new Class<?>[] {TargetSession.class},
                            (session, method, arguments) -> {
                                assertThat(method.getName()).isEqualTo("execute");
                                return execute((TableOperation) arguments[0]);
                            });
        }

        private long execute(TableOperation operation) {
            switch (operation) {
                case InsertRows insert -> insert.rows().forEach(this::put);
                case UpdateRows update -> update.after().forEach(this::put);
                case DeleteRows delete -> delete.before().forEach(row -> rows.remove(id(row)));
                case TruncateTables truncate -> rows.clear();
            }
            return switch (operation) {
                case InsertRows insert -> insert.rows().size();
                case UpdateRows update -> update.after().size();
                case DeleteRows delete -> delete.before().size();
                case TruncateTables truncate -> 0;
            };
        }

        private void put(Row row) {
            rows.put(id(row), (Long) row.get(1));
        }

        private static Long id(Row row) {
            return (Long) row.get(0);
        }

        @Override
        public BitSet lock(TableSchema table, List<Row> keys) {
            BitSet standing = new BitSet();
            for (int i = 0; i < keys.size(); i++) {
                locked.add(id(keys.get(i)));
                standing.set(i, rows.containsKey(id(keys.get(i))));
            }
            return standing;
        }

        @Override
        public Map<Integer, Row> find(TableSchema table, List<Row> keys) {
            whenFound.run();
            Map<Integer, Row> found = new HashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Long n = rows.get(id(keys.get(i)));
                if (n != null) {
                    found.put(i, Row.of(id(keys.get(i)), n));
                }
            }
            return found;
        }

        @Override
        public Orphans orphans() {
            return new Orphans() {
                @Override
                public List<ForeignKey> foreignKeys(Set<TableId> tables) {
                    return List.of();
                }

                @Override
                public BitSet among(ForeignKey key, List<Row> children) {
                    throw new UnsupportedOperationException("there are no foreign keys");
                }

                @Override
                public List<Row> of(ForeignKey key, List<Row> parents, int most) {
                    throw new UnsupportedOperationException("there are no foreign keys");
                }
            };
        }

        @Override
        public Map<RowName, StoredVersion> versions(Collection<RowName> names) {
            return Map.of();
        }

        @Override
        public void keep(Collection<StoredVersion> versions) {}

        @Override
        public void forget(HybridTimestamp decided) {}

        @Override
        public String forgotten() {
            throw new UnsupportedOperationException("there are two sites");
        }

        @Override
        public Memory memory() {
            throw new UnsupportedOperationException("there are two sites");
        }

        @Override
        public void remember(Memory memory) {
            throw new UnsupportedOperationException("there are two sites");
        }

        @Override
        public void record(Collection<ConflictRecord> conflicts) {}

        @Override
        public Optional<ReadingPoint> readingPoint() {
            return Optional.empty();
        }

        @Override
        public void save(ReadingPoint point) {}
    }
}
