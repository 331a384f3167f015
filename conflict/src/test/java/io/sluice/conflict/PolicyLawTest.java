package io.sluice.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single decisions: values of every make, ties, what was not sent, and what is refused. */
class PolicyLawTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final Version COPY = at(1, EAST);
    private static final Object UNSENT = Row.NOT_SENT;

    private static Version at(long time, Origin origin) {
        return new Version(new HybridTimestamp(time, 0), origin);
    }

    private static TableSchema table(LogicalType type) {
        return new TableSchema(
                new TableId("public", "t"),
                List.of(
                        new Column("id", LogicalType.INTEGER),
                        new Column("v", type),
                        new Column("w", LogicalType.TEXT)),
                List.of(0));
    }

    private static TablePolicy policy(LogicalType type, TableChoice choice) {
        return TablePolicy.create(PolicyCatalog.installed(), choice, table(type));
    }

    private static PolicySpec spec(String text) {
        String[] parts = text.split(":");
        return parts.length == 1
                ? PolicySpec.of(text)
                : new PolicySpec(parts[0], Map.of(parts[1], parts[2]));
    }

    private static TableChoice ofColumn(PolicySpec spec) {
        return new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of(List.of("v"), spec));
    }

    private static Incoming update(LogicalType type, Version version, Object before, Object after) {
        return update(type, version, Row.of(1L, before, "w"), Row.of(1L, after, "w"));
    }

    private static Incoming update(LogicalType type, Version version, Row before, Row after) {
        return new Incoming(
                new RowChange.Update(table(type), before, after),
                version,
                version.at(),
                Version.NONE,
                Seen.NOTHING.with(COPY));
    }

    /** As the configuration has it, so that the record can be read beside it. */
    @Test
    void aConflictIsOnRecordWithThePolicyThatDecidedIt() {
        PolicySpec park = PolicySpec.of("park");
        Map<ConflictKind, PolicySpec> kinds = Map.of(ConflictKind.UPDATE_ORIGIN_DIFFERS, park);
        Incoming own = update(LogicalType.INTEGER, at(5, WEST), 1L, 2L);
        Incoming other = update(LogicalType.INTEGER, at(6, EAST), 1L, 3L);
        Row before = Row.of(1L, 1L, "w");
        TableChoice counted =
                new TableChoice(
                        TableChoice.DEFAULT,
                        Map.of(),
                        Map.of(List.of("v"), PolicySpec.of("delta")));
        TableChoice together =
                new TableChoice(
                        PolicySpec.of("column-merge"),
                        Map.of(ConflictKind.UPDATE_DELETED, park),
                        Map.of(List.of("w", "v"), TableChoice.DEFAULT));
        Map<TableChoice, String> names =
                Map.of(
                        TableChoice.of(TableChoice.DEFAULT),
                        "last-update-wins",
                        TableChoice.of(PolicySpec.of("column-merge")),
                        "column-merge",
                        new TableChoice(TableChoice.DEFAULT, kinds, Map.of()),
                        "park",
                        counted,
                        "columns(v: delta; else: last-update-wins)",
                        together,
                        "columns(w, v: last-update-wins; else: column-merge)");
        names.forEach(
                (choice, name) -> {
                    TablePolicy policy = policy(LogicalType.INTEGER, choice);
                    Conflict conflict = meet(policy, own, other, before).conflict().orElseThrow();
                    assertThat(policy.nameFor(conflict)).isEqualTo(name);
                });
        TablePolicy plain = policy(LogicalType.INTEGER, TableChoice.of(TableChoice.DEFAULT));
        Settlement unique =
                plain.settleOtherKey(
                        ConflictKind.UPDATE_EXISTS,
                        other,
                        Standing.of(before, RowVersion.copied(COPY)),
                        WEST);
        assertThat(plain.nameFor(unique.conflict().orElseThrow())).isEqualTo("park");
    }

    /** The row where one's own change stands and the other's arrives. */
    private static Settlement meet(TablePolicy policy, Incoming own, Incoming other, Row before) {
        Standing copied = Standing.of(before, RowVersion.copied(COPY));
        Origin site = own.version().origin();
        Row after = own.after().orElseThrow().over(before);
        Standing standing = Standing.of(after, policy.written(own, copied));
        return policy.settle(other, standing, site);
    }

    private static Object value(Settlement settlement) {
        return settlement.after().row().orElseThrow().get(1);
    }

    /** What both sites make of two changes; it must be the same. */
    private static Object both(
            LogicalType type, PolicySpec spec, Object before, Object east, Object west) {
        TablePolicy policy = policy(type, ofColumn(spec));
        Incoming ours = update(type, at(10, EAST), before, east);
        Incoming theirs = update(type, at(11, WEST), before, west);
        Row row = Row.of(1L, before, "w");
        Settlement one = meet(policy, ours, theirs, row);
        Settlement other = meet(policy, theirs, ours, row);
        assertThat(one.conflict()).isPresent();
        assertThat(one.after().row()).isEqualTo(other.after().row());
        assertThat(one.after().version()).isEqualTo(other.after().version());
        assertThat(meet(policy, ours, theirs, row)).isEqualTo(one);
        return value(one);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "delta|100|105|93|98",
                "delta|1.50|1.75|1.5|1.75",
                "delta|0|123456789012345678901234567890.1|-0.1|123456789012345678901234567890.0",
                "delta|null|5|3|8",
                "delta|1e2|101|99|100",
                "max:as:number|9.5|9.6|10.2|10.2",
                "max:as:number|9.5|10.20|10.2|10.2",
                "max:as:text|a|b|aa|b",
                "max:as:number|null|-1|-2|-1",
                "max:as:number|NaN|NaN|3|3",
                "min:as:number|9|8|-10|-10",
                "version-column:column:v|9.5|9.6|10.2|10.2",
                "version-column:column:v|2026-01-01 00:00:00+00|2026-01-02 00:00:00.5+00"
                        + "|2026-01-02 00:00:00+00|2026-01-02 00:00:00.5+00",
                "union:of:set|a,b|b|a,b,c|b,c",
                "union:of:set|''|x|y|x,y",
                "union:of:array|{a}|{a,\"b,c\"}|{a,NULL,\"d\\\"}\"}|{\"b,c\",\"d\\\"}\",NULL,a}",
                "union:of:array|{a}|null|{a,b}|{b}",
                "union:of:array|{a}|{}|{a,b}|{b}",
                "union:of:json|{\"a\": 1}|{\"a\": 2}|{\"a\": 1, \"b\": {\"x\": [1,2]}}"
                        + "|{\"a\": 2, \"b\": {\"x\": [1,2]}}",
                "union:of:json|{\"a\": 1}|{\"a\": 2}|{\"a\": 3}|{\"a\": 3}",
                "union:of:json|{\"k,:\": \"}\"}|{}|{\"k,:\": \"}\", \"é\": null}|{\"é\": null}",
                "last-update-wins|a|b|c|c"
            })
    void bothSitesJoinToTheSame(
            String policy, String before, String east, String west, String joined) {
        assertThat(both(LogicalType.TEXT, spec(policy), before, east, west)).isEqualTo(joined);
    }

    @Test
    void wholeNumbersAreAddedExactly() {
        assertThat(both(LogicalType.INTEGER, spec("delta"), 1L << 60, (1L << 60) + 1, 7L))
                .isEqualTo(8L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "delta|5|null|v became null",
                "delta|5|NaN|v holds no finite number",
                "delta|not sent|6|v was sent without the value before: REPLICA IDENTITY FULL",
                "union:of:array|not sent|{}|v was sent without the value before: REPLICA IDENTITY"
                        + " FULL",
                "union:of:array|{a}|{{secret}}|v holds what cannot be divided",
                "max:as:number|5|4|v went the other way than up",
                "min:as:number|5|null|v went the other way than down"
            })
    void whatCannotBeJoinedIsKeptAside(String policy, String before, String after, String reason) {
        TablePolicy table = policy(LogicalType.TEXT, ofColumn(spec(policy)));
        Object known = "not sent".equals(before) ? UNSENT : before;
        Row here = Row.of(1L, known == UNSENT ? "{5}" : before, "w");
        Incoming own =
                update(
                        LogicalType.TEXT,
                        at(10, WEST),
                        Row.of(1L, here.get(1), "w"),
                        Row.of(1L, here.get(1), "x"));
        Incoming other =
                update(
                        LogicalType.TEXT,
                        at(11, EAST),
                        Row.of(1L, known, "w"),
                        Row.of(1L, after, "w"));
        Incoming touched = update(LogicalType.TEXT, at(12, WEST), here.get(1), here.get(1));
        Standing standing =
                Standing.of(
                        Row.of(1L, here.get(1), "x"),
                        new RowVersion(
                                at(10, WEST),
                                at(10, WEST),
                                own.since(),
                                Version.NONE,
                                false,
                                Map.of()));
        Settlement settlement = table.settle(other, standing, WEST);

        assertThat(touched.changes(1)).isFalse();
        assertThat(settlement.decision()).isEqualTo(new Decision.Park(reason));
        assertThat(settlement.after()).isEqualTo(standing);
        assertThat(settlement.conflict()).isPresent();
    }

    @Test
    void aSumBeyondSixtyFourBitsIsKeptAside() {
        TablePolicy policy = policy(LogicalType.INTEGER, ofColumn(spec("delta")));
        Incoming own = update(LogicalType.INTEGER, at(10, EAST), 0L, Long.MAX_VALUE);
        Incoming other = update(LogicalType.INTEGER, at(11, WEST), 0L, 1L);

        assertThat(meet(policy, own, other, Row.of(1L, 0L, "w")).decision())
                .isEqualTo(new Decision.Park("v would be beyond 64 bits"));
    }

    @ParameterizedTest
    @CsvSource({"10,11,west", "11,10,east", "10,10,west"})
    void theLaterStaysAndOfTwoAtOnceThatOfTheGreaterName(long east, long west, String winner) {
        TablePolicy policy = policy(LogicalType.TEXT, TableChoice.of(TableChoice.DEFAULT));
        Incoming ours = update(LogicalType.TEXT, at(east, EAST), "b", "east");
        Incoming theirs = update(LogicalType.TEXT, at(west, WEST), "b", "west");
        Row row = Row.of(1L, "b", "w");

        assertThat(value(meet(policy, ours, theirs, row))).isEqualTo(winner);
        assertThat(value(meet(policy, theirs, ours, row))).isEqualTo(winner);
    }

    @Test
    void whatTheLaterUpdateWonBySaysBothTimes() {
        long time = 1_767_322_997_000_001L;
        Version first = at(time, EAST);
        Version counted = new Version(new HybridTimestamp(time, 2), EAST);
        String told = "2026-01-02T03:03:17.000001Z";

        assertThat(decided(first, at(time + 678_000, WEST)))
                .isEqualTo(
                        new Decision.Apply(
                                "2026-01-02T03:03:17.678001Z, when west wrote it, is later than "
                                        + told
                                        + ", when east wrote what stood here"));
        assertThat(decided(counted, first))
                .isEqualTo(
                        new Decision.Keep(
                                told
                                        + ", when east wrote it, is earlier than "
                                        + told
                                        + "+2, when east wrote what stood here"));
        assertThat(decided(first, at(time, WEST)))
                .isEqualTo(
                        new Decision.Apply(
                                "both were written at "
                                        + told
                                        + ", and of west and east the greater name stays"));
    }

    /** What becomes of a change with the second version where one with the first stands. */
    private static Decision decided(Version standing, Version incoming) {
        TablePolicy policy = policy(LogicalType.TEXT, TableChoice.of(TableChoice.DEFAULT));
        Incoming own = update(LogicalType.TEXT, standing, "b", "secret");
        Incoming other = update(LogicalType.TEXT, incoming, "b", "hidden");
        return meet(policy, own, other, Row.of(1L, "b", "w")).decision();
    }

    @Test
    void whatWasNotSentKeepsWhatStands() {
        Row before = Row.of(1L, UNSENT, UNSENT);
        Incoming theirs =
                update(LogicalType.TEXT, at(11, WEST), before, Row.of(1L, UNSENT, "theirs"));
        Incoming ours = update(LogicalType.TEXT, at(10, EAST), "v", "ours");
        for (TableChoice choice :
                List.of(
                        TableChoice.of(TableChoice.DEFAULT),
                        TableChoice.of(PolicySpec.of("column-merge")),
                        TableChoice.of(PolicySpec.of("apply-remote")),
                        ofColumn(spec("max:as:text")),
                        ofColumn(spec("union:of:set")),
                        ofColumn(TableChoice.DEFAULT))) {
            TablePolicy policy = policy(LogicalType.TEXT, choice);
            assertThat(meet(policy, ours, theirs, Row.of(1L, "v", "w")).after().row())
                    .as(choice.toString())
                    .contains(Row.of(1L, "ours", "theirs"));
        }
        assertThat(
                        policy(LogicalType.TEXT, TableChoice.of(TableChoice.DEFAULT))
                                .settle(theirs, Standing.NOTHING, EAST)
                                .decision())
                .isEqualTo(new Decision.Park("the change lacks values of the row"));
    }

    @Test
    void columnsThatOneSideChangedAreJoined() {
        TablePolicy policy =
                policy(LogicalType.TEXT, TableChoice.of(PolicySpec.of("column-merge")));
        Row row = Row.of(1L, "v", "w");
        Incoming ours = update(LogicalType.TEXT, at(10, EAST), row, Row.of(1L, "east", "w"));
        Incoming theirs = update(LogicalType.TEXT, at(11, WEST), row, Row.of(1L, "v", "west"));
        Settlement settlement = meet(policy, ours, theirs, row);

        assertThat(settlement.decision()).isInstanceOf(Decision.Merge.class);
        assertThat(settlement.after().row()).contains(Row.of(1L, "east", "west"));
        assertThat(meet(policy, theirs, ours, row).after()).isEqualTo(settlement.after());
    }

    @Test
    void everyKindOfConflictHasItsName() {
        TablePolicy policy = policy(LogicalType.TEXT, TableChoice.of(PolicySpec.of("park")));
        Row row = Row.of(1L, "v", "w");
        Version version = at(5, WEST);
        Standing standing = Standing.of(row, RowVersion.copied(at(4, EAST)));
        Standing grave =
                Standing.grave(
                        new RowVersion(
                                at(4, EAST),
                                at(4, EAST),
                                new HybridTimestamp(4, 0),
                                Version.NONE,
                                true,
                                Map.of()));
        TableSchema table = table(LogicalType.TEXT);
        RowChange insert = new RowChange.Insert(table, row);
        RowChange update = new RowChange.Update(table, row, row);
        RowChange delete = new RowChange.Delete(table, row);

        assertThat(kind(policy, insert, version, Standing.NOTHING)).isEmpty();
        assertThat(kind(policy, insert, version, standing)).contains(ConflictKind.INSERT_EXISTS);
        assertThat(kind(policy, insert, version, grave)).contains(ConflictKind.UPDATE_DELETED);
        assertThat(kind(policy, update, version, standing))
                .contains(ConflictKind.UPDATE_ORIGIN_DIFFERS);
        assertThat(kind(policy, update, version, grave)).contains(ConflictKind.UPDATE_DELETED);
        assertThat(kind(policy, update, version, Standing.NOTHING))
                .contains(ConflictKind.UPDATE_MISSING);
        assertThat(kind(policy, delete, version, standing))
                .contains(ConflictKind.DELETE_ORIGIN_DIFFERS);
        assertThat(kind(policy, delete, version, grave)).contains(ConflictKind.DELETE_MISSING);
        assertThat(kind(policy, delete, version, Standing.NOTHING))
                .contains(ConflictKind.DELETE_MISSING);
        assertThat(ConflictKind.of("multiple_unique_conflicts"))
                .contains(ConflictKind.MULTIPLE_UNIQUE_CONFLICTS);
    }

    private static Optional<ConflictKind> kind(
            TablePolicy policy, RowChange change, Version version, Standing standing) {
        Incoming incoming = new Incoming(change, version, version.at(), Version.NONE, Seen.NOTHING);
        return policy.settle(incoming, standing, EAST).conflict().map(Conflict::kind);
    }

    @Test
    void whatStandsInTheWayByAnotherKeyIsForAPerson() {
        Incoming change = update(LogicalType.TEXT, at(11, WEST), "a", "b");
        Standing standing = Standing.of(Row.of(2L, "b", "w"), RowVersion.copied(COPY));
        ConflictKind kind = ConflictKind.UPDATE_EXISTS;
        PolicySpec last = TableChoice.DEFAULT;
        PolicySpec park = spec("park");

        assertThat(decision(kind, change, standing, last, Map.of()))
                .isInstanceOf(Decision.Stop.class);
        assertThat(decision(kind, change, standing, last, Map.of(kind, park)))
                .isInstanceOf(Decision.Park.class);
        assertThat(decision(kind, change, standing, park, Map.of()))
                .isInstanceOf(Decision.Park.class);
        assertThat(decision(kind, change, standing, park, Map.of(kind, spec("stop"))))
                .isInstanceOf(Decision.Stop.class);
    }

    private static Decision decision(
            ConflictKind kind,
            Incoming change,
            Standing standing,
            PolicySpec rows,
            Map<ConflictKind, PolicySpec> kinds) {
        return policy(LogicalType.TEXT, new TableChoice(rows, kinds, Map.of()))
                .settleOtherKey(kind, change, standing, EAST)
                .decision();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dela|no merge policy is named `dela`; there are apply-remote, by-site,"
                        + " column-merge, delta, first-update-wins, keep-local, last-update-wins,"
                        + " max, min, park, source-priority, stop, union, version-column",
                "delta:by:one|`delta` has no setting `by`",
                "union|`union` needs `of`",
                "union:of:bag|`union`: `of` must be set, array or json",
                "max|public.t: `max` needs `as: number` or `as: text` for `v`",
                "version-column|`version-column` needs `column`",
                "version-column:column:x|public.t: `version-column` is by `x`, which is not among"
                        + " its columns",
                "max:as:size|`max`: `as` must be number or text",
                "source-priority:databases:east|`source-priority`: `databases` must be a list of"
                        + " names",
                "first-update-wins|public.t: `first-update-wins` decides on whole rows, not on"
                        + " columns",
                "column-merge:otherwise:dela|no merge policy is named `dela`; there are"
                        + " apply-remote, by-site, column-merge, delta, first-update-wins,"
                        + " keep-local, last-update-wins, max, min, park, source-priority, stop,"
                        + " union, version-column"
            })
    void wrongSettingsAreToldSo(String policy, String problem) {
        assertThatThrownBy(() -> policy(LogicalType.TEXT, ofColumn(spec(policy))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(problem);
    }

    @Test
    void columnsThatCannotBeDecidedAreRefused() {
        assertThatThrownBy(() -> policy(LogicalType.DOUBLE, ofColumn(spec("delta"))))
                .hasMessageContaining("would depend on their order");
        assertThatThrownBy(() -> policy(LogicalType.BYTES, ofColumn(spec("union:of:set"))))
                .hasMessageContaining("needs a set, an array or a JSON object");
        assertThatThrownBy(() -> choose(List.of("id")))
                .hasMessage("public.t: column `id` is of the key, which never changes");
        assertThatThrownBy(() -> choose(List.of("x"))).hasMessage("public.t has no column `x`");
        assertThatThrownBy(() -> choose(List.of("v", "v")))
                .hasMessage("public.t: column `v` has two policies");
        assertThatThrownBy(
                        () ->
                                TablePolicy.create(
                                        PolicyCatalog.installed(),
                                        TableChoice.of(TableChoice.DEFAULT),
                                        new TableSchema(
                                                new TableId("public", "t"),
                                                List.of(new Column("v", LogicalType.TEXT)),
                                                List.of())))
                .hasMessage("public.t: without a key no row can be told from another");
    }

    private static TablePolicy choose(List<String> columns) {
        return policy(
                LogicalType.TEXT,
                new TableChoice(TableChoice.DEFAULT, Map.of(), Map.of(columns, spec("park"))));
    }
}
