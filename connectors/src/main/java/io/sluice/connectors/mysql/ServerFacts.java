package io.sluice.connectors.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says of itself.
 *
 * @param version as the server prints it
 * @param variables by their names in lower case
 * @param collations the names of those that it has
 */
record ServerFacts(String version, Map<String, String> variables, Set<String> collations) {

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    /** Compares texts by their characters alone, and takes spaces at the end for characters. */
    private static final String EXACT = "utf8mb4_0900_bin";

    static ServerFacts read(Connection connection) throws SQLException {
        Map<String, String> variables = new HashMap<>();
        Set<String> collations = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows =
                    statement.executeQuery(
                            """
                            SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'read_only',
                              'super_read_only', 'local_infile', 'lower_case_table_names',
                              'sql_require_primary_key', 'binlog_format', 'log_bin', 'sync_binlog',
                              'innodb_flush_log_at_trx_commit')
                            """)) {
                while (rows.next()) {
                    variables.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getString(2));
                }
            }
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT COLLATION_NAME FROM information_schema.COLLATIONS")) {
                while (rows.next()) {
                    collations.add(rows.getString(1));
                }
            }
        }
        return new ServerFacts(variables.getOrDefault("version", ""), variables, collations);
    }

    /** Whether it is MySQL, of at least this version. */
    boolean isAtLeast(int major, int minor) {
        Matcher matcher = NUMBERS.matcher(version);
        if (!matcher.matches() || version.contains("MariaDB")) {
            return false;
        }
        int there = Integer.parseInt(matcher.group(1));
        return there != major ? there > major : Integer.parseInt(matcher.group(2)) >= minor;
    }

    boolean isOn(String variable) {
        String value = variables.getOrDefault(variable, "OFF");
        return value.equalsIgnoreCase("ON") || value.equals("1");
    }

    String value(String variable, String otherwise) {
        return variables.getOrDefault(variable, otherwise);
    }

    /** The collation under the name that this server has for it; it may not have it at all. */
    String collation(String name) {
        if (collations.contains(name)) {
            return name;
        }
        // Three bytes for a character was utf8 before it was utf8mb3.
        String other =
                name.startsWith("utf8_")
                        ? "utf8mb3_" + name.substring("utf8_".length())
                        : name.replaceFirst("^utf8mb3_", "utf8_");
        return collations.contains(other) ? other : name;
    }

    /** The collation of texts that come from another engine. */
    String textCollation() {
        return collations.contains(EXACT) ? EXACT : "utf8mb4_bin";
    }
}
