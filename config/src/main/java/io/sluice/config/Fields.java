package io.sluice.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one map, taken by name. What is asked for is what is known: {@link #end} reports the
 * keys that nobody asked for. A value that cannot be used is a problem, and the fallback is handed
 * back so that reading can go on.
 */
final class Fields {

    private static final int LONGEST_SHOWN = 60;

    private final Node.MapNode map;
    private final String path;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    Fields(Node.MapNode map, String path, Problems problems) {
        this.map = map;
        this.path = path;
        this.problems = problems;
    }

    /** The fields of a node; nothing, and a problem, where it is no map. */
    static Optional<Fields> of(Node node, String path, Problems problems) {
        if (node instanceof Node.MapNode map) {
            return Optional.of(new Fields(map, path, problems));
        }
        if (!(node instanceof Node.BrokenNode)) {
            problems.add(node.line(), path + ": must be a map, found " + node.kind());
        }
        return Optional.empty();
    }

    int line() {
        return map.line();
    }

    Map<String, Node> entries() {
        return map.entries();
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The line of a key, or of the map where the key is missing. */
    int line(String key) {
        Node node = map.entries().get(key);
        return node == null ? line() : node.line();
    }

    void problem(String key, String message) {
        problems.add(line(key), path(key) + ": " + message);
    }

    /** A value that may be left out; so may its text. */
    Optional<Node> optional(String key) {
        known.add(key);
        return Optional.ofNullable(map.entries().get(key))
                .filter(node -> !(node instanceof Node.NullNode));
    }

    /** A value that must be there; nothing, and a problem, where it is not. */
    Optional<Node> required(String key) {
        Optional<Node> node = optional(key);
        if (node.isEmpty()) {
            problems.add(line(key), "missing key `" + path(key) + "`");
        }
        return node;
    }

    <T> T value(String key, T fallback, Function<String, T> parse) {
        return optionalValue(key, parse).orElse(fallback);
    }

    <T> Optional<T> optionalValue(String key, Function<String, T> parse) {
        return optional(key).flatMap(node -> scalar(node, path(key), parse));
    }

    <T> Optional<T> requiredValue(String key, Function<String, T> parse) {
        return required(key).flatMap(node -> scalar(node, path(key), parse));
    }

    Duration duration(String key, Duration fallback) {
        return duration(key).orElse(fallback);
    }

    Optional<Duration> duration(String key) {
        return optionalValue(
                key,
                text -> {
                    Duration duration = DurationText.parse(text);
                    DurationText.requirePositive(duration);
                    return duration;
                });
    }

    DataSize size(String key, DataSize fallback) {
        return size(key).orElse(fallback);
    }

    Optional<DataSize> size(String key) {
        return optionalValue(
                key,
                text -> {
                    DataSize size = DataSize.parse(text);
                    DataSize.requirePositive(size);
                    return size;
                });
    }

    /** A whole number from 1 to what an int holds. */
    int count(String key, int fallback) {
        return optionalValue(
                        key,
                        text -> {
                            if (!text.matches("[0-9]{1,10}")
                                    || Long.parseLong(text) > Integer.MAX_VALUE
                                    || Long.parseLong(text) == 0) {
                                throw new IllegalArgumentException(
                                        "must be a whole number from 1 to " + Integer.MAX_VALUE);
                            }
                            return Integer.parseInt(text);
                        })
                .orElse(fallback);
    }

    boolean flag(String key, boolean fallback) {
        return optionalValue(
                        key,
                        text -> {
                            if (!text.equals("true") && !text.equals("false")) {
                                throw new IllegalArgumentException("must be true or false");
                            }
                            return text.equals("true");
                        })
                .orElse(fallback);
    }

    /** The items of a list that may be left out; those that cannot be used are left out too. */
    <T> List<T> list(String key, Function<String, T> parse) {
        return optional(key).map(node -> items(node, path(key), parse)).orElseGet(List::of);
    }

    <T> List<T> items(Node node, String where, Function<String, T> parse) {
        List<T> items = new ArrayList<>();
        if (node instanceof Node.ListNode list) {
            for (Node item : list.items()) {
                scalar(item, where, parse).ifPresent(items::add);
            }
        } else if (!(node instanceof Node.BrokenNode)) {
            problems.add(node.line(), where + ": must be a list, found " + node.kind());
        }
        return items;
    }

    /** The entries of a map that may be left out, by keys as they are written. */
    Map<String, Node> map(String key) {
        return optional(key)
                .flatMap(node -> of(node, path(key), problems))
                .map(Fields::entries)
                .orElseGet(LinkedHashMap::new);
    }

    /** A column for all tables, or one for each pattern; the first that matches counts. */
    Map<Glob, String> columnByTable(String key, Optional<Node> node) {
        Map<Glob, String> columns = new LinkedHashMap<>();
        String path = path(key);
        Function<Node, Optional<String>> column =
                named -> scalar(named, path, ReplicationBinding::column);
        if (node.isPresent() && node.get() instanceof Node.MapNode) {
            map(key).forEach(
                            (pattern, named) -> {
                                Node text = new Node.TextNode(named.line(), pattern);
                                Optional<String> name = column.apply(named);
                                scalar(text, path, Glob::parse)
                                        .ifPresent(
                                                glob -> name.ifPresent(n -> columns.put(glob, n)));
                            });
        } else {
            node.flatMap(column).ifPresent(name -> columns.put(Glob.parse("*.*"), name));
        }
        return columns;
    }

    /** A map of settings that may be left out as a whole, read to a record. */
    <T> T settings(String key, T fallback, Function<Fields, @Nullable T> read) {
        Optional<Fields> fields = optional(key).flatMap(node -> of(node, path(key), problems));
        if (fields.isEmpty()) {
            return fallback;
        }
        T settings = read.apply(fields.get());
        fields.get().end();
        return settings == null ? fallback : settings;
    }

    /** One value, or a problem. */
    <T> Optional<T> scalar(Node node, String where, Function<String, T> parse) {
        if (node instanceof Node.TextNode text) {
            try {
                return Optional.of(parse.apply(text.text()));
            } catch (IllegalArgumentException e) {
                problems.add(node.line(), where + ": " + e.getMessage());
                return Optional.empty();
            }
        }
        if (!(node instanceof Node.BrokenNode)) {
            problems.add(node.line(), where + ": must be text, found " + node.kind());
        }
        return Optional.empty();
    }

    /** Reports the keys that were not asked for. */
    void end() {
        map.entries()
                .forEach(
                        (key, node) -> {
                            if (!known.contains(key)) {
                                problems.add(node.line(), unknown(key));
                            }
                        });
    }

    private String unknown(String key) {
        if (key.indexOf(':') > 0) {
            return "unknown key " + shown(key) + "; a colon needs a blank after it";
        }
        return "unknown key " + shown(key) + Nearest.hint(key, known);
    }

    /**
     * A key as a message may show it: on one line, short, and without what follows a colon, for in
     * {@code password:abc} that is the password.
     */
    static String shown(String key) {
        int colon = key.indexOf(':');
        String name = colon < 0 ? key : key.substring(0, colon + 1);
        if (name.length() > LONGEST_SHOWN) {
            name = name.substring(0, LONGEST_SHOWN);
        }
        boolean whole = name.length() == key.length();
        return "`" + name.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?") + (whole ? "" : "…") + "`";
    }
}
