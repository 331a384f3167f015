package io.sluice.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Binds {@code conflict}. A policy is its name, or a map of its name to its settings: {@code delta}
 * and {@code {max: {column: price}}}.
 */
final class ConflictBinding {

    private static final String FORM =
            "must be a policy's name, or a map of its name to a map of its settings";

    private final Problems problems;

    ConflictBinding(Problems problems) {
        this.problems = problems;
    }

    ConflictConfig bind(Fields fields) {
        ConflictConfig.Rules rules = rules(fields, false);
        Map<Glob, ConflictConfig.Rules> tables = new LinkedHashMap<>();
        String path = fields.path("tables");
        fields.map("tables")
                .forEach(
                        (pattern, node) -> {
                            Node key = new Node.TextNode(node.line(), pattern);
                            Optional<Glob> glob = fields.scalar(key, path, Glob::parse);
                            Fields.of(node, path + "." + pattern, problems)
                                    .ifPresent(
                                            table -> {
                                                ConflictConfig.Rules own = rules(table, true);
                                                table.end();
                                                glob.ifPresent(g -> tables.putIfAbsent(g, own));
                                            });
                        });
        return new ConflictConfig(rules, tables, mask(fields), keep(fields));
    }

    private Map<Glob, List<String>> mask(Fields fields) {
        Map<Glob, List<String>> masked = new LinkedHashMap<>();
        String path = fields.path("mask");
        fields.map("mask")
                .forEach(
                        (pattern, node) -> {
                            Node key = new Node.TextNode(node.line(), pattern);
                            List<String> columns =
                                    fields.items(node, path, ReplicationBinding::column);
                            fields.scalar(key, path, Glob::parse)
                                    .ifPresent(glob -> masked.put(glob, columns));
                        });
        return masked;
    }

    private static ConflictConfig.KeepConfig keep(Fields fields) {
        ConflictConfig.KeepConfig usual = ConflictConfig.KeepConfig.DEFAULTS;
        return fields.settings(
                "keep",
                usual,
                keep ->
                        new ConflictConfig.KeepConfig(
                                keep.duration("age", usual.age()),
                                keep.count("count", usual.count())));
    }

    private ConflictConfig.Rules rules(Fields fields, boolean columns) {
        Optional<PolicyConfig> policy =
                fields.optional("policy").flatMap(node -> policy(node, fields.path("policy")));
        Map<String, PolicyConfig> kinds = new LinkedHashMap<>();
        fields.map("kinds")
                .forEach(
                        (kind, node) ->
                                policy(node, fields.path("kinds") + "." + kind)
                                        .ifPresent(made -> kinds.put(kind, made)));
        return new ConflictConfig.Rules(policy, kinds, columns ? columns(fields) : Map.of());
    }

    /** Columns by name; names that stand in one key, with commas, are decided together. */
    private Map<List<String>, PolicyConfig> columns(Fields fields) {
        Map<List<String>, PolicyConfig> columns = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        String path = fields.path("columns");
        fields.map("columns")
                .forEach(
                        (key, node) -> {
                            List<String> names =
                                    List.of(key.split(",", -1)).stream()
                                            .map(String::strip)
                                            .toList();
                            for (String name : names) {
                                if (name.isEmpty() || !taken.add(name)) {
                                    problems.add(
                                            node.line(),
                                            path
                                                    + (name.isEmpty()
                                                            ? ": a name must not be empty"
                                                            : ": two policies for one column"));
                                }
                            }
                            policy(node, path + "." + key)
                                    .ifPresent(made -> columns.put(names, made));
                        });
        return columns;
    }

    private Optional<PolicyConfig> policy(Node node, String path) {
        if (node instanceof Node.TextNode text) {
            return Optional.of(new PolicyConfig(text.text(), Map.of()));
        }
        if (node instanceof Node.MapNode map && map.entries().size() == 1) {
            Map.Entry<String, Node> entry = map.entries().entrySet().iterator().next();
            if (entry.getValue() instanceof Node.MapNode settings) {
                Map<String, Object> values = new LinkedHashMap<>();
                settings.entries().forEach((key, value) -> values.put(key, plain(value)));
                return Optional.of(new PolicyConfig(entry.getKey(), values));
            }
        }
        if (!(node instanceof Node.BrokenNode)) {
            problems.add(node.line(), path + ": " + FORM);
        }
        return Optional.empty();
    }

    private static Object plain(Node node) {
        return switch (node) {
            case Node.TextNode text -> text.text();
            case Node.ListNode list -> {
                List<Object> items = new ArrayList<>();
                list.items().forEach(item -> items.add(plain(item)));
                yield List.copyOf(items);
            }
            case Node.MapNode map -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                map.entries().forEach((key, value) -> entries.put(key, plain(value)));
                yield Map.copyOf(entries);
            }
            case Node.NullNode nothing -> "";
            case Node.BrokenNode broken -> "";
        };
    }
}
