package io.sluice.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Column;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.LogicalType;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RecollectionTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final Row OLD = Row.of(1L, "v", "w");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("v", LogicalType.TEXT),
                            new Column("w", LogicalType.TEXT)),
                    List.of(0));

    private static TablePolicy policy(String name) {
        return policy(new PolicySpec(name, Map.of()));
    }

    private static TablePolicy policy(PolicySpec spec) {
        return TablePolicy.create(PolicyCatalog.installed(), TableChoice.of(spec), TABLE);
    }

    private static Version at(long micros, Origin origin) {
        return new Version(new HybridTimestamp(micros, 0), origin);
    }

    private static RowChange update(Row before, Row after) {
        return new RowChange.Update(TABLE, before, after);
    }

    private static Optional<OwnWrites> then(
            Optional<OwnWrites> before, TablePolicy policy, long micros, RowChange change) {
        return OwnWrites.after(
                before, policy, change, at(micros, EAST), WEST, HybridTimestamp.ZERO);
    }

    private static Optional<OwnWrites> twoColumns() {
        TablePolicy merge = policy("column-merge");
        Row first = Row.of(1L, "v1", "w");
        Optional<OwnWrites> own = then(Optional.empty(), merge, 10, update(OLD, first));
        return then(own, merge, 12, update(first, Row.of(1L, "v1", "w1")));
    }

    private static RowVersion recalled(
            Optional<OwnWrites> own, Optional<Recollection.Verdict> verdict) {
        return new Recollection(EAST, WEST, own, verdict)
                .standing(Optional.of(OLD))
                .version()
                .orElseThrow();
    }

    @Test
    void aRowThatOnlyThePeerCanHaveWrittenIsKnownToIt() {
        Seen theirs = Seen.NOTHING.with(at(1, WEST));

        assertThat(theirs.covers(recalled(Optional.empty(), Optional.empty()).last())).isTrue();
    }

    @Test
    void eachColumnIsOfTheSitesLastWriteOfIt() {
        RowVersion version = recalled(twoColumns(), Optional.empty());

        assertThat(version.of("v")).isEqualTo(at(10, EAST));
        assertThat(version.of("w")).isEqualTo(at(12, EAST));
        assertThat(version.last()).isEqualTo(at(12, EAST));
    }

    @Test
    void aVerdictCountsForTheWritesThatWereKnownThen() {
        RowVersion decided =
                new RowVersion(
                        at(0, WEST),
                        at(11, WEST),
                        new HybridTimestamp(11, 0),
                        Version.NONE,
                        false,
                        Map.of("v", at(11, WEST), "w", at(9, WEST)));
        Recollection.Verdict verdict =
                new Recollection.Verdict(decided, new HybridTimestamp(10, 0));
        RowVersion version = recalled(twoColumns(), Optional.of(verdict));

        assertThat(version.of("v")).isEqualTo(at(11, WEST));
        assertThat(version.of("w")).isEqualTo(at(12, EAST));
        RowVersion all =
                recalled(
                        twoColumns(),
                        Optional.of(new Recollection.Verdict(decided, new HybridTimestamp(12, 0))));
        assertThat(all).isEqualTo(decided);
    }

    @Test
    void aRowThatWasMadeAfterwardsHasNothingOfTheOldOne() {
        TablePolicy merge = policy("column-merge");
        Optional<OwnWrites> own = then(twoColumns(), merge, 14, new RowChange.Delete(TABLE, OLD));
        own = then(own, merge, 16, new RowChange.Insert(TABLE, OLD));
        RowVersion version = recalled(own, Optional.empty());

        assertThat(version.life()).isEqualTo(at(14, EAST));
        assertThat(version.of("v")).isEqualTo(at(16, EAST));
        assertThat(version.marks()).isEmpty();
    }

    @Test
    void aRunBeginsWithTheFirstWriteThatTheOtherHadNotSeen() {
        TablePolicy first = policy("first-update-wins");
        Optional<OwnWrites> own = Optional.empty();
        for (long micros = 10; micros < 14; micros++) {
            own = then(own, first, micros, update(OLD, OLD));
        }
        Recollection recollection = new Recollection(EAST, WEST, own, Optional.empty());
        Standing standing = recollection.standing(Optional.of(OLD));

        assertThat(since(recollection, standing, 0)).isEqualTo(10);
        assertThat(since(recollection, standing, 10)).isEqualTo(11);
        assertThat(since(recollection, standing, 12)).isEqualTo(13);
    }

    private static long since(Recollection recollection, Standing standing, long seen) {
        Version theirs = at(20, WEST);
        Incoming incoming =
                new Incoming(
                        update(OLD, OLD),
                        theirs,
                        theirs.at(),
                        Version.NONE,
                        Seen.NOTHING.with(theirs).with(at(seen, EAST)));
        return recollection.towards(incoming, standing).version().orElseThrow().since().micros();
    }

    /**
     * What the peer has seen goes whenever the length has doubled: a row may be written for ever.
     */
    @Test
    void aRunThatIsSeenDoesNotGrow() {
        TablePolicy first = policy("first-update-wins");
        Optional<OwnWrites> own = Optional.empty();
        for (long micros = 1; micros <= 10_000; micros++) {
            own =
                    OwnWrites.after(
                            own,
                            first,
                            update(OLD, OLD),
                            at(micros, EAST),
                            WEST,
                            new HybridTimestamp(micros - 1, 0));
        }
        assertThat(own.orElseThrow().size()).isLessThan(5);
    }

    /** One transaction may change a row more than once, and all its changes are of one version. */
    @Test
    void laterChangesOfATransactionFollowTheEarlier() {
        PolicySpec max = new PolicySpec("max", Map.of("column", "v", "as", "text"));
        for (TablePolicy policy : List.of(policy(max), policy("column-merge"))) {
            Standing standing = Standing.of(OLD, recalled(Optional.empty(), Optional.empty()));
            Row middle = Row.of(1L, "x", "w");
            Row last = Row.of(1L, "x", "last");
            for (RowChange change :
                    List.of(
                            update(OLD, middle),
                            update(middle, last),
                            new RowChange.Delete(TABLE, last),
                            new RowChange.Insert(TABLE, middle),
                            update(middle, last))) {
                standing = arrive(policy, change, standing);
            }
            assertThat(standing.row()).contains(last);
            standing = arrive(policy, new RowChange.Delete(TABLE, last), standing);
            assertThat(standing.row()).isEmpty();
        }
    }

    private static Standing arrive(TablePolicy policy, RowChange change, Standing standing) {
        Version version = at(30, WEST);
        Incoming incoming =
                new Incoming(
                        change, version, version.at(), Version.NONE, Seen.NOTHING.with(version));
        Settlement settlement = policy.settle(incoming, standing, EAST);
        assertThat(settlement.conflict()).isEmpty();
        return settlement.after();
    }
}
