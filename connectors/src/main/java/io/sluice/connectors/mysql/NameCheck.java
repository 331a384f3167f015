package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether a server can have names as they are. Pure. */
final class NameCheck {

    private static final int LONGEST = 64;

    private static final String RENAME = "Rename it under `rename`, or exclude it.";

    private final List<Finding> findings = new ArrayList<>();

    private NameCheck() {}

    /**
     * @param lowerCase the server's {@code lower_case_table_names}: 0 where letter case counts, 1
     *     where names become lower case, 2 where case is kept and does not count
     */
    static List<Finding> findings(List<TableDefinition> tables, String lowerCase) {
        NameCheck check = new NameCheck();
        Map<String, String> seen = new HashMap<>();
        for (TableDefinition table : tables) {
            String name = table.table().toString();
            check.require(table.table().schema(), name);
            check.require(table.table().name(), name);
            String folded = name.toLowerCase(Locale.ROOT);
            if (!lowerCase.equals("0")) {
                String other = seen.putIfAbsent(folded, name);
                if (other != null) {
                    check.blocks(
                            name,
                            "The server takes %s and %s for one table.".formatted(other, name));
                }
            }
            if (lowerCase.equals("1") && !folded.equals(name)) {
                check.blocks(
                        name,
                        "The server makes names lower case (lower_case_table_names is 1) and would"
                                + " not find this one again.");
            }
            check.columns(table, name);
        }
        return check.findings;
    }

    private void columns(TableDefinition table, String name) {
        Map<String, String> seen = new HashMap<>();
        for (ColumnDefinition column : table.columns()) {
            String subject = name + "." + column.name();
            require(column.name(), subject);
            String other = seen.putIfAbsent(column.name().toLowerCase(Locale.ROOT), column.name());
            if (other != null) {
                blocks(
                        subject,
                        "MySQL takes the columns %s and %s for one: letter case does not count."
                                .formatted(other, column.name()));
            }
        }
    }

    private void require(String name, String subject) {
        if (name.codePointCount(0, name.length()) > LONGEST) {
            blocks(subject, "The name %s is longer than MySQL's %d.".formatted(name, LONGEST));
        }
        if (name.endsWith(" ")) {
            blocks(
                    subject,
                    "The name %s ends in a space, which MySQL does not allow.".formatted(name));
        }
        if (name.codePoints().anyMatch(c -> c > 0xFFFF)) {
            blocks(subject, "The name has a character that MySQL does not allow in names.");
        }
    }

    private void blocks(String subject, String problem) {
        findings.add(Finding.blocks(subject, problem, RENAME));
    }
}
