package io.sluice.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads YAML to nodes with their lines.
 *
 * <p>It takes the parser's tokens one by one, so nothing is ever expanded: an alias is a problem,
 * not a copy. No message repeats the text of the file, where a secret may stand; the parser's own
 * messages do, and are not passed on whole.
 */
final class NodeParser {

    static final int DEEPEST = 20;

    private static final YAMLFactory FACTORY = new YAMLFactory();

    private final YAMLParser parser;
    private final Problems problems;

    private NodeParser(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The file's one node, or nothing where it is empty or its syntax is broken. */
    static Optional<Node> parse(String yaml, Problems problems) {
        try (YAMLParser parser = FACTORY.createParser(yaml)) {
            return new NodeParser(parser, problems).document();
        } catch (StreamConstraintsException e) {
            // The parser's own bounds are far above those of this class, which told of it already,
            // except for the length of a key.
            if (problems.count() == 0) {
                problems.add(0, "holds a key or a value that is too long");
            }
            return Optional.empty();
        } catch (JsonProcessingException e) {
            problems.add(line(e), "is not valid YAML: " + reason(e));
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
    }

    private Optional<Node> document() throws IOException {
        if (parser.nextToken() == null) {
            problems.add(0, "the file is empty; it needs `databases` and `replications`");
            return Optional.empty();
        }
        Node root = value(1, 1);
        if (parser.nextToken() != null) {
            problems.add(line(), "a second document begins here; one file is one document");
        }
        if (root instanceof Node.NullNode) {
            problems.add(0, "the file is empty; it needs `databases` and `replications`");
            return Optional.empty();
        }
        return Optional.of(root);
    }

    /** The value at the parser's current token. */
    private Node value(int line, int depth) throws IOException {
        if (parser.isCurrentAlias()) {
            problems.add(
                    line(),
                    "YAML aliases are not supported; write the value out, or in quotes if it"
                            + " begins with `*`");
            return new Node.BrokenNode(line);
        }
        if (parser.getTypeId() != null) {
            problems.add(
                    line(),
                    "YAML tags are not supported; write a value that begins with `!` in quotes");
            parser.skipChildren();
            return new Node.BrokenNode(line);
        }
        if (depth > DEEPEST) {
            problems.add(line(), "is nested more than " + DEEPEST + " deep");
            parser.skipChildren();
            return new Node.BrokenNode(line);
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> map(line, depth);
            case START_ARRAY -> list(line, depth);
            case VALUE_NULL -> new Node.NullNode(line);
            default -> new Node.TextNode(line, parser.getText());
        };
    }

    private Node map(int line, int depth) throws IOException {
        Map<String, Node> entries = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            int keyLine = line();
            Integer first = lines.putIfAbsent(key, keyLine);
            parser.nextToken();
            Node value = value(keyLine, depth + 1);
            if (first == null) {
                entries.put(key, value);
            } else {
                problems.add(
                        keyLine,
                        "duplicate key " + Fields.shown(key) + ", it stands in line " + first);
            }
        }
        return new Node.MapNode(line, entries);
    }

    private Node list(int line, int depth) throws IOException {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(line(), depth + 1));
        }
        return new Node.ListNode(line, items);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static int line(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return marked.getProblemMark().getLine() + 1;
        }
        return e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
    }

    /** The parser's reason without anything that it quotes from the file. */
    private static String reason(JsonProcessingException e) {
        if (!(e.getCause() instanceof MarkedYAMLException marked) || marked.getProblem() == null) {
            return "a key must be text, and a value text, a list or a map";
        }
        String problem = marked.getProblem();
        if (problem.contains("TAB")) {
            return "a tab cannot indent; use blanks";
        }
        if (problem.startsWith("expected <block end>")) {
            return "the indentation does not fit the lines above, or a quote is missing";
        }
        return problem.replaceAll(",? but (found|got) (?!'<).*", "")
                        .replaceAll("(tag handle|escape character|alias|anchor) .*", "$1")
                + "; a value with : # & * ! | > % @ or quotes in it needs quotes around it";
    }
}
