package io.sluice.connectors.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code SHOW GRANTS} says of the account that is connected. */
final class Grants {

    private static final Pattern GRANT =
            Pattern.compile(
                    "GRANT (.+?) ON (?:(\\*)|`((?:[^`]|``)+)`)\\.\\* TO .*", Pattern.DOTALL);

    private static final Pattern CREATE =
            Pattern.compile("(?:.*, )?(?:CREATE|ALL PRIVILEGES)(?:,.*)?");

    private final List<String> creatable = new ArrayList<>();
    private boolean anywhere;

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
        return anywhere || creatable.stream().anyMatch(pattern -> database.matches(pattern));
    }

    private void add(String grant) {
        Matcher matcher = GRANT.matcher(grant);
        if (!matcher.matches()) {
            anywhere |= grant.startsWith("GRANT `");
        } else if (CREATE.matcher(matcher.group(1)).matches()) {
            if (matcher.group(2) != null) {
                anywhere = true;
            } else {
                creatable.add(regex(matcher.group(3).replace("``", "`")));
            }
        }
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
