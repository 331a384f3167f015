package io.sluice.gateway.conflicts;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConflictStore.Correction;
import io.sluice.connectors.spi.ConflictStore.StandingRow;
import io.sluice.connectors.spi.RecordedConflict;
import io.sluice.gateway.apply.RowJson;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a conflict's row by a person's choice.
 *
 * <p>Of the change or of the row that it met everything is written that is on record. A value that
 * is not, being masked or too long, is left as it stands, if that is surely the chosen one: both
 * were the same, or what was decided has chosen it already. Else nothing is written at all.
 *
 * @param force whether a row is written that has changed since the decision
 */
record Resolving(Choice choice, boolean force) implements ConflictStore.Resolver {

    @Override
    public Correction decide(RecordedConflict recorded, StandingRow row) {
        if (recorded.resolved() != null) {
            throw new ConflictRefusedException(alreadyResolved(recorded.resolved()));
        }
        if (choice == Choice.DISMISS) {
            return new Correction(choice.text(), false, null);
        }
        ConflictRecord conflict = recorded.conflict();
        TableSchema table = row.table();
        Optional<Row> now = row.lock(key(table, conflict));
        Optional<RowImage> incoming = RowImage.of(conflict.incoming());
        Optional<RowImage> standing = RowImage.of(conflict.standing());
        if (!force) {
            requireUnchanged(conflict, table, now);
        }
        Optional<RowImage> chosen =
                choice == Choice.KEEP ? standing : incoming.map(image -> image.over(standing));
        return new Correction(
                choice.text(),
                true,
                chosen.map(image -> row(conflict, table, image, now)).orElse(null));
    }

    static String alreadyResolved(RecordedConflict.Resolved resolved) {
        return "It was resolved already, at %s by %s: %s."
                .formatted(resolved.at(), resolved.by(), resolved.choice());
    }

    private static Row key(TableSchema table, ConflictRecord conflict) {
        try {
            return RowJson.row(table, conflict.key());
        } catch (IllegalArgumentException e) {
            throw unfit(table);
        }
    }

    /** The row is to be what the decision made of it. */
    private static void requireUnchanged(
            ConflictRecord conflict, TableSchema table, Optional<Row> now) {
        Optional<RowImage> standing = RowImage.of(conflict.standing());
        Optional<RowImage> expected =
                switch (conflict.resolution()) {
                    case "apply" ->
                            RowImage.of(conflict.incoming()).map(image -> image.over(standing));
                    case "merge" -> Optional.of(merged(conflict));
                    default -> standing;
                };
        boolean same =
                expected.isPresent() == now.isPresent()
                        && expected.map(
                                        image ->
                                                image.isLike(RowImage.of(table, now.orElseThrow())))
                                .orElse(true);
        if (!same) {
            throw new ConflictRefusedException(
                    "The row has changed since this was decided; with force it is written over.");
        }
    }

    private static RowImage merged(ConflictRecord conflict) {
        return RowImage.of(conflict.result())
                .orElseThrow(
                        () ->
                                new ConflictRefusedException(
                                        "An older gateway decided this, and the record does not hold what the rows were merged to, so nobody can tell whether the row has changed since; with force it is written over."));
    }

    private Row row(ConflictRecord conflict, TableSchema table, RowImage image, Optional<Row> now) {
        @Nullable Object[] values = new Object[table.columns().size()];
        Row key = key(table, conflict);
        for (int i = 0; i < values.length; i++) {
            Column column = table.columns().get(i);
            Optional<JsonNode> value = image.value(column.name());
            if (table.key().contains(i)) {
                values[i] = key.get(i);
            } else if (value.isPresent() && !image.isHidden(column.name())) {
                values[i] = value(table, column, value.get());
            } else {
                values[i] = asItStands(conflict, image, column.name(), now).get(i);
            }
        }
        return Row.of(values);
    }

    private static @Nullable Object value(TableSchema table, Column column, JsonNode value) {
        try {
            return RowJson.value(column.type(), value);
        } catch (IllegalArgumentException e) {
            throw unfit(table);
        }
    }

    private static ConflictRefusedException unfit(TableSchema table) {
        return new ConflictRefusedException(
                "%s is another table than the one that is on record: write the row by hand, and dismiss the conflict."
                        .formatted(table.table()));
    }

    private Row asItStands(
            ConflictRecord conflict, RowImage chosen, String column, Optional<Row> now) {
        boolean stands =
                switch (conflict.resolution()) {
                    case "apply" -> choice == Choice.APPLY_INCOMING || isSame(conflict, column);
                    case "merge" -> isMergedTo(conflict, chosen, column);
                    default -> choice == Choice.KEEP || isSame(conflict, column);
                };
        if (now.isPresent() && stands) {
            return now.get();
        }
        throw new ConflictRefusedException(
                "The value of %s is not on record, for it is masked or too long: write the row by hand, and dismiss the conflict."
                        .formatted(column));
    }

    /** Whether what was merged has the chosen value: of a masked one that is not known. */
    private static boolean isMergedTo(ConflictRecord conflict, RowImage chosen, String column) {
        return !chosen.isMasked(column)
                && RowImage.of(conflict.result())
                        .flatMap(merged -> merged.value(column))
                        .equals(chosen.value(column));
    }

    /** Whether the change has the value that the row had, though it is not said which. */
    private static boolean isSame(ConflictRecord conflict, String column) {
        Optional<RowImage> standing = RowImage.of(conflict.standing());
        Optional<RowImage> incoming = RowImage.of(conflict.incoming());
        if (standing.isEmpty() || incoming.isEmpty()) {
            return false;
        }
        Optional<JsonNode> sent = incoming.get().value(column);
        Optional<JsonNode> found = standing.get().value(column);
        return sent.isEmpty()
                || (sent.get().has("masked")
                        ? "same".equals(sent.get().path("masked").asText())
                        : Objects.equals(sent, found));
    }
}
