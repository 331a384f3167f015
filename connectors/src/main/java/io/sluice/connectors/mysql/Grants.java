package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code SHOW GRANTS} says of the account that is connected. */
final class Grants {

    private static final Pattern GRANT =
            Pattern.compile(
                    "GRANT (.+?) ON (?:(\\*)|`((?:[^`]|``)+)`)\\.(?:\\*|`((?:[^`]|``)+)`) TO .*",
                    Pattern.DOTALL);

    /** By their databases' patterns and, where a table alone is granted, its name. */
    private record Granted(Set<String> privileges, String databases, @Nullable String table) {

        boolean holds(String privilege, String database) {
            return (privileges.contains(privilege) || privileges.contains("ALL PRIVILEGES"))
                    && database.matches(databases);
        }
    }

    private final List<Granted> granted = new ArrayList<>();
    private boolean member;

    private Grants() {}

    static Grants read(Statement statement) throws SQLException {
        Grants grants = new Grants();
        try (ResultSet rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.add(rows.getString(1));
            }
        }
        return grants;
    }

    /** True as well where that is not known, since a role may allow it. */
    boolean mayCreateIn(String database) {
        return member
                || granted.stream().anyMatch(g -> g.table() == null && g.holds("CREATE", database));
    }

    /** As {@link #mayCreateIn}; the privilege may be on the table alone. */
    boolean mayAlter(TableId table) {
        return member
                || granted.stream()
                        .filter(g -> g.table() == null || g.table().equals(table.name()))
                        .anyMatch(g -> g.holds("ALTER", table.schema()));
    }

    /** Without this, a table's triggers are as if they were not there. */
    boolean mayReadTriggersOf(TableId table) {
        return granted.stream()
                .filter(g -> g.table() == null || g.table().equals(table.name()))
                .anyMatch(g -> g.holds("TRIGGER", table.schema()));
    }

    private void add(String grant) {
        Matcher matcher = GRANT.matcher(grant);
        if (!matcher.matches()) {
            member |= grant.startsWith("GRANT `");
            return;
        }
        String table = matcher.group(4);
        String databases =
                matcher.group(2) != null ? ".*" : regex(matcher.group(3).replace("``", "`"));
        granted.add(
                new Granted(
                        Set.of(matcher.group(1).split(", ")),
                        databases,
                        table == null ? null : table.replace("``", "`")));
    }

    /** In a grant, a database is named by a pattern: {@code app\_%}. */
    private static String regex(String pattern) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\' && i + 1 < pattern.length()) {
                i++;
                regex.append(Pattern.quote(pattern.substring(i, i + 1)));
            } else {
                regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
    }
}
