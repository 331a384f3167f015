package io.sluice.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouterTest {

    private static final TableSchema PEOPLE =
            new TableSchema(
                    new TableId("app", "people"),
                    List.of(
                            new Column("secret", LogicalType.TEXT),
                            new Column("id", LogicalType.INTEGER),
                            new Column("name", LogicalType.TEXT)),
                    List.of(1));
    private static final TableSchema OTHER =
            new TableSchema(
                    new TableId("app", "other"),
                    List.of(new Column("id", LogicalType.INTEGER)),
                    List.of(0));

    private final Router router =
            new Router(
                    new Routing(
                            table -> table.name().equals("people"),
                            table -> new TableId("archive", "persons"),
                            table -> Set.of("secret")));

    @Test
    void changesArriveInTheTargetsNamesWithoutExcludedColumns() {
        List<Change> routed =
                route(
                        new Insert(PEOPLE, Row.of("s", 1L, "Ann")),
                        new Update(
                                PEOPLE,
                                Row.of(Row.NOT_SENT, 1L, Row.NOT_SENT),
                                Row.of("t", 1L, Row.NOT_SENT)),
                        new Delete(PEOPLE, Row.of(Row.NOT_SENT, 1L, Row.NOT_SENT)));
        TableSchema persons = ((Insert) routed.getFirst()).table();
        assertThat(persons.table()).isEqualTo(new TableId("archive", "persons"));
        assertThat(persons.keyNames()).containsExactly("id");
        assertThat(routed)
                .containsExactly(
                        new Insert(persons, Row.of(1L, "Ann")),
                        new Update(persons, Row.of(1L, Row.NOT_SENT), Row.of(1L, Row.NOT_SENT)),
                        new Delete(persons, Row.of(1L, Row.NOT_SENT)));
    }

    @Test
    void tablesThatDoNotTakePartAreLeftOutAndTheTransactionStillEnds() {
        TransactionPiece piece =
                router.route(piece(new Insert(OTHER, Row.of(1L)), new Truncate(List.of(OTHER))));
        assertThat(piece.changes()).isEmpty();
        assertThat(piece.end()).isPresent();
    }

    @Test
    void ofATruncateOnlyTheTablesThatTakePartAreLeft() {
        assertThat(route(new Truncate(List.of(OTHER, PEOPLE))))
                .singleElement()
                .isInstanceOfSatisfying(
                        Truncate.class,
                        truncate ->
                                assertThat(truncate.tables())
                                        .extracting(TableSchema::table)
                                        .containsExactly(new TableId("archive", "persons")));
    }

    @Test
    void excludingAColumnOfTheKeyIsRefused() {
        Router wrong =
                new Router(new Routing(table -> true, table -> table, table -> Set.of("id")));
        assertThatThrownBy(() -> wrong.route(piece(new Insert(PEOPLE, Row.of("s", 1L, "Ann")))))
                .hasMessageContaining("key");
    }

    @Test
    void aChangedSchemaOfATableIsFollowed() {
        route(new Insert(PEOPLE, Row.of("s", 1L, "Ann")));
        TableSchema wider =
                new TableSchema(
                        PEOPLE.table(),
                        List.of(
                                new Column("id", LogicalType.INTEGER),
                                new Column("name", LogicalType.TEXT),
                                new Column("age", LogicalType.INTEGER)),
                        List.of(0));
        assertThat(route(new Insert(wider, Row.of(2L, "Bob", 7L))))
                .singleElement()
                .isInstanceOfSatisfying(
                        Insert.class,
                        insert -> assertThat(insert.after()).isEqualTo(Row.of(2L, "Bob", 7L)));
    }

    private List<Change> route(Change... changes) {
        return router.route(piece(changes)).changes();
    }

    private static TransactionPiece piece(Change... changes) {
        Instant now = Instant.EPOCH;
        return new TransactionPiece(
                true,
                now,
                List.of(changes),
                Optional.of(new TransactionEnd(new Lsn(1), now, new Origin("east"))));
    }
}
