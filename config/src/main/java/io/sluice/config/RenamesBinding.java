package io.sluice.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Binds {@code rename}: a schema to a schema, or a table to a table. */
final class RenamesBinding {

    private static final String FORM =
            "must rename a schema to a schema (`public: shop`) or a table to a table"
                    + " (`public.orders: archive.orders`)";

    private final Fields fields;
    private final Problems problems;
    private final Map<String, String> schemas = new LinkedHashMap<>();
    private final Map<TableName, TableName> tables = new LinkedHashMap<>();

    RenamesBinding(Fields fields, Problems problems) {
        this.fields = fields;
        this.problems = problems;
    }

    Renames bind(String key) {
        String path = fields.path(key);
        fields.map(key)
                .forEach(
                        (from, node) -> {
                            Optional<List<String>> source =
                                    fields.scalar(
                                            new Node.TextNode(node.line(), from),
                                            path,
                                            RenamesBinding::names);
                            Optional<List<String>> target =
                                    fields.scalar(node, path, RenamesBinding::names);
                            if (source.isPresent() && target.isPresent()) {
                                put(source.get(), target.get(), path, node.line());
                            }
                        });
        Map<TableName, TableName> taken = new HashMap<>();
        tables.forEach(
                (from, to) -> {
                    TableName other = taken.putIfAbsent(to, from);
                    if (other != null) {
                        String both = "`" + other + "` and `" + from + "` both become `" + to + "`";
                        problems.add(fields.line(key), path + ": " + both);
                    }
                });
        return new Renames(schemas, tables);
    }

    private void put(List<String> source, List<String> target, String path, int line) {
        if (source.size() == 1 && target.size() == 1) {
            schemas.put(source.get(0), target.get(0));
        } else if (source.size() == 2 && target.size() == 2) {
            tables.put(
                    new TableName(source.get(0), source.get(1)),
                    new TableName(target.get(0), target.get(1)));
        } else {
            problems.add(line, path + ": " + FORM);
        }
    }

    private static List<String> names(String text) {
        List<NamePattern> parts = NamePattern.split(text);
        if (parts.size() > 2) {
            throw new IllegalArgumentException(FORM);
        }
        if (!parts.stream().allMatch(NamePattern::isLiteral)) {
            throw new IllegalArgumentException("takes names, not patterns with `*` or `?`");
        }
        return parts.stream().map(NamePattern::text).toList();
    }
}
