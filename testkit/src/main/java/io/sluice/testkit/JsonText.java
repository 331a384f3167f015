package io.sluice.testkit;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a JSON document in the one way that documents of the same content share: names sorted, the
 * last of equal names, no spaces.
 *
 * <p>Numbers are whole ones of 64 bits or doubles, since MySQL keeps no others. Used once, by one
 * thread.
 */
final class JsonText {
    private static final BigDecimal WHOLE = new BigDecimal("18446744073709551616");

    private final String text;
    private int at;

    private JsonText(String text) {
        this.text = text;
    }

    /** What is no JSON stays as it is. */
    static String canonical(String text) {
        try {
            JsonText json = new JsonText(text);
            String canonical = json.value();
            json.skipSpace();
            return json.at == text.length() ? canonical : text;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            return text;
        }
    }

    private String value() {
        skipSpace();
        return switch (text.charAt(at)) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> quoted(string());
            default -> word();
        };
    }

    private String object() {
        Map<String, String> members = new TreeMap<>();
        for (at++; !ends('}'); ) {
            String name = string();
            skipSpace();
            expect(':');
            members.put(name, value());
        }
        List<String> parts = new ArrayList<>();
        members.forEach((name, value) -> parts.add(quoted(name) + ":" + value));
        return "{" + String.join(",", parts) + "}";
    }

    private String array() {
        List<String> elements = new ArrayList<>();
        for (at++; !ends(']'); ) {
            elements.add(value());
        }
        return "[" + String.join(",", elements) + "]";
    }

    /** Steps over a comma or the end, and over the space around it. */
    private boolean ends(char end) {
        skipSpace();
        if (text.charAt(at) == ',') {
            at++;
            skipSpace();
        }
        if (text.charAt(at) == end) {
            at++;
            return true;
        }
        return false;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        expect('"');
        for (char each; (each = text.charAt(at++)) != '"'; ) {
            string.append(each == '\\' ? escaped() : each);
        }
        return string.toString();
    }

    private char escaped() {
        char escape = text.charAt(at++);
        return switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> (char) Integer.parseInt(text.substring(at, at += 4), 16);
            default -> escape;
        };
    }

    private String word() {
        int start = at;
        while (at < text.length() && ",]}: \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(start, at);
        return List.of("true", "false", "null").contains(word) ? word : number(word);
    }

    private static String number(String word) {
        BigDecimal number = new BigDecimal(word);
        boolean whole = word.matches("-?\\d+") && number.abs().compareTo(WHOLE) < 0;
        double near = number.doubleValue();
        BigDecimal kept =
                whole || Double.isInfinite(near) ? number : new BigDecimal(Double.toString(near));
        return kept.signum() == 0 ? "0" : kept.stripTrailingZeros().toPlainString();
    }

    private static String quoted(String string) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char each : string.toCharArray()) {
            if (each < ' ') {
                quoted.append("\\u%04x".formatted((int) each));
            } else {
                quoted.append(each == '"' || each == '\\' ? "\\" : "").append(each);
            }
        }
        return quoted.append('"').toString();
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private void expect(char expected) {
        if (text.charAt(at++) != expected) {
            throw new IllegalArgumentException("not JSON");
        }
    }
}
