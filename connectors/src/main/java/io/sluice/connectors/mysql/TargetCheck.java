package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether a server can be written to, and whether the tables that stand there fit. */
final class TargetCheck {

    private final MySqlConnections connections;
    private final Set<TableId> acrossSites;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * @param acrossSites the tables that are of another engine's site
     */
    TargetCheck(MySqlConnections connections, Set<TableId> acrossSites) {
        this.connections = connections;
        this.acrossSites = acrossSites;
    }

    List<Finding> findings(List<TableDefinition> wanted) {
        connections.run(
                "sluice check",
                "checking the target",
                connection -> {
                    check(connection, wanted);
                });
        return List.copyOf(findings);
    }

    private void check(Connection connection, List<TableDefinition> wanted) throws SQLException {
        ServerFacts facts = ServerFacts.read(connection);
        if (!facts.isAtLeast(8, 0)) {
            blocks(
                    "server version",
                    "The server is %s; applying needs MySQL 8.0 or newer."
                            .formatted(facts.version()),
                    "Upgrade the server.");
            return;
        }
        settings(facts);
        List<TableDefinition> own =
                wanted.stream().map(table -> TableTranslation.of(table, facts, findings)).toList();
        findings.addAll(NameCheck.findings(own, facts.value("lower_case_table_names", "0")));
        StandingTables standing = StandingTables.read(connection, connections.address(), own);
        findings.addAll(standing.findings());
        missing(facts, own, standing);
        compare(connection, own, standing);
    }

    private void settings(ServerFacts facts) {
        if (facts.isOn("read_only") || facts.isOn("super_read_only")) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "%s is read-only at the moment: point the URL at the server that takes writes,"
                                    .formatted(connections.name())
                            + " or SET GLOBAL read_only = OFF there.");
        }
        if (facts.value("binlog_format", "ROW").equals("STATEMENT")) {
            blocks(
                    "binlog_format",
                    "The server writes statements to its log, which its replicas would not apply"
                            + " alike.",
                    "SET PERSIST binlog_format = 'ROW';");
        }
        if (!facts.value("innodb_flush_log_at_trx_commit", "1").equals("1")) {
            warns(
                    "innodb_flush_log_at_trx_commit",
                    "A commit is not on the disk when the server says so: a crash may lose what the"
                            + " source was told is durable.",
                    "SET PERSIST innodb_flush_log_at_trx_commit = 1;");
        }
        if (facts.isOn("log_bin") && !facts.value("sync_binlog", "1").equals("1")) {
            warns(
                    "sync_binlog",
                    "The server's log is not on the disk when a commit is: a crash may lose what its"
                            + " replicas need.",
                    "SET PERSIST sync_binlog = 1;");
        }
        findings.add(
                Finding.notes(
                        "foreign_key_checks",
                        "Foreign keys are off while changes are applied; the source has checked"
                                + " them."));
        findings.add(
                Finding.notes(
                        "local_infile",
                        facts.isOn("local_infile")
                                ? "Tables are copied by LOAD DATA LOCAL, from memory."
                                : "Tables are copied by inserts; with SET PERSIST local_infile = ON"
                                        + " by LOAD DATA LOCAL, which is faster."));
    }

    private void missing(ServerFacts facts, List<TableDefinition> wanted, StandingTables standing) {
        boolean foreign = false;
        for (TableDefinition table : wanted) {
            if (standing.has(table.table())) {
                continue;
            }
            foreign |= table.columns().stream().anyMatch(c -> "utf8mb4_bin".equals(c.collation()));
            if (facts.isOn("sql_require_primary_key") && table.primaryKey().isEmpty()) {
                blocks(
                        table.table().toString(),
                        "The server takes no tables without a primary key.",
                        "SET PERSIST sql_require_primary_key = OFF; or exclude the table.");
            }
            table.columns().stream()
                    .filter(column -> column.collation() != null)
                    .filter(column -> !facts.collations().contains(column.collation()))
                    .forEach(
                            column ->
                                    blocks(
                                            table.table() + "." + column.name(),
                                            "The server does not have the collation %s."
                                                    .formatted(column.collation()),
                                            "Create the table there with another collation."));
        }
        if (foreign && facts.textCollation().equals("utf8mb4_bin")) {
            warns(
                    "utf8mb4_bin",
                    "The server is too old for utf8mb4_0900_bin: in a key, texts that differ only by"
                            + " spaces at their ends are equal, and the second is refused.",
                    "Upgrade the server to 8.0.17 or newer.");
        }
    }

    private void compare(
            Connection connection, List<TableDefinition> wanted, StandingTables standing)
            throws SQLException {
        Map<TableId, TableDefinition> there = new HashMap<>();
        for (TableDefinition table : MySqlCatalog.tables(connection, standing.names())) {
            there.put(table.table(), table);
        }
        for (TableDefinition table : wanted) {
            TableDefinition other = there.get(table.table());
            if (other != null) {
                boolean across = acrossSites.contains(table.table());
                findings.addAll(TableComparison.compare(table, other, across));
            }
        }
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }

    private void warns(String subject, String problem, String remedy) {
        findings.add(Finding.warns(subject, problem, remedy));
    }
}
