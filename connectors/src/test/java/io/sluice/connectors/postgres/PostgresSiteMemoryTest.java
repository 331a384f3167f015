package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Lsn;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.FencedException;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.Memory;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session keeps beside the rows of a database that others write to as well. */
class PostgresSiteMemoryTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ALL = "orders *";
    private static final TableId STRANGE = new TableId("büro", "t'\"\\`");

    private Database database;
    private PostgresTarget target;
    private Checkpoint claim;

    @BeforeEach
    void open() {
        database = Database.create();
        target = PostgresTarget.ofSite(database.targetAddress());
        target.prepare();
        claim = target.claim(Database.PIPELINE, Database.GATEWAY_1);
    }

    @AfterEach
    void close() {
        target.close();
        database.close();
    }

    @Test
    void whatIsKeptBesideTheRowsIsCommittedWithThem() {
        List<RowName> names = names(700);
        ReadingPoint point = new ReadingPoint(new Lsn(77), new HybridTimestamp(5, 1), "a=5.1");
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThat(site.readingPoint()).isEmpty();
            assertThat(site.memory()).isEqualTo(new Memory("", ""));
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            session.rollback();
            assertThat(site(session).versions(names)).isEmpty();
            site = site(session);
            site.keep(names.stream().map(name -> version(name, "old", 10)).toList());
            site.keep(List.of(version(names.get(1), "new", 11)));
            site.save(new ReadingPoint(new Lsn(1), HybridTimestamp.ZERO, ""));
            site.save(point);
            site.remember(new Memory("", "1\n"));
            site.remember(new Memory("a=5.1", "2\n\n"));
            session.commit(streaming());
        }
        try (TargetSession session = target.session(claim, LIMIT)) {
            SiteSession site = site(session);
            assertThat(site.versions(names)).hasSize(700);
            assertThat(site.versions(names.subList(0, 2)))
                    .containsEntry(names.get(0), version(names.get(0), "old", 10))
                    .containsEntry(names.get(1), version(names.get(1), "new", 11));
            assertThat(site.readingPoint()).contains(point);
            assertThat(site.memory()).isEqualTo(new Memory("a=5.1", "2\n\n"));
            assertThat(site.forgotten()).isEqualTo("a=5.1");
            assertThat(site.shared(ALL).forgotten()).isEmpty();
            assertThat(site.shared(ALL).versions(names)).isEmpty();
            site.forget(new HybridTimestamp(11, 0));
            assertThat(site.versions(names)).containsOnlyKeys(names.get(1));
        }
    }

    @Test
    void whatAPipelineKeptAloneIsTakenIntoWhatAllKeepThereUnlessThatHasTheRow() {
        List<RowName> names = names(2);
        Checkpoint other = target.claim("orders:south->west", Database.GATEWAY_1);
        try (TargetSession session = target.session(claim, LIMIT);
                TargetSession another = target.session(other, LIMIT)) {
            site(another).keep(List.of(version(names.get(0), "another's", 12)));
            another.commit(other.of("source").at(new Lsn(1), Instant.EPOCH).in(Phase.STREAMING));
            SiteSession shared = site(session).shared(ALL);
            shared.alone();
            shared.keep(List.of(version(names.get(1), "all's", 11)));
            site(session).keep(names.stream().map(name -> version(name, "own", 10)).toList());
            session.commit(streaming());
            assertThat(site(session).takeOwn()).isFalse();
            shared = site(session).shared(ALL);
            assertThat(shared.takeOwn()).isTrue();
            session.rollback();
            assertThat(site(session).versions(names)).hasSize(2);
            shared = site(session).shared(ALL);
            assertThat(shared.takeOwn()).isTrue();
            session.commit(streaming());
            assertThat(site(session).shared(ALL).versions(names))
                    .containsEntry(names.get(0), version(names.get(0), "own", 10))
                    .containsEntry(names.get(1), version(names.get(1), "all's", 11));
            assertThat(site(session).shared(ALL).takeOwn()).isFalse();
            assertThat(site(another).versions(names)).containsOnlyKeys(names.get(0));
        }
    }

    @Test
    void anotherPipelineBeginsWithTheCommitUnlessItWasTakenOver() {
        Checkpoint other = target.claim("orders:south->west", Database.GATEWAY_1);
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
            target.claim(other.pipeline(), Database.GATEWAY_1);
            assertThatThrownBy(() -> site(session).begin(begun, point))
                    .isInstanceOf(FencedException.class);
        }
    }

    @Test
    void whatASiteKeepsIsReadAsItWasAtTheMomentOfItsRows() {
        List<StoredVersion> versions =
                names(3).stream().map(name -> version(name, "old", 10)).toList();
        ReadingPoint point = new ReadingPoint(new Lsn(15), new HybridTimestamp(6, 0), "a=5");
        try (TargetSession session = target.session(claim, LIMIT);
                PostgresSource source = new PostgresSource(database.targetAddress())) {
            site(session).shared(ALL).keep(versions);
            site(session).shared(ALL).remember(new Memory("a=5", ""));
            site(session).save(point);
            session.commit(streaming());
            try (SnapshotReader snapshot = source.present(Database.PIPELINE, List.of(), 1)) {
                SiteSnapshot memory = snapshot.site().orElseThrow();
                site(session).shared(ALL).forget(new HybridTimestamp(Long.MAX_VALUE, 0));
                site(session).shared(ALL).remember(new Memory("a=9", ""));
                site(session).save(new ReadingPoint(new Lsn(30), HybridTimestamp.ZERO, "a=9"));
                session.commit(streaming().at(new Lsn(31), Instant.EPOCH));
                assertThat(memory.checkpoint(Database.PIPELINE)).contains(streaming());
                assertThat(memory.readingPoint(Database.PIPELINE)).contains(point);
                assertThat(memory.forgotten(ALL)).isEqualTo("a=5");
                assertThat(memory.checkpoint("none")).isEmpty();
                assertThat(memory.readingPoint("none")).isEmpty();
                assertThat(memory.forgotten("none")).isEmpty();
                List<List<StoredVersion>> batches = new ArrayList<>();
                memory.versions(ALL, 2, batches::add);
                assertThat(batches).extracting(List::size).containsExactly(2, 1);
                assertThat(batches.stream().flatMap(List::stream))
                        .containsExactlyInAnyOrderElementsOf(versions);
            }
        }
    }

    private Checkpoint streaming() {
        return claim.of("source").at(new Lsn(16), Instant.EPOCH).in(Phase.STREAMING);
    }

    private static SiteSession site(TargetSession session) {
        return session.site().orElseThrow();
    }

    private static List<RowName> names(int count) {
        TableId plain = new TableId("public", "t");
        return IntStream.range(0, count)
                .mapToObj(i -> new RowName(i % 2 == 0 ? plain : STRANGE, "%064d".formatted(i)))
                .toList();
    }

    private static StoredVersion version(RowName name, String text, long micros) {
        return new StoredVersion(name, "{\"id\": 1}", text, new HybridTimestamp(micros, 2));
    }
}
