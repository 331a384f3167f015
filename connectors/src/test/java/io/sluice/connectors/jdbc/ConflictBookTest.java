package io.sluice.connectors.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Row;
import io.sluice.connectors.mysql.MySqlConnector;
import io.sluice.connectors.postgres.PostgresConnector;
import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConflictStore.Correction;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The record of conflicts, as both engines keep it. */
class ConflictBookTest {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String PIPELINE = "r:conflict book->here";

    /** A database of one engine, and the book of the pipeline in it. */
    private static final class Place implements AutoCloseable {

        private final DatabaseServer server;
        private final String name = "book_" + NUMBER.incrementAndGet();
        private final Privileges role = Privileges.fresh(name);
        private final Connection connection;
        private final TargetDatabase target;
        final boolean isMySql;
        final ConflictStore book;

        Place(String engine) {
            isMySql = engine.equals("MySQL");
            server = isMySql ? Servers.sharedMySql() : Servers.sharedPostgres();
            server.createDatabase(name);
            role.create(server, name, Privileges.End.TARGET);
            connection = server.connect(name);
            String url =
                    server instanceof MySqlServer mysql
                            ? mysql.url(name) + "?sslMode=DISABLED&allowPublicKeyRetrieval=true"
                            : "jdbc:postgresql://127.0.0.1:%d/%s".formatted(server.port(), name);
            DatabaseAddress address =
                    new DatabaseAddress("here", url, role.role(), role.password());
            target =
                    isMySql
                            ? new MySqlConnector().target(address)
                            : new PostgresConnector().target(address);
            target.prepare();
            book = target.conflicts(List.of("r:another->here", PIPELINE));
            String table = isMySql ? name + ".item" : "public.item";
            run(
                    "CREATE TABLE " + table + " (id int PRIMARY KEY, word varchar(20))",
                    isMySql
                            ? "SELECT 1"
                            : "GRANT ALL ON public.item TO \"%s\"".formatted(role.role()));
        }

        String schema() {
            return isMySql ? name : "public";
        }

        void record(int id, String kind, String resolution, @Nullable String pipeline) {
            run(
                    "INSERT INTO sluice.conflict (pipeline, table_schema, table_name, key_hash, row_key, kind, resolution, reason, operation, incoming_version, incoming_row, at) VALUES ('%s', '%s', 'item', 'h', '{\"id\": %d}', '%s', '%s', 'r', 'update', '1@a', '{\"id\": %d, \"word\": \"new\"}', '2026-01-%02d 12:00:00')"
                            .formatted(
                                    pipeline == null ? PIPELINE : pipeline,
                                    schema(),
                                    id,
                                    kind,
                                    resolution,
                                    id,
                                    id));
        }

