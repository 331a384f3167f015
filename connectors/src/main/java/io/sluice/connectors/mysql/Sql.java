package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Quotes names and constants for MySQL's SQL, under the {@code sql_mode} that every session here
 * has: backslashes escape, back-ticks enclose names.
 */
final class Sql {

    private Sql() {}

    /**
     * A name as an identifier, whatever it is made of.
     *
     * @throws IllegalArgumentException for what MySQL cannot have as a name: nothing, or NUL
     */
    static String identifier(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not a name in MySQL: empty or with a NUL");
        }
        return '`' + name.replace("`", "``") + '`';
    }

    static String identifiers(Collection<String> names) {
        return names.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }

    static String table(TableId table) {
        return identifier(table.schema()) + "." + identifier(table.name());
    }

    /** A string constant. */
    static String literal(String text) {
        StringBuilder sql = new StringBuilder(text.length() + 2);
        appendLiteral(sql, text);
        return sql.toString();
    }

    static void appendLiteral(StringBuilder sql, String text) {
        sql.append('\'');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\'' -> sql.append("''");
                case '\\' -> sql.append("\\\\");
                case '\0' -> sql.append("\\0");
                default -> sql.append(c);
            }
        }
        sql.append('\'');
    }

    /** Tables as a list of pairs, to compare a catalog's schema and name with. */
    static String pairs(Collection<TableId> tables) {
        return tables.stream()
                .map(table -> "(%s, %s)".formatted(literal(table.schema()), literal(table.name())))
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
