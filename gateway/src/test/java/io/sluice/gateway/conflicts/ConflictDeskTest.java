package io.sluice.gateway.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.connectors.spi.SiteSession.RowName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConflictDeskTest {

    private final Site east = new Site(3);
    private final Site west = new Site(2);

    /** As many conflicts, one a second; or a reason for which it cannot be asked. */
    private static final class Site implements ConflictStore {
        private final int conflicts;
        private @Nullable ConnectorException failure;
        private Runnable beforeAnswer = () -> {};

        Site(int conflicts) {
            this.conflicts = conflicts;
        }

        @Override
        public List<RecordedConflict> page(ConflictSearch search, long before, int atMost) {
            beforeAnswer.run();
            if (failure != null) {
                throw failure;
            }
            return LongStream.rangeClosed(1, conflicts)
                    .map(i -> conflicts + 1 - i)
                    .filter(id -> id < before)
                    .limit(atMost)
                    .mapToObj(Site::recorded)
                    .toList();
        }

        private static RecordedConflict recorded(long id) {
            RowName row = new RowName(new TableId("public", "t"), "hash " + id);
            ConflictRecord conflict =
                    new ConflictRecord(
                            id,
                            row,
                            "{}",
                            "insert_exists",
                            "apply",
                            "later",
                            "last-update-wins",
                            "insert",
                            "v",
                            null,
                            null,
                            null,
                            null,
                            Instant.ofEpochSecond(id));
            return new RecordedConflict("p", conflict, null);
        }

        @Override
        public Optional<RecordedConflict> find(long id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean resolve(long id, String by, Resolver resolver) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int forget(Instant before, long kept, int batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long open() {
            throw new UnsupportedOperationException();
        }
    }

    private ConflictDesk desk() {
        Map<String, ConflictStore> sites = new LinkedHashMap<>();
        sites.put("east", east);
        sites.put("west", west);
        return new ConflictDesk(sites, (pipeline, text) -> {});
    }

    private static List<String> names(ConflictDesk.Page page) {
        return page.conflicts().stream().map(each -> each.name().toString()).toList();
    }

    @Test
    void aSiteThatIsAwayIsNamedAndDoesNotHideTheOthers() {
        west.failure = new ConnectorException(ErrorClass.RETRY, "nobody answers");
        ConflictDesk.Page page = desk().page(ConflictSearch.ALL, null, null, 2);
        assertThat(names(page)).containsExactly("east/3", "east/2");
        assertThat(page.away()).containsExactly(Map.entry("west", "nobody answers"));

        west.failure = null;
        ConflictDesk.Page next = desk().page(ConflictSearch.ALL, null, page.next(), 9);
        assertThat(names(next)).as("which come once it is back").contains("east/1", "west/2");
        assertThat(next.away()).isEmpty();
        assertThat(next.next()).isNull();
    }

    @Test
    void whereNobodyCanBeAskedOrTryingAgainIsOfNoUseItFails() {
        west.failure = new ConnectorException(ErrorClass.RETRY, "nobody answers");
        assertThatThrownBy(() -> desk().page(ConflictSearch.ALL, "west", null, 2))
                .isSameAs(west.failure);
        east.failure = new ConnectorException(ErrorClass.RETRY, "nor here");
        assertThatThrownBy(() -> desk().page(ConflictSearch.ALL, null, null, 2))
                .isSameAs(west.failure);
        east.failure = null;
        west.failure = new ConnectorException(ErrorClass.FATAL, "no right to read");
        assertThatThrownBy(() -> desk().page(ConflictSearch.ALL, null, null, 2))
                .isSameAs(west.failure);
    }

    @Test
    void noMoreThanSoManyCallersHaveAConnectionAtOnce() throws Exception {
        ConflictDesk desk = desk();
        CountDownLatch asking = new CountDownLatch(ConflictDesk.MOST_CALLERS);
        CountDownLatch answer = new CountDownLatch(1);
        east.beforeAnswer =
                () -> {
                    asking.countDown();
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                };
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ConflictDesk.Page>> pages = new ArrayList<>();
            for (int i = 0; i < ConflictDesk.MOST_CALLERS; i++) {
                pages.add(callers.submit(() -> desk.page(ConflictSearch.ALL, null, null, 9)));
            }
            assertThat(asking.await(60, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> desk.page(ConflictSearch.ALL, "west", null, 9))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                    .hasMessageContaining("Ask again");
            answer.countDown();
            for (Future<ConflictDesk.Page> page : pages) {
                assertThat(page.get(60, TimeUnit.SECONDS).conflicts()).hasSize(5);
            }
        } finally {
            answer.countDown();
        }
        west.failure = new ConnectorException(ErrorClass.RETRY, "nobody answers");
        for (int i = 0; i <= ConflictDesk.MOST_CALLERS; i++) {
            assertThatThrownBy(() -> desk.page(ConflictSearch.ALL, "west", null, 9))
                    .isSameAs(west.failure);
        }
    }
}
