package io.sluice.conflict.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Splits what stands in braces, separated by commas: an array of PostgreSQL, a JSON object. Texts
 * in quotes, and what stands in braces or brackets of its own, are left whole.
 */
final class TextParts {

    private TextParts() {}

    /** The parts without the blanks around them; nothing where the text is not in braces. */
    static Optional<List<String>> split(String text) {
        String inner = text.strip();
        if (inner.length() < 2 || inner.charAt(0) != '{' || !inner.endsWith("}")) {
            return Optional.empty();
        }
        inner = inner.substring(1, inner.length() - 1);
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (from <= inner.length() && !inner.isBlank()) {
            int end = end(inner, from, ',');
            parts.add(inner.substring(from, end).strip());
            from = end + 1;
        }
        return Optional.of(parts);
    }

    /** The members {@code "name": value} by their names, quotes included. */
    static Optional<SortedMap<String, String>> members(List<String> parts) {
        SortedMap<String, String> members = new TreeMap<>();
        for (String part : parts) {
            int colon = end(part, 0, ':');
            if (colon == part.length() || !part.startsWith("\"")) {
                return Optional.empty();
            }
            members.put(part.substring(0, colon).strip(), part.substring(colon + 1).strip());
        }
        return Optional.of(members);
    }

    /** Where a separator stands that is in no quotes and no braces; the end where none does. */
    private static int end(String text, int from, char separator) {
        boolean quoted = false;
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == '{' || c == '[')) {
                depth++;
            } else if (!quoted && (c == '}' || c == ']')) {
                depth--;
            } else if (!quoted && depth == 0 && c == separator) {
                return i;
            }
        }
        return text.length();
    }
}