        void run(String... statements) {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                for (String sql : statements) {
                    statement.execute(sql);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Nullable String one(String sql) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                return row.next() ? row.getString(1) : null;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        List<Integer> days(ConflictSearch search, long before, int atMost) {
            return book.page(search, before, atMost).stream().map(Place::day).toList();
        }

        /** Each was decided on another day, which is its row's key. */
        static int day(RecordedConflict conflict) {
            String at = Objects.requireNonNull(conflict.conflict().at()).toString();
            assertThat(at).endsWith("T12:00:00Z");
            return Integer.parseInt(at.substring(8, 10));
        }

        @Override
        public void close() throws SQLException {
            if (isMySql) {
                run(
                        "DELETE FROM sluice.conflict_resolution WHERE conflict_id IN (SELECT id FROM sluice.conflict WHERE pipeline LIKE '%->here')",
                        "DELETE FROM sluice.conflict WHERE pipeline LIKE '%->here'");
            }
            target.close();
            connection.close();
            server.dropDatabase(name);
            role.drop(server);
        }
    }

    private static ConflictSearch kind(String kind) {
        return new ConflictSearch(null, null, kind, null, null, null, false);
    }

    private static Instant day(int day) {
        return Instant.parse("2026-01-%02dT12:00:00Z".formatted(day));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostgreSQL", "MySQL"})
    void conflictsAreFoundByWhatIsAskedForNewestFirst(String engine) throws SQLException {
        try (Place place = new Place(engine)) {
            place.record(1, "insert_exists", "apply", null);
            place.record(2, "update_deleted", "park", null);
            place.record(3, "update_deleted", "keep", "r:another->here");
            place.record(4, "insert_exists", "park", "r:foreign->here");
            place.record(5, "insert_exists", "park", null);

            ConflictSearch all = ConflictSearch.ALL;
            assertThat(place.days(all, Long.MAX_VALUE, 9)).containsExactly(5, 3, 2, 1);
            List<RecordedConflict> first = place.book.page(all, Long.MAX_VALUE, 2);
            long last = first.getLast().conflict().id();
            assertThat(place.days(all, last, 9)).containsExactly(2, 1);
            assertThat(first.getFirst().conflict().incoming()).as("the values").isNull();
            assertThat(place.days(kind("update_deleted"), Long.MAX_VALUE, 9)).containsExactly(3, 2);
            ConflictSearch kept = new ConflictSearch(null, null, null, "keep", null, null, false);
            assertThat(place.days(kept, Long.MAX_VALUE, 9)).containsExactly(3);
            ConflictSearch own =
                    new ConflictSearch(PIPELINE, null, null, null, day(2), day(5), false);
            assertThat(place.days(own, Long.MAX_VALUE, 9)).containsExactly(2);
            String table = place.schema() + ".item";
            ConflictSearch open = new ConflictSearch(null, table, null, null, null, null, true);
            assertThat(place.days(open, Long.MAX_VALUE, 9)).containsExactly(5, 2);
            ConflictSearch other =
                    new ConflictSearch(null, "x.item", null, null, null, null, false);
            assertThat(place.days(other, Long.MAX_VALUE, 9)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostgreSQL", "MySQL"})
    void oldOnesAreForgottenButNeverWhatWaitsForAPerson(String engine) throws SQLException {
        try (Place place = new Place(engine)) {
            for (int day = 1; day <= 9; day++) {
                place.record(day, "insert_exists", day % 2 == 0 ? "park" : "apply", null);
            }
            place.record(1, "insert_exists", "apply", "r:foreign->here");
            long eight =
                    place.book
                            .page(ConflictSearch.ALL, Long.MAX_VALUE, 2)
                            .getLast()
                            .conflict()
                            .id();
            assertThat(
                            place.book.resolve(
                                    eight, "p", (c, row) -> new Correction("dismiss", false, null)))
                    .isTrue();

            assertThat(place.book.forget(day(4), 100, 1)).as("a batch").isEqualTo(1);
            assertThat(place.book.forget(day(4), 100, 10)).isEqualTo(1);
            assertThat(place.book.forget(day(4), 100, 10)).isZero();
            assertThat(place.days(ConflictSearch.ALL, Long.MAX_VALUE, 99))
                    .containsExactly(9, 8, 7, 6, 5, 4, 2);
            assertThat(place.book.forget(Instant.EPOCH, 4, 10)).isEqualTo(3);
            assertThat(place.book.forget(Instant.EPOCH, 4, 10)).isZero();
            assertThat(place.days(ConflictSearch.ALL, Long.MAX_VALUE, 99))
                    .containsExactly(9, 6, 4, 2);
            assertThat(place.book.open()).isEqualTo(3);
            assertThat(place.book.forget(Instant.now(), 1, 10)).isEqualTo(1);
            assertThat(place.days(ConflictSearch.ALL, Long.MAX_VALUE, 99)).containsExactly(6, 4, 2);
            assertThat(
                            place.one(
                                    "SELECT count(*) FROM sluice.conflict_resolution WHERE conflict_id = "
                                            + eight))
                    .isEqualTo("0");
            assertThat(
                            place.one(
                                    "SELECT count(*) FROM sluice.conflict WHERE pipeline = 'r:foreign->here'"))
                    .as("another pipeline's")
                    .isEqualTo("1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PostgreSQL", "MySQL"})
    void aRowIsWrittenAlongWithWhoResolvedIt(String engine) throws SQLException {
        try (Place place = new Place(engine)) {
            place.record(1, "insert_exists", "park", null);
            long id =
                    place.book
                            .page(ConflictSearch.ALL, Long.MAX_VALUE, 1)
                            .getFirst()
                            .conflict()
                            .id();
            Row key = Row.of(1L, Row.NOT_SENT);
            String word = "SELECT word FROM item WHERE id = 1";

            assertThatThrownBy(
                            () ->
                                    place.book.resolve(
                                            id,
                                            "p",
                                            (c, row) -> {
                                                row.lock(key);
                                                throw new IllegalStateException("no");
                                            }))
                    .hasMessage("no");
            assertThat(place.book.find(id).orElseThrow().isOpen()).isTrue();

            become(place, id, key, Optional.empty(), Row.of(1L, "one"));
            assertThat(place.one(word)).isEqualTo("one");
            RecordedConflict resolved = place.book.find(id).orElseThrow();
            assertThat(resolved.conflict().incoming()).contains("new");
            assertThat(resolved.resolved().by()).isEqualTo("somebody");
            assertThat(Duration.between(resolved.resolved().at(), Instant.now()).abs())
                    .isLessThan(Duration.ofHours(1));

            forgetResolution(place, id);
            become(place, id, key, Optional.of(Row.of(1L, "one")), Row.of(1L, "two"));
            assertThat(place.one(word)).isEqualTo("two");

            forgetResolution(place, id);
            String before = position(place);
            become(place, id, key, Optional.of(Row.of(1L, "two")), Row.of(1L, "two"));
            assertThat(place.one(word)).isEqualTo("two");
            assertThat(isLogged(place, before)).as("a row that stays the same").isTrue();

            forgetResolution(place, id);
            become(place, id, key, Optional.of(Row.of(1L, "two")), null);
            assertThat(place.one(word)).isNull();
            assertThat(place.book.resolve(id + 999, "p", (c, row) -> null)).isFalse();
        }
    }

    private static void become(
            Place place, long id, Row key, Optional<Row> before, @Nullable Row after) {
        boolean found =
                place.book.resolve(
                        id,
                        "somebody",
                        (conflict, row) -> {
                            assertThat(row.lock(key)).isEqualTo(before);
                            return new Correction("keep", true, after);
                        });
        assertThat(found).isTrue();
    }

    private static void forgetResolution(Place place, long id) {
        place.run("DELETE FROM sluice.conflict_resolution WHERE conflict_id = " + id);
    }

    /** The row's version on PostgreSQL; the log's end on MySQL. */
    private static String position(Place place) {
        return Objects.requireNonNull(
                place.one(
                        place.isMySql
                                ? "SELECT concat(variable_value, '') FROM performance_schema.global_status WHERE variable_name = 'Handler_delete'"
                                : "SELECT xmin::text FROM item WHERE id = 1"));
    }

    private static boolean isLogged(Place place, String before) {
        return !position(place).equals(before);
    }
}
