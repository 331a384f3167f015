package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether a server can be captured from: its version and the settings of its log. What the role may
 * do is {@link SourceRights}, and what tables are like is {@link SourceTables}.
 *
 * <p>A setting that a server does not have is as that server behaves: newer servers write their log
 * in one format only and have no setting for it.
 */
final class MySqlSourceCheck {

    private static final int OLDEST_VERSION = 8;

    private static final Duration SHORTEST_LOG = Duration.ofDays(2);

    private static final String SETTINGS =
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format',"
                    + " 'binlog_row_image', 'binlog_row_value_options', 'gtid_mode',"
                    + " 'enforce_gtid_consistency', 'binlog_expire_logs_seconds',"
                    + " 'binlog_expire_logs_auto_purge', 'expire_logs_days', 'sync_binlog',"
                    + " 'innodb_flush_log_at_trx_commit', 'server_id', 'log_replica_updates',"
                    + " 'log_slave_updates', 'innodb_native_foreign_keys')";

    private final MySqlConnections connections;
    private final List<Finding> findings = new ArrayList<>();

    MySqlSourceCheck(MySqlConnections connections) {
        this.connections = connections;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        connections.run(
                "sluice check",
                "checking the source",
                connection -> {
                    if (!isNewEnough(connection)) {
                        return;
                    }
                    Map<String, String> settings = settings(connection);
                    boolean logs = format(settings);
                    gtids(settings);
                    retention(settings);
                    durability(settings);
                    new SourceRights(connections, connection, findings).check(tables);
                    if (logs) {
                        filters(connection, tables);
                        relay(connection, settings);
                    }
                    new SourceTables(connection, findings).check(tables, logsCascades(settings));
                });
        return List.copyOf(findings);
    }

    private boolean isNewEnough(Connection connection) throws SQLException {
        String version = connection.getMetaData().getDatabaseProductVersion();
        boolean mariaDb = version.contains("MariaDB");
        int major = connection.getMetaData().getDatabaseMajorVersion();
        if (mariaDb || major < OLDEST_VERSION) {
            blocks(
                    "server version",
                    "The server is %s; capture needs MySQL %d.0 or newer."
                            .formatted(version, OLDEST_VERSION),
                    mariaDb ? "Use a MySQL server." : "Upgrade the server.");
            return false;
        }
        return true;
    }

