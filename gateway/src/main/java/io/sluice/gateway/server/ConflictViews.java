package io.sluice.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.change.HybridTimestamp;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.gateway.conflicts.ConflictDesk;
import io.sluice.gateway.conflicts.RowImage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The API's answers about conflicts. */
public final class ConflictViews {

    private static final String HIDDEN = "•••";

    private ConflictViews() {}

    /**
     * A page of conflicts, the newest first.
     *
     * @param next what to ask {@code after} for those that follow; null at the end
     * @param away sites that could not be asked, whose conflicts are missing
     */
    public record Conflicts(List<Conflict> conflicts, @Nullable String next, List<Away> away) {}

    /** A site that could not be asked, and why not. */
    public record Away(String site, String reason) {}

    /**
     * A conflict without its rows' values.
     *
     * @param id its site and its number there
     * @param key of its row, a JSON object
     * @param policy the name of the one that decided; null where it is not on record
     * @param open whether it waits for a person
     */
    public record Conflict(
            String id,
            String site,
            String pipeline,
            String at,
            String table,
            String key,
            String kind,
            String operation,
            String resolution,
            String reason,
            @Nullable String policy,
            Write incoming,
            @Nullable Write standing,
            boolean open,
            @Nullable Resolved resolved) {}

    /**
     * When and where a row was written; the time is empty where it is of the copy.
     *
     * @param deletes whether the row was deleted
     */
    public record Write(@Nullable String at, String site, boolean deletes) {}

    /** By whom a conflict was looked after, and how. */
    public record Resolved(String at, String by, String choice) {}

    /**
     * A conflict whole.
     *
     * @param hasIncoming whether the change leaves a row
     * @param hasStanding whether it found one
     */
    public record ConflictDetail(
            Conflict conflict,
            boolean hasIncoming,
            boolean hasStanding,
            boolean masked,
            List<ConflictColumn> columns) {}

    /**
     * A column of both rows.
     *
     * @param sent whether the change says anything of it
     * @param incoming as text; null for NULL, and where there is no row or no value
     * @param masked whether the values are not shown
     */
    public record ConflictColumn(
            String name,
            boolean sent,
            @Nullable String incoming,
            @Nullable String standing,
            boolean differs,
            boolean masked) {}

    /**
     * What is ordered for a conflict.
     *
     * @param choice apply-incoming, keep or dismiss
     * @param force whether a row is written that has changed since
     * @param reason for the journal
     */
    public record Resolve(
            @Nullable String choice, @Nullable Boolean force, @Nullable String reason) {}

    public static Conflicts page(ConflictDesk.Page page) {
        return new Conflicts(
                page.conflicts().stream().map(ConflictViews::conflict).toList(),
                page.next(),
                page.away().entrySet().stream()
                        .map(away -> new Away(away.getKey(), away.getValue()))
                        .toList());
    }

    public static Conflict conflict(ConflictDesk.Located located) {
        RecordedConflict recorded = located.conflict();
        ConflictRecord c = recorded.conflict();
        RecordedConflict.Resolved resolved = recorded.resolved();
        return new Conflict(
                located.name().toString(),
                located.site(),
                recorded.pipeline(),
                Objects.requireNonNull(c.at()).toString(),
                c.row().table().toString(),
                c.key(),
                c.kind(),
                c.operation(),
                c.resolution(),
                c.reason(),
                c.policy(),
                write(VersionText.version(c.incomingVersion()), c.operation().equals("delete")),
                standing(c),
                recorded.isOpen(),
                resolved == null
                        ? null
                        : new Resolved(resolved.at().toString(), resolved.by(), resolved.choice()));
    }

    private static @Nullable Write standing(ConflictRecord conflict) {
        String version = conflict.standingVersion();
        return version == null
                ? null
                : write(VersionText.version(version), conflict.kind().equals("update_deleted"));
    }

    private static Write write(Version version, boolean deletes) {
        String at =
                version.at().equals(HybridTimestamp.ZERO)
                        ? null
                        : Instant.EPOCH.plus(version.at().micros(), ChronoUnit.MICROS).toString();
        return new Write(at, version.origin().name(), deletes);
    }

    /**
     * @param masked whether no value at all is shown
     */
    public static ConflictDetail detail(ConflictDesk.Located located, boolean masked) {
        ConflictRecord c = located.conflict().conflict();
        Optional<RowImage> incoming = RowImage.of(c.incoming());
        Optional<RowImage> standing = RowImage.of(c.standing());
        Set<String> names = new LinkedHashSet<>();
        standing.ifPresent(row -> names.addAll(row.columns()));
        incoming.ifPresent(row -> names.addAll(row.columns()));
        List<ConflictColumn> columns = new ArrayList<>();
        for (String name : names) {
            columns.add(column(name, incoming, standing, masked));
        }
        return new ConflictDetail(
                conflict(located), incoming.isPresent(), standing.isPresent(), masked, columns);
    }

    private static ConflictColumn column(
            String name, Optional<RowImage> incoming, Optional<RowImage> standing, boolean masked) {
        Optional<JsonNode> sent = incoming.flatMap(row -> row.value(name));
        Optional<JsonNode> found = standing.flatMap(row -> row.value(name));
        boolean both = incoming.isPresent() && standing.isPresent();
        return new ConflictColumn(
                name,
                sent.isPresent(),
                sent.map(value -> text(value, masked)).orElse(null),
                found.map(value -> text(value, masked)).orElse(null),
                both && sent.isPresent() && isOther(sent.get(), found),
                masked || isMasked(sent) || isMasked(found));
    }

    /** A masked value says itself whether it is the same. */
    private static boolean isOther(JsonNode sent, Optional<JsonNode> found) {
        return sent.has("masked")
                ? !sent.path("masked").asText().equals("same")
                : !found.equals(Optional.of(sent));
    }

    private static boolean isMasked(Optional<JsonNode> value) {
        return value.filter(node -> node.has("masked")).isPresent();
    }

    private static @Nullable String text(JsonNode value, boolean masked) {
        if (masked || value.has("masked")) {
            return HIDDEN;
        }
        if (value.isNull()) {
            return null;
        }
        if (value.has("characters")) {
            return "(%,d characters)".formatted(value.path("characters").asLong());
        }
        return value.has("bytes")
                ? "(%,d bytes)".formatted(value.path("bytes").asLong())
                : value.asText();
    }
}
