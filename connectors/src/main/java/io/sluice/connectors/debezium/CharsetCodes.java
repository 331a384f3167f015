package io.sluice.connectors.debezium;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The characters of MySQL's sets that are not those of the JVM's sets of that kind, by their codes.
 */
final class CharsetCodes {

    private static final Map<String, Map<Integer, String>> BY_CHARSET = read();

    private CharsetCodes() {}

    /** A character by its bytes, taken for a number; empty where the JVM has the same ones. */
    static Map<Integer, String> of(String charset) {
        return BY_CHARSET.getOrDefault(charset, Map.of());
    }

    private static Map<String, Map<Integer, String>> read() {
        Map<String, Map<Integer, String>> all = new HashMap<>();
        try (InputStream in = CharsetCodes.class.getResourceAsStream("charsets.txt");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(
                                        Objects.requireNonNull(in), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    String[] words = line.split(" ", -1);
                    Map<Integer, String> codes =
                            all.computeIfAbsent(words[0], name -> new HashMap<>());
                    for (int i = 1; i < words.length; i++) {
                        add(codes, words[i]);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** As {@code A1C1:FF5E+1}. */
    private static void add(Map<Integer, String> codes, String range) {
        int colon = range.indexOf(':');
        int plus = range.indexOf('+');
        int code = Integer.parseInt(range.substring(0, colon), 16);
        int character = Integer.parseInt(range.substring(colon + 1, plus), 16);
        int count = Integer.parseInt(range.substring(plus + 1));
        for (int i = 0; i < count; i++) {
            codes.put(code + i, Character.toString(character + i));
        }
    }
}