    private static Map<String, String> settings(Connection connection) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SETTINGS)) {
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
        }
        return settings;
    }

    /** Up to 9.5, and from 9.6 on by this setting, the storage engine cascades and logs nothing. */
    private static boolean logsCascades(Map<String, String> settings) {
        return "OFF".equals(settings.get("innodb_native_foreign_keys"));
    }

    /** Whether there is a log at all. */
    private boolean format(Map<String, String> settings) {
        if ("OFF".equals(settings.get("log_bin"))) {
            blocks(
                    "log_bin",
                    "The server writes no binary log.",
                    "Start the server with log_bin = binlog and a server_id in my.cnf.");
        }
        if (!"ROW".equals(settings.getOrDefault("binlog_format", "ROW"))) {
            blocks(
                    "binlog_format",
                    "The log holds statements (%s), not the rows that they changed."
                            .formatted(settings.get("binlog_format")),
                    "SET PERSIST binlog_format = 'ROW'; sessions that are open keep the old format:"
                            + " let them connect anew.");
        }
        if (!"FULL".equals(settings.getOrDefault("binlog_row_image", "FULL"))) {
            blocks(
                    "binlog_row_image",
                    "The log does not hold all columns of a changed row (%s)."
                            .formatted(settings.get("binlog_row_image")),
                    "SET PERSIST binlog_row_image = 'FULL'; sessions that are open keep the old"
                            + " image: let them connect anew.");
        }
        if (!settings.getOrDefault("binlog_row_value_options", "").isEmpty()) {
            blocks(
                    "binlog_row_value_options",
                    "The log holds parts of changed JSON values only (%s)."
                            .formatted(settings.get("binlog_row_value_options")),
                    "SET PERSIST binlog_row_value_options = ''; sessions that are open keep the"
                            + " old value: let them connect anew.");
        }
        if ("0".equals(settings.get("server_id"))) {
            blocks(
                    "server_id",
                    "With server_id = 0 the server refuses readers of its log.",
                    "SET PERSIST server_id = 1; with a number that no other server of the topology"
                            + " has.");
        }
        return !"OFF".equals(settings.get("log_bin"));
    }

    private void gtids(Map<String, String> settings) {
        String mode = settings.getOrDefault("gtid_mode", "OFF");
        if (mode.equals("ON")) {
            notes(
                    "gtid_mode",
                    "Positions are sets of GTIDs: replication goes on at a replica that takes over"
                            + " under the same address.");
            return;
        }
        warns(
                "gtid_mode",
                ("gtid_mode is %s: positions are a file and an offset of this one server. After a"
                                + " failover to a replica, or a move, everything is copied again; so"
                                + " it is when GTIDs are turned on later.")
                        .formatted(mode),
                "SET PERSIST enforce_gtid_consistency = ON; SET PERSIST gtid_mode ="
                        + " OFF_PERMISSIVE; SET PERSIST gtid_mode = ON_PERMISSIVE; SET PERSIST"
                        + " gtid_mode = ON;");
        if (!"ON".equals(settings.getOrDefault("enforce_gtid_consistency", "OFF"))) {
            notes(
                    "enforce_gtid_consistency",
                    "Statements that GTIDs do not allow are not refused yet; WARN shows them in the"
                            + " server's log before ON refuses them.");
        }
    }

    private void retention(Map<String, String> settings) {
        long seconds = Long.parseLong(settings.getOrDefault("binlog_expire_logs_seconds", "0"));
        if (seconds == 0) {
            long days = Long.parseLong(settings.getOrDefault("expire_logs_days", "0"));
            seconds = Duration.ofDays(days).toSeconds();
        }
        boolean kept = "OFF".equals(settings.get("binlog_expire_logs_auto_purge"));
        if (seconds > 0 && seconds < SHORTEST_LOG.toSeconds() && !kept) {
            warns(
                    "binlog_expire_logs_seconds",
                    ("The server removes its log after %d hours, read or not: a pipeline that stays"
                                    + " stopped for longer must copy everything again.")
                            .formatted(Duration.ofSeconds(seconds).toHours()),
                    "SET PERSIST binlog_expire_logs_seconds = 604800; (on Amazon RDS: CALL"
                            + " mysql.rds_set_configuration('binlog retention hours', 168);)");
        }
    }

    private void durability(Map<String, String> settings) {
        if (!"1".equals(settings.get("sync_binlog"))
                || !"1".equals(settings.get("innodb_flush_log_at_trx_commit"))) {
            warns(
                    "sync_binlog, innodb_flush_log_at_trx_commit",
                    "They are %s and %s: a crash of the machine can take back transactions that the target has already."
                            .formatted(
                                    settings.get("sync_binlog"),
                                    settings.get("innodb_flush_log_at_trx_commit")),
                    "SET PERSIST sync_binlog = 1; SET PERSIST innodb_flush_log_at_trx_commit = 1;");
        }
    }

    /** What the server leaves out of its log, by its start options. */
    private void filters(Connection connection, List<TableDefinition> tables) throws SQLException {
        BinaryLog.Status status;
        try {
            status = BinaryLog.status(connections.name(), connection);
        } catch (SQLException e) {
            if (SourceRights.isDenied(e)) {
                return; // a finding of its own
            }
            throw e;
        }
        tables.stream()
                .map(TableDefinition::table)
                .map(TableId::schema)
                .distinct()
                .filter(
                        schema ->
                                status.hidden().contains(schema)
                                        || (!status.shown().isEmpty()
                                                && !status.shown().contains(schema)))
                .forEach(
                        schema ->
                                blocks(
                                        "binlog_do_db, binlog_ignore_db",
                                        "The server does not log changes of the database %s."
                                                .formatted(schema),
                                        "Take binlog_do_db and binlog_ignore_db out of my.cnf and"
                                                + " restart the server, or exclude the database."));
    }

    /** A replica may leave out of its log what it was sent by its own source. */
    private void relay(Connection connection, Map<String, String> settings) throws SQLException {
        boolean relays =
                settings.getOrDefault(
                                "log_replica_updates",
                                settings.getOrDefault("log_slave_updates", "ON"))
                        .equals("ON");
        if (!relays && isReplica(connection)) {
            blocks(
                    "log_replica_updates",
                    "The server is a replica, and does not log what it is sent by its source.",
                    "Set log_replica_updates = ON (before 8.0.26: log_slave_updates) in my.cnf and"
                            + " restart the server.");
        }
    }

    static boolean isReplica(Connection connection) throws SQLException {
        int major = connection.getMetaData().getDatabaseMajorVersion();
        int minor = connection.getMetaData().getDatabaseMinorVersion();
        String query = major > 8 || minor > 0 ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        } catch (SQLException e) {
            if (SourceRights.isDenied(e)) {
                return false; // a finding of its own
            }
            throw e;
        }
    }

    private void blocks(String subject, String problem, String remedy) {
        findings.add(Finding.blocks(subject, problem, remedy));
    }

    private void warns(String subject, String problem, String remedy) {
        findings.add(Finding.warns(subject, problem, remedy));
    }

    private void notes(String subject, String problem) {
        findings.add(Finding.notes(subject, problem));
    }
}
