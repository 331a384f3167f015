package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.SiteReading;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import io.sluice.connectors.spi.SnapshotReader;
import io.sluice.connectors.spi.TargetSession;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session keeps beside the rows of a server that others write to as well. */
final class MySqlSiteMemoryTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private TargetFixture db;
    private MySqlTarget target;
    private Checkpoint claim;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
        target = MySqlTarget.ofSite(db.address());
        target.prepare();
        claim = target.claim(db.pipeline, TargetFixture.GATEWAY_1);
    }

    @AfterEach
    void close() {
        target.close();
        db.close();
    }

    @Test
    void whatIsKeptBesideTheRowsIsCommittedWithThem() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY, v int)");
        TableSchema t = db.schema("t");
        TableId strange = new TableId("büro", "t'\"\\`");
        List<RowName> names =
                IntStream.range(0, 700)
                        .mapToObj(i -> new RowName(i % 2 == 0 ? t.table() : strange, hash(i)))
                        .toList();
        ReadingPoint point = new ReadingPoint(new Lsn(77), new HybridTimestamp(5, 1), "a=5.1");
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThat(site.readingPoint()).isEmpty();
            assertThat(site.versions(List.of())).isEmpty();
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            session.rollback();
            assertThat(site.versions(names)).isEmpty();
            assertThat(site.readingPoint()).isEmpty();
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.keep(List.of(version(names.get(1), "new", 11)));
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            site.save(point);
            site.record(
                    List.of(conflict(names.get(1), null), conflict(names.get(0), "{\"id\":1}")));
            session.commit(streaming());
            assertThat(site.versions(names)).hasSize(700);
            assertThat(site.versions(names.subList(0, 2)))
                    .containsEntry(names.get(1), version(names.get(1), "new", 11));
            assertThat(site.readingPoint()).contains(point);
            assertThat(site.forgotten()).isEmpty();
            assertThat(site.memory()).isEqualTo(new SiteSession.Memory("", ""));
            site.remember(new SiteSession.Memory("", "1\n"));
            site.remember(new SiteSession.Memory("a=5.1", "2\n\n"));
            assertThat(site.memory()).isEqualTo(new SiteSession.Memory("a=5.1", "2\n\n"));
            assertThat(site.shared("another").forgotten()).isEmpty();
            assertThat(site.forgotten()).isEqualTo("a=5.1");
            site.forget(new HybridTimestamp(11, 0));
            assertThat(site.versions(names)).containsOnlyKeys(names.get(1));
        }
        assertThat(
                        db.rows(
                                "SELECT table_schema, table_name, kind, resolution, operation,"
                                        + " incoming_version, standing_version, incoming_row,"
                                        + " standing_row, policy, result_row, timestampdiff(HOUR, at, now())"
                                        + " FROM sluice.conflict WHERE pipeline = '"
                                        + db.pipeline
                                        + "' ORDER BY id"))
                .containsExactly(
                        "büro|t'\"\\`|update_missing|park|update|9@east|∅|{\"id\": 1}|∅|park|∅|0",
                        db.name
                                + "|t|update_missing|park|update|9@east|8@west|{\"id\": 1}|{\"id\": 1}|park|∅|0");
        Checkpoint other = target.claim(db.pipeline + " other", TargetFixture.GATEWAY_1);
        try (TargetSession session = target.session(other, LIMIT)) {
            assertThat(site(session).versions(names)).isEmpty();
            assertThat(site(session).readingPoint()).isEmpty();
        }
    }

    @Test
    void anotherPipelineBeginsWithTheCommitUnlessItWasTakenOver() {
        Checkpoint other = target.claim(db.pipeline + " other", TargetFixture.GATEWAY_1);
        Checkpoint begun =
                other.of("another's")
                        .at(new Lsn(20), Instant.EPOCH)
                        .in(Phase.STREAMING)
                        .stamped(new HybridTimestamp(7, 1));
        ReadingPoint point = new ReadingPoint(new Lsn(18), new HybridTimestamp(6, 0), "a=5");
        try (TargetSession session = target.session(claim, LIMIT)) {
            site(session).begin(begun, point);
            session.rollback();
            assertThat(target.checkpoint(other.pipeline())).contains(other);
            site(session).begin(begun, point);
            session.commit(streaming());
            assertThat(target.checkpoint(other.pipeline())).contains(begun);
            try (TargetSession its = target.session(other, LIMIT)) {
                assertThat(site(its).readingPoint()).contains(point);
            }
            target.claim(other.pipeline(), TargetFixture.GATEWAY_1);
            assertThatThrownBy(() -> site(session).begin(begun, point))
                    .isInstanceOf(FencedException.class);
        }
    }

    @Test
    void whatAPipelineKeptAloneIsTakenIntoWhatAllKeepThereUnlessThatHasTheRow() {
        List<RowName> names =
                IntStream.range(0, 2).mapToObj(i -> new RowName(db.id("t"), hash(i))).toList();
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession shared = site(session).shared(db.pipeline + " all");
            shared.alone();
            shared.keep(List.of(version(names.get(1), "all's", 11)));
            site(session).keep(names.stream().map(name -> version(name, "own", 10)).toList());
            session.commit(streaming());
            assertThat(site(session).takeOwn()).isFalse();
            assertThat(shared.takeOwn()).isTrue();
            session.commit(streaming());
            assertThat(shared.versions(names))
                    .containsEntry(names.get(0), version(names.get(0), "own", 10))
                    .containsEntry(names.get(1), version(names.get(1), "all's", 11));
            assertThat(shared.takeOwn()).isFalse();
        }
    }

    @Test
    void whatASiteKeepsIsReadAsItWasAtTheMomentOfItsRows() {
        db.run("CREATE TABLE t (id bigint PRIMARY KEY)", "INSERT INTO t VALUES (1)");
        String all = db.pipeline + " all";
        List<StoredVersion> versions =
                IntStream.range(0, 3)
                        .mapToObj(i -> version(new RowName(db.id("t"), hash(i)), "old", 10))
                        .toList();
        ReadingPoint point = new ReadingPoint(new Lsn(15), new HybridTimestamp(6, 0), "a=5");
        SiteReading reading = new SiteReading(Set.of(db.pipeline), Set.of());
        try (TargetSession session = target.session(claim, LIMIT);
                MySqlSource source = new MySqlSource(db.siteAddress(), reading)) {
            SiteSession site = site(session).shared(all);
            site.alone();
            site.keep(versions);
            site.remember(new SiteSession.Memory("a=5", ""));
            site.save(point);
            session.commit(streaming());
            try (SnapshotReader snapshot =
                    source.snapshot(db.pipeline, List.of(db.definition("t")), 1)) {
                SiteSnapshot memory = snapshot.site().orElseThrow();
                site.forget(new HybridTimestamp(Long.MAX_VALUE, 0));
                site.remember(new SiteSession.Memory("a=9", ""));
                site.save(new ReadingPoint(new Lsn(30), new HybridTimestamp(9, 0), "a=9"));
                session.commit(streaming().at(new Lsn(31), Instant.EPOCH));
                assertThat(memory.checkpoint(db.pipeline)).contains(streaming());
                assertThat(memory.readingPoint(db.pipeline)).contains(point);
                assertThat(memory.forgotten(all)).isEqualTo("a=5");
                assertThat(memory.checkpoint("none")).isEmpty();
                assertThat(memory.readingPoint("none")).isEmpty();
                assertThat(memory.forgotten("none")).isEmpty();
                List<List<StoredVersion>> batches = new ArrayList<>();
                memory.versions(all, 2, batches::add);
                assertThat(batches).extracting(List::size).containsExactly(2, 1);
                assertThat(batches.stream().flatMap(List::stream))
                        .containsExactlyElementsOf(versions);
                assertThat(snapshot.readers()).isOne();
            }
            try (SnapshotReader now = source.present(db.pipeline, List.of(), 1)) {
                SiteSnapshot memory = now.site().orElseThrow();
                assertThat(memory.forgotten(all)).isEqualTo("a=9");
                memory.versions(all, 2, batch -> assertThat(batch).isEmpty());
            }
        }
    }

    private Checkpoint streaming() {
        return claim.of("source").at(new Lsn(16), Instant.EPOCH).in(Phase.STREAMING);
    }

    private static SiteSession site(TargetSession session) {
        return session.site().orElseThrow();
    }

    private static StoredVersion version(RowName name, String text, long micros) {
        return new StoredVersion(name, "{\"id\": 1}", text, new HybridTimestamp(micros, 2));
    }

    private static ConflictRecord conflict(RowName name, @Nullable String standing) {
        return new ConflictRecord(
                0,
                name,
                "{\"id\":1}",
                "update_missing",
                "park",
                "it is kept aside",
                "park",
                "update",
                "9@east",
                standing == null ? null : "8@west",
                "{\"id\":1}",
                standing,
                null,
                null);
    }

    private static String hash(int i) {
        return "%064d".formatted(i);
    }
}
