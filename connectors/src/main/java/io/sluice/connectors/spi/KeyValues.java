package io.sluice.connectors.spi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Values of a key as a text that every database can store and every engine reads back. Pure. */
public final class KeyValues {

    private KeyValues() {}

    public static String text(List<?> values) {
        return String.join(",", values.stream().map(KeyValues::one).toList());
    }

    /**
     * @throws IllegalArgumentException for what {@link #text} has not written
     */
    public static List<Object> of(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(KeyValues::value).toList();
    }

    private static String one(Object value) {
        return switch (value) {
            case Long number -> "i" + number;
            case Boolean flag -> "b" + flag;
            case Float number -> "f" + number;
            case Double number -> "d" + number;
            case byte[] bytes -> "x" + Base64.getEncoder().encodeToString(bytes);
            case String string ->
                    "t"
                            + Base64.getEncoder()
                                    .encodeToString(string.getBytes(StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException("no form of a value");
        };
    }

    private static Object value(String text) {
        String rest = text.isEmpty() ? "" : text.substring(1);
        return switch (text.isEmpty() ? ' ' : text.charAt(0)) {
            case 'i' -> Long.valueOf(rest);
            case 'b' -> Boolean.valueOf(rest);
            case 'f' -> Float.valueOf(rest);
            case 'd' -> Double.valueOf(rest);
            case 'x' -> Base64.getDecoder().decode(rest);
            case 't' -> new String(Base64.getDecoder().decode(rest), StandardCharsets.UTF_8);
            default -> throw new IllegalArgumentException("not a key's values");
        };
    }
}
