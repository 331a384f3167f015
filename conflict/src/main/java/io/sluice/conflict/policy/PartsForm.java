package io.sluice.conflict.policy;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How a text is made of parts that can be there or not, and back. */
enum PartsForm {
    /** MySQL's {@code set}: labels joined by commas. */
    SET {
        @Override
        Optional<SortedMap<String, String>> parts(String text) {
            SortedMap<String, String> parts = new TreeMap<>();
            if (!text.isEmpty()) {
                for (String label : text.split(",", -1)) {
                    parts.put(label, label);
                }
            }
            return Optional.of(parts);
        }

        @Override
        String text(Map<String, String> parts) {
            return String.join(",", parts.values());
        }
    },
    /** PostgreSQL's arrays of one dimension, as sets: each element once. */
    ARRAY {
        @Override
        Optional<SortedMap<String, String>> parts(String text) {
            SortedMap<String, String> parts = new TreeMap<>();
            return TextParts.split(text)
                    .filter(elements -> elements.stream().noneMatch(e -> e.startsWith("{")))
                    .map(
                            elements -> {
                                elements.forEach(element -> parts.put(element, element));
                                return parts;
                            });
        }

        @Override
        String text(Map<String, String> parts) {
            return "{" + String.join(",", parts.values()) + "}";
        }
    },
    /** A JSON object; its parts are its members, each a whole. */
    JSON {
        @Override
        Optional<SortedMap<String, String>> parts(String text) {
            return TextParts.split(text).flatMap(TextParts::members);
        }

        @Override
        String text(Map<String, String> parts) {
            return parts.entrySet().stream()
                    .map(member -> member.getKey() + ": " + member.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    };

    /** The parts by their names; nothing where the text is of another make. */
    abstract Optional<SortedMap<String, String>> parts(String text);

    /** The text of parts in the order of their names. */
    abstract String text(Map<String, String> parts);
}
