package io.sluice.gateway.conflicts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.gateway.apply.RowJson;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A row as it is on record: values by column. A value that is an object stands for one that is not
 * on record, because it is masked or too long.
 */
public final class RowImage {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode values;

    private RowImage(ObjectNode values) {
        this.values = values;
    }

    /** Empty where there was no row. */
    public static Optional<RowImage> of(@Nullable String json) {
        if (json == null) {
            return Optional.empty();
        }
        try {
            return JSON.readTree(json) instanceof ObjectNode object
                    ? Optional.of(new RowImage(object))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            // Without its cause, which would show the text.
            throw new IllegalStateException("sluice.conflict holds a row that is not JSON");
        }
    }

    static RowImage of(TableSchema table, Row row) {
        return of(RowJson.values(table, row)).orElseThrow();
    }

    public Set<String> columns() {
        Set<String> names = new LinkedHashSet<>();
        values.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Empty where the column was not sent. */
    public Optional<JsonNode> value(String column) {
        return Optional.ofNullable(values.get(column));
    }

    /** Whether the value itself is not on record. */
    public boolean isHidden(String column) {
        return values.path(column).isObject();
    }

    public boolean isMasked(String column) {
        return values.path(column).has("masked");
    }

    /** This image, and of the other what this has not. */
    RowImage over(Optional<RowImage> other) {
        ObjectNode all =
                other.map(image -> image.values.deepCopy()).orElseGet(JSON::createObjectNode);
        all.setAll(values);
        return new RowImage(all);
    }

    /** Whether the row has the values of this image, as far as they can be compared. */
    boolean isLike(RowImage row) {
        return columns().stream()
                .filter(column -> !isMasked(column))
                .allMatch(column -> value(column).equals(row.value(column)));
    }

    /** Shows no values. */
    @Override
    public String toString() {
        return "RowImage[" + values.size() + " values]";
    }
}
