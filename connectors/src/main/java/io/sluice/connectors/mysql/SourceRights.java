package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * What the role may do, found out by doing it where that changes nothing: grants come directly, by
 * roles and by patterns, and no catalog has their sum. Used once, by one thread.
 */
final class SourceRights {

    private static final Set<Integer> DENIED = Set.of(1044, 1045, 1142, 1143, 1227, 1370);

    private static final int RESOURCE_MANAGER_ERROR = 1401;

    private static final String FORMAT_CHANGERS =
            "SELECT DISTINCT grantee FROM information_schema.user_privileges WHERE privilege_type"
                    + " IN ('SUPER', 'SYSTEM_VARIABLES_ADMIN', 'SESSION_VARIABLES_ADMIN') AND"
                    + " grantee NOT LIKE '''mysql.%' ORDER BY grantee";

    private final MySqlConnections connections;
    private final Connection connection;
    private final List<Finding> findings;

    SourceRights(MySqlConnections connections, Connection connection, List<Finding> findings) {
        this.connections = connections;
        this.connection = connection;
        this.findings = findings;
    }

    static boolean isDenied(SQLException e) {
        return DENIED.contains(e.getErrorCode());
    }

    /** Whether it is for lack of a privilege that XA RECOVER fails; it has a code of its own. */
    static boolean mayNotRecover(SQLException e) {
        return isDenied(e) || e.getErrorCode() == RESOURCE_MANAGER_ERROR;
    }

    void check(List<TableDefinition> tables) throws SQLException {
        askPosition();
        // The privilege is looked at before the file.
        if (isRefused("SHOW BINLOG EVENTS IN 'sluice.0' LIMIT 1")) {
            blocks(
                    "REPLICATION SLAVE",
                    "The role may not read the log.",
                    "GRANT REPLICATION SLAVE ON *.* TO %s;".formatted(account()));
        }
        read(tables);
        formatChangers();
    }

    /** For a copy alone, with no log to follow. */
    void checkReading(List<TableDefinition> tables) throws SQLException {
        askPosition();
        read(tables);
    }

    private void askPosition() throws SQLException {
        if (isRefused("SHOW BINARY LOGS")) {
            blocks(
                    "REPLICATION CLIENT",
                    "The role may not ask where the log stands.",
                    "GRANT REPLICATION CLIENT ON *.* TO %s;".formatted(account()));
        }
    }

    private void read(List<TableDefinition> tables) throws SQLException {
        for (TableDefinition table : tables) {
            select(table);
        }
        Set<String> schemas = new TreeSet<>();
        tables.forEach(table -> schemas.add(table.table().schema()));
        for (String schema : schemas) {
            lock(schema);
        }
    }

    private void select(TableDefinition table) throws SQLException {
        StringJoiner columns = new StringJoiner(", ");
        columns.setEmptyValue("1");
        table.columns().stream()
                .filter(ColumnDefinition::isReplicated)
                .forEach(column -> columns.add(Sql.identifier(column.name())));
        if (isRefused("SELECT %s FROM %s LIMIT 0".formatted(columns, Sql.table(table.table())))) {
            blocks(
                    table.table().toString(),
                    "The role may not read the table.",
                    "GRANT SELECT ON %s TO %s;".formatted(Sql.table(table.table()), account()));
        }
    }

    /** Of a table that is not there: whoever may lock is told so, and nothing is locked. */
    private void lock(String schema) throws SQLException {
        boolean refused =
                isRefused(
                        "LOCK TABLES %s.`sluice no such table` READ"
                                .formatted(Sql.identifier(schema)));
        if (refused && BinaryLog.usesGtids(connection) && !mayRecover()) {
            blocks(
                    "LOCK TABLES",
                    ("The role may neither lock tables of %s nor see prepared distributed"
                                    + " transactions, which a copy without locks could lack.")
                            .formatted(schema),
                    "GRANT LOCK TABLES ON %s.* TO %s;"
                            .formatted(Sql.identifier(schema), account()));
        } else if (refused && BinaryLog.usesGtids(connection)) {
            findings.add(
                    Finding.notes(
                            "LOCK TABLES",
                            ("The role may not lock tables of %s: the first copy waits for a moment"
                                            + " without writes instead, which a busy server may never have."
                                            + " GRANT LOCK TABLES ON %s.* TO %s; lets it make one.")
                                    .formatted(schema, Sql.identifier(schema), account())));
        } else if (refused) {
            blocks(
                    "LOCK TABLES",
                    "The role may not lock tables of %s, and without GTIDs the first copy's place in the log is not to be had otherwise."
                            .formatted(schema),
                    "GRANT LOCK TABLES ON %s.* TO %s;"
                            .formatted(Sql.identifier(schema), account()));
        }
    }

    private boolean mayRecover() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("XA RECOVER");
            return true;
        } catch (SQLException e) {
            if (mayNotRecover(e) && !connection.isClosed()) {
                return false;
            }
            throw e;
        }
    }

    /** No server-wide setting binds a session of theirs. */
    private void formatChangers() throws SQLException {
        StringJoiner accounts = new StringJoiner(", ");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(FORMAT_CHANGERS)) {
            while (rows.next()) {
                accounts.add(rows.getString(1));
            }
        }
        if (accounts.length() > 0) {
            findings.add(
                    Finding.notes(
                            "sessions",
                            ("These accounts may change the log's format for their own sessions, or"
                                            + " leave changes out of it (sql_log_bin = 0, which nobody can"
                                            + " notice): %s.")
                                    .formatted(accounts)));
        }
    }

    private boolean isRefused(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return false;
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            return isDenied(e);
        }
    }

    /** As the server knows the role, so that a remedy can be run as it stands. */
    private String account() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CURRENT_USER()")) {
            row.next();
            String account = row.getString(1);
            int at = account.lastIndexOf('@');
            return Sql.literal(account.substring(0, at))
                    + "@"
                    + Sql.literal(account.substring(at + 1));
        }
    }

    private void blocks(String subject, String problem, String remedy) throws SQLException {
        findings.add(Finding.blocks(subject, problem, remedy));
    }
}
