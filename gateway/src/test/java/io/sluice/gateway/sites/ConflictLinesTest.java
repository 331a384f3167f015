package io.sluice.gateway.sites;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.SiteSession.RowName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the log and the record tell of conflicts. */
class ConflictLinesTest {

    private Instant now = Instant.parse("2026-05-01T12:00:00Z");
    private final List<String> said = new ArrayList<>();
    private final ConflictLines lines = new ConflictLines(() -> now, said::add);

    private static ConflictRecord conflict(
            String table, String resolution, @Nullable String incoming, @Nullable String standing) {
        return new ConflictRecord(
                0,
                new RowName(new TableId("public", table), "hash"),
                "{\"id\":1}",
                "update_origin_differs",
                resolution,
                "a reason",
                "last-update-wins",
                "update",
                "1@a",
                "1@b",
                incoming,
                standing,
                null,
                null);
    }

    @Test
    void aStormIsSaidOnceAMinuteWithItsNumber() {
        lines.tell(conflict("item", "keep", null, null), 10_000);
        lines.tell(conflict("item", "apply", null, null), 1);
        lines.tell(conflict("other", "keep", null, null), 1);
        assertThat(said).hasSize(3);
        assertThat(said.getFirst()).contains("public.item", "keep").doesNotContain("more");

        now = now.plusSeconds(59);
        lines.tell(conflict("item", "keep", null, null), 1);
        assertThat(said).hasSize(3);
        now = now.plusSeconds(1);
        lines.tell(conflict("item", "keep", null, null), 1);
        assertThat(said).hasSize(4);
        assertThat(said.getLast()).contains("10,000 more");
    }

    @Test
    void aMaskedValueLeavesOnlyWhetherItDiffers() {
        Set<String> columns = Set.of("id", "email", "phone", "note");
        ConflictMask mask =
                new ConflictMask(
                        table -> Map.of("person", columns).getOrDefault(table.name(), Set.of()),
                        table -> Set.of());
        ConflictRecord met =
                mask.masked(
                        conflict(
                                "person",
                                "park",
                                "{\"id\":1,\"email\":\"a\",\"phone\":\"x\",\"n\":1}",
                                "{\"id\":1,\"email\":\"a\",\"phone\":\"y\",\"note\":\"z\",\"n\":2}"));
        assertThat(met.incoming())
                .isEqualTo(
                        "{\"id\":1,\"email\":{\"masked\":\"same\"},\"phone\":{\"masked\":\"differs\"},\"n\":1}");
        assertThat(met.standing())
                .isEqualTo(
                        "{\"id\":1,\"email\":{\"masked\":\"same\"},\"phone\":{\"masked\":\"differs\"},\"note\":{\"masked\":\"same\"},\"n\":2}");

        ConflictRecord deleted =
                mask.masked(conflict("person", "park", null, "{\"id\":1,\"email\":\"a\"}"));
        assertThat(deleted.incoming()).isNull();
        assertThat(deleted.standing()).contains("differs").doesNotContain("\"a\"");
        ConflictRecord merged =
                mask.masked(
                        new ConflictRecord(
                                0,
                                met.row(),
                                met.key(),
                                met.kind(),
                                "merge",
                                met.reason(),
                                met.policy(),
                                met.operation(),
                                met.incomingVersion(),
                                met.standingVersion(),
                                "{\"id\":1,\"email\":\"a\"}",
                                "{\"id\":1,\"email\":\"a\"}",
                                "{\"id\":1,\"email\":\"a\",\"n\":3}",
                                null));
        assertThat(merged.result()).isEqualTo("{\"id\":1,\"email\":{\"masked\":\"same\"},\"n\":3}");
        assertThat(merged.policy()).isEqualTo("last-update-wins");
        ConflictRecord other = conflict("item", "park", "{\"email\":\"a\"}", null);
        assertThat(mask.masked(other)).isSameAs(other);
    }
}
