package io.sluice.gateway.expression;

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
import io.sluice.conflict.Convergence;
import io.sluice.conflict.Decision;
import io.sluice.conflict.Incoming;
import io.sluice.conflict.PolicyCatalog;
import io.sluice.conflict.PolicySpec;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.Seen;
import io.sluice.conflict.Standing;
import io.sluice.conflict.TableChoice;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.Version;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpressionPolicyTest {

    private static final Origin EAST = new Origin("east");
    private static final Origin WEST = new Origin("west");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("public", "t"),
                    List.of(
                            new Column("id", LogicalType.INTEGER),
                            new Column("rank", LogicalType.INTEGER),
                            new Column("word", LogicalType.TEXT)),
                    List.of(0));

    private static TableChoice choice(String cel) {
        return TableChoice.of(new PolicySpec("expression", Map.of("cel", cel)));
    }

    private static TablePolicy policy(String cel) {
        return TablePolicy.create(PolicyCatalog.installed(), choice(cel), TABLE);
    }

    /** A row of rank 3 and "mine" at the west meets one that was 1, "old", of the east. */
    private static Decision decide(String cel, @Nullable Long rank) {
        Version version = new Version(new HybridTimestamp(7, 0), EAST);
        Incoming incoming =
                new Incoming(
                        new RowChange.Update(
                                TABLE, Row.of(1L, 1L, "old"), Row.of(1L, rank, "theirs")),
                        version,
                        version.at(),
                        Version.NONE,
                        Seen.NOTHING);
        Standing standing =
                Standing.of(
                        Row.of(1L, 3L, "mine"),
                        RowVersion.copied(new Version(new HybridTimestamp(5, 0), WEST)));
        return policy(cel).settle(incoming, standing, WEST).decision();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "incoming.rank > existing.rank|Apply|the expression says so",
                "incoming.rank < existing.rank|Keep|the expression says so",
                "before.word == 'old' && existing.word == 'mine' ? 'apply' : 'stop'|Apply|the"
                        + " expression says so",
                "existing.rank == 3 ? 'park' : 'apply'|Park|the expression says so",
                "site == 'west' && incoming_origin == 'east' && existing_origin == 'west' ? 'stop'"
                        + " : 'keep'|Stop|the expression says so",
                "kind == 'update_origin_differs'|Apply|the expression says so",
                "kind + '!'|Park|the expression gives no decision for these rows",
                "incoming.rank / (existing.rank - 3) > 0|Park|the expression fails with these rows",
                "incoming.missing == 1|Park|the expression fails with these rows",
                "existing.word > 3|Park|the expression fails with these rows"
            })
    void theRowsThatMeetAreDecidedOn(String cel, String decision, String reason) {
        Decision made = decide(cel, 5L);

        assertThat(made.getClass().getSimpleName()).isEqualTo(decision);
        assertThat(made.reason()).isEqualTo(reason);
    }

    @Test
    void whatIsNullIsNull() {
        assertThat(decide("incoming.rank == null", null)).isInstanceOf(Decision.Apply.class);
        assertThat(decide("incoming.rank == null", 5L)).isInstanceOf(Decision.Keep.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "incomming.rank > 1|line 1, column 1: undeclared reference to 'incomming'",
                "existing.rank >|line 1, column 16: Syntax error",
                "kind + 1 == kind|line 1, column 6: found no matching overload for '_+_'",
                "1 + 2|must give true or false, or \"apply\", \"keep\", \"park\" or \"stop\""
            })
    void whatIsWrongWithAnExpressionIsSaidWithItsPlace(String cel, String problem) {
        assertThatThrownBy(() -> policy(cel))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("`expression`: `cel` " + problem);
    }

    @Test
    void noOneCanSayThatItConverges() {
        String cel = "incoming.rank > existing.rank";
        assertThat(Convergence.problems(policy(cel), choice(cel), Set.of("east", "west")))
                .containsExactly("whether an expression lets the sites end equal cannot be told");
    }
}
