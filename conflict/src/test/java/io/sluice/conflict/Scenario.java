package io.sluice.conflict;

import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a simulated run is made of.
 *
 * @param choice whose policy is {@code policy}
 * @param edits what the writers do to a row that is there
 * @param writes how many, by site
 * @param without which of the policies' needs are not met
 * @param beats whether sites tell each other what they have seen without a write, too
 * @param forgets whether two sites keep what they need to know of each other's writes alone, and
 *     not the versions of all rows
 * @param joins whether the last site joins the others while they write, filled from the first one
 */
record Scenario(
        TableChoice choice,
        TablePolicy policy,
        List<Edit> edits,
        List<Integer> writes,
        int keys,
        Set<Lack> without,
        boolean beats,
        boolean forgets,
        boolean joins) {

    static final int ID = 0;
    static final int NUMBER = 1;
    static final int NAME = 2;
    static final int NOTE = 3;
    static final int TAGS = 4;

    static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "stock"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("number", LogicalType.INTEGER),
                            new Column("name", LogicalType.TEXT),
                            new Column("note", LogicalType.TEXT),
                            new Column("tags", LogicalType.TEXT)),
                    List.of(ID));

    static final PolicyCatalog CATALOG = PolicyCatalog.installed();

    enum Edit {
        NAME,
        NOTE,
        RAISE,
        LOWER,
        TAG,
        UNTAG,
        DELETE
    }

    enum Lack {
        /** Commit times are stamps: a site may write over what is later than its clock. */
        HYBRID_TIME,
        /** Nothing is left of a deleted row. */
        TOMBSTONES,
        /** Before a change only the key is known, and an unchanged note is not sent. */
        WHOLE_ROWS,
        /** Changes do not tell what their site had seen. */
        SEEN,
        /** Changes come before others that their site had seen. */
        ORDER,
        /** Who joins gets rows, and not what they are of by what the first site kept. */
        KEPT,
        /** Who joins gets rows, and not what the first site wrote lately. */
        OWN,
        /** Who joins is filled before what is to come has seen what the first site wrote. */
        AGREEMENT,
        /** Who joins is told of writes that the rows do not have yet. */
        MOMENT
    }

    static Scenario of(TableChoice choice, Edit... edits) {
        return new Scenario(
                choice,
                TablePolicy.create(CATALOG, choice, TABLE),
                Arrays.asList(edits),
                List.of(2, 2),
                1,
                EnumSet.noneOf(Lack.class),
                false,
                false,
                false);
    }

    static Scenario of(String policy, Edit... edits) {
        return of(TableChoice.of(PolicySpec.of(policy)), edits);
    }

    static Scenario of(String policy, Map<String, Object> settings, Edit... edits) {
        return of(TableChoice.of(new PolicySpec(policy, settings)), edits);
    }

    Scenario writes(Integer... bySite) {
        return new Scenario(
                choice, policy, edits, List.of(bySite), keys, without, beats, forgets, joins);
    }

    Scenario keys(int number) {
        return new Scenario(choice, policy, edits, writes, number, without, beats, forgets, joins);
    }

    Scenario without(Lack lack) {
        return new Scenario(
                choice, policy, edits, writes, keys, EnumSet.of(lack), beats, forgets, joins);
    }

    Scenario withBeats() {
        return new Scenario(choice, policy, edits, writes, keys, without, true, forgets, joins);
    }

    Scenario forgetting() {
        return new Scenario(choice, policy, edits, writes, keys, without, beats, true, joins);
    }

    Scenario joining() {
        return new Scenario(choice, policy, edits, writes, keys, without, beats, true, true);
    }
}
