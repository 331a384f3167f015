package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What stands on a server under the names of wanted tables, and what the account may do there.
 * Whether it may change a table is found by asking how such a statement would be carried out, which
 * needs the same privileges, whatever way they were granted in.
 */
final class StandingTables {

    private static final String STANDING =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, coalesce(t.ENGINE, ''),
              EXISTS (SELECT 1 FROM information_schema.TRIGGERS g
                WHERE g.EVENT_OBJECT_SCHEMA = t.TABLE_SCHEMA
                  AND g.EVENT_OBJECT_TABLE = t.TABLE_NAME)
            FROM information_schema.TABLES t
            WHERE (t.TABLE_SCHEMA, t.TABLE_NAME) IN %s
            """;

    /** The database of the gateway's own tables. */
    private static final String GATEWAYS = "sluice";

    private final Statement statement;
    private final String account;
    private final Set<TableId> names = new TreeSet<>();
    private final List<Finding> findings = new ArrayList<>();

    private StandingTables(Statement statement, String account) {
        this.statement = statement;
        this.account = account;
    }

    static StandingTables read(
            Connection connection, DatabaseAddress address, List<TableDefinition> wanted)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            StandingTables tables =
                    new StandingTables(statement, Sql.literal(address.username()) + "@'%'");
            if (!wanted.isEmpty()) {
                tables.standing(wanted);
            }
            Grants grants = Grants.read(statement);
            int version = SluiceSchema.version(connection);
            tables.creation(grants, wanted, version);
            tables.upgrade(grants, version);
            tables.triggers(grants, wanted);
            return tables;
        }
    }

    boolean has(TableId table) {
        return names.contains(table);
    }

    Collection<TableId> names() {
        return names;
    }

    List<Finding> findings() {
        return findings;
    }

    private void standing(List<TableDefinition> wanted) throws SQLException {
        List<TableId> ids = wanted.stream().map(TableDefinition::table).toList();
        List<TableId> tables = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(STANDING.formatted(Sql.pairs(ids)))) {
            while (rows.next()) {
                TableId table = new TableId(rows.getString(1), rows.getString(2));
                names.add(table);
                if (rows.getString(3).equals("BASE TABLE")) {
                    tables.add(table);
                    about(table, rows);
                } else {
                    blocks(
                            table.toString(),
                            "What stands there under this name is not a table.",
                            "Rename it, or exclude the table.");
                }
            }
        }
        for (TableDefinition table : wanted) {
            if (tables.contains(table.table())) {
                privileges(table);
            }
        }
    }

    private void about(TableId table, ResultSet row) throws SQLException {
        if (!row.getString(4).equals("InnoDB")) {
            blocks(
                    table.toString(),
                    "The table is kept by %s, which has no transactions."
                            .formatted(row.getString(4)),
                    "ALTER TABLE %s ENGINE = InnoDB;".formatted(Sql.table(table)));
        }
        if (row.getBoolean(5)) {
            findings.add(
                    Finding.warns(
                            table.toString(),
                            "The table's triggers fire for every change that is applied; MySQL"
                                    + " cannot switch them off.",
                            "DROP TRIGGER, unless that is meant."));
        }
    }

    private void privileges(TableDefinition table) throws SQLException {
        String name = Sql.table(table.table());
        String column =
                table.columns().stream()
                        .filter(ColumnDefinition::isReplicated)
                        .map(c -> Sql.identifier(c.name()))
                        .findFirst()
                        .orElse("1");
        Map<String, String> statements = new LinkedHashMap<>();
        statements.put("SELECT", "SELECT 1 FROM " + name + " LIMIT 0");
        statements.put("INSERT", "EXPLAIN INSERT INTO " + name + " () VALUES ()");
        statements.put("UPDATE", "EXPLAIN UPDATE %s SET %s = DEFAULT".formatted(name, column));
        statements.put("DELETE", "EXPLAIN DELETE FROM " + name);
        List<String> lacking = new ArrayList<>();
        for (Map.Entry<String, String> entry : statements.entrySet()) {
            try {
                statement.execute(entry.getValue());
            } catch (SQLException e) {
                if (MySqlErrors.isDenied(e)) {
                    lacking.add(entry.getKey());
                } else if (MySqlErrors.classify(e) == ErrorClass.RETRY) {
                    throw e;
                }
            }
        }
        if (!lacking.isEmpty()) {
            blocks(
                    table.table().toString(),
                    "The account lacks %s on the table.".formatted(String.join(", ", lacking)),
                    "GRANT %s ON %s TO %s;".formatted(String.join(", ", lacking), name, account));
        }
    }

    /** A trigger that is not seen cannot be warned of, and forbids the faster statements. */
    private void triggers(Grants grants, List<TableDefinition> wanted) {
        Set<String> unseen = new TreeSet<>();
        for (TableDefinition table : wanted) {
            if (has(table.table()) && !grants.mayReadTriggersOf(table.table())) {
                unseen.add(table.table().schema());
            }
        }
        for (String database : unseen) {
            findings.add(
                    Finding.warns(
                            database,
                            "The account cannot see whether triggers fire on the tables of this"
                                    + " database: it writes as if they did, which is slower.",
                            "GRANT TRIGGER ON %s.* TO %s;"
                                    .formatted(Sql.identifier(database), account)));
        }
    }

    /** Only where no role is granted do the grants tell what the account may do. */
    private void creation(Grants grants, List<TableDefinition> wanted, int version) {
        Set<String> needed = new TreeSet<>();
        for (TableDefinition table : wanted) {
            if (!has(table.table())) {
                needed.add(table.table().schema());
            }
        }
        if (version == 0) {
            needed.add(GATEWAYS);
        }
        for (String database : needed) {
            if (!grants.mayCreateIn(database)) {
                blocks(
                        database,
                        "The account may not create the missing tables of this database.",
                        "GRANT CREATE ON %s.* TO %s;".formatted(Sql.identifier(database), account));
            }
        }
    }

    private void upgrade(Grants grants, int version) {
        boolean may =
                grants.mayCreateIn(GATEWAYS)
                        && grants.mayAlter(new TableId(GATEWAYS, "checkpoint"));
        if (version > 0 && version < SluiceSchema.latest() && !may) {
            blocks(
                    GATEWAYS,
                    ("The database sluice is of version %d and needs to become %d: the account must be"
                                    + " able to change it (CREATE, ALTER).")
                            .formatted(version, SluiceSchema.latest()),
                    "GRANT CREATE, ALTER ON sluice.* TO %s;".formatted(account));
        }
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }
}
