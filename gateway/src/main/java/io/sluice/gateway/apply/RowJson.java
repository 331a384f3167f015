package io.sluice.gateway.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.change.Column;
import io.sluice.change.LogicalType;
import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as JSON, as dead letters hold them. Pure. */
public final class RowJson {

    /** Longer values are not kept: the source has them. In characters. */
    private static final int LONGEST = 10_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private RowJson() {}

    /** The row's key, whole. */
    public static String key(TableSchema table, Row row) {
        return key(table, table.key(), row);
    }

    /**
     * @param positions of the key's columns, in the order in which they are to stand
     */
    public static String key(TableSchema table, List<Integer> positions, Row row) {
        ObjectNode key = JSON.createObjectNode();
        for (int position : positions) {
            put(key, table.columns().get(position).name(), row.get(position), Integer.MAX_VALUE);
        }
        return key.toString();
    }

    /** What tells the key from others, of a length that any index takes. */
    public static String hash(String key) {
        return digest(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The values that were sent; of a long one its length, and what tells it from others. */
    public static String values(TableSchema table, Row row) {
        ObjectNode values = JSON.createObjectNode();
        for (int i = 0; i < table.columns().size(); i++) {
            if (row.isSent(i)) {
                put(values, table.columns().get(i).name(), row.get(i), LONGEST);
            }
        }
        return values.toString();
    }

    private static void put(ObjectNode node, String name, @Nullable Object value, int longest) {
        switch (value) {
            case null -> node.putNull(name);
            case Boolean truth -> node.put(name, truth);
            case Long number -> node.put(name, number);
            case byte[] bytes when bytes.length > longest / 2 ->
                    node.putObject(name).put("bytes", bytes.length).put("sha256", digest(bytes));
            case byte[] bytes -> node.put(name, "\\x" + HexFormat.of().formatHex(bytes));
            case String text when text.length() > longest ->
                    node.putObject(name).put("characters", text.length()).put("sha256", hash(text));
            default -> node.put(name, value.toString());
        }
    }

    /**
     * A row that holds a key's values and no others.
     *
     * @param key as of {@link #key}
     */
    public static Row row(TableSchema table, String key) {
        JsonNode values = parsed(key);
        @Nullable Object[] row = new Object[table.columns().size()];
        Arrays.fill(row, Row.NOT_SENT);
        for (int position : table.key()) {
            Column column = table.columns().get(position);
            row[position] = value(column.type(), values.path(column.name()));
        }
        return Row.of(row);
    }

    private static JsonNode parsed(String key) {
        try {
            return JSON.readTree(key);
        } catch (JsonProcessingException e) {
            // Without its cause, which would show the text.
            throw new IllegalStateException("sluice.dead_letter holds a key that is not JSON");
        }
    }

    /**
     * A value, as {@link #values} holds one that is not too long.
     *
     * @throws IllegalArgumentException if it is not of the type
     */
    public static @Nullable Object value(LogicalType type, JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return null;
        }
        String text = value.asText();
        return switch (type) {
            case BOOLEAN -> value.asBoolean();
            case INTEGER -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case BYTES -> HexFormat.of().parseHex(text.substring(2));
            case TEXT -> text;
        };
    }
}
