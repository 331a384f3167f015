package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The gateway's own tables in a target, in the database {@code sluice}.
 *
 * <p>They are brought from version to version by numbered steps, under a lock by name, so that two
 * gateways that start at once do not meet. MySQL commits each definition by itself, so each
 * statement of a step may find that it was done already. An account that may not create anything is
 * fine as long as the version is right.
 *
 * <p>Names are compared byte by byte.
 */
final class SluiceSchema {

    private static final int LOCK_SECONDS = 60;

    /** As long as an upgrade may make the commits of other pipelines wait behind it. */
    private static final int TABLE_LOCK_SECONDS = 3;

    /** An {@code ALTER TABLE} that adds columns takes place whole or not at all. */
    private static final int COLUMN_EXISTS = 1060;

    private static final String OPTIONS =
            " ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

    /** Step n brings version n to n + 1. Steps are never changed, only added. */
    private static final List<List<String>> STEPS =
            List.of(
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.checkpoint (
                              pipeline varbinary(512) PRIMARY KEY,
                              epoch bigint NOT NULL,
                              phase varchar(16) NOT NULL,
                              position longtext,
                              commit_time varchar(40),
                              source_identity text,
                              owner text NOT NULL,
                              holder char(36) NOT NULL,
                              updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                                ON UPDATE CURRENT_TIMESTAMP(6)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.copy_progress (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              done tinyint(1) NOT NULL,
                              copied bigint NOT NULL,
                              updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                                ON UPDATE CURRENT_TIMESTAMP(6),
                              PRIMARY KEY (pipeline, table_schema, table_name)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.schema_history (
                              number bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
                              pipeline varbinary(512) NOT NULL,
                              record longtext NOT NULL,
                              KEY (pipeline, number)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.table_copy (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              definition longtext NOT NULL,
                              layout longtext NOT NULL,
                              settled_at longtext,
                              updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                                ON UPDATE CURRENT_TIMESTAMP(6),
                              PRIMARY KEY (pipeline, table_schema, table_name)
                            )"""
                                    + OPTIONS,
                            """
                            INSERT IGNORE INTO sluice.table_copy
                              (pipeline, table_schema, table_name, definition, layout)
                              SELECT DISTINCT pipeline, table_schema, table_name, '', ''
                              FROM sluice.copy_progress
                            """,
                            """
                            ALTER TABLE sluice.copy_progress
                              ADD COLUMN chunk int NOT NULL DEFAULT 0 AFTER table_name,
                              ADD COLUMN part longtext AFTER chunk,
                              ADD COLUMN position longtext AFTER done,
                              DROP PRIMARY KEY,
                              ADD PRIMARY KEY (pipeline, table_schema, table_name, chunk)
                            """,
                            """
                            UPDATE sluice.copy_progress p
                              JOIN sluice.checkpoint c ON c.pipeline = p.pipeline
                              SET p.position = c.position WHERE p.done AND p.position IS NULL
                            """),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.dead_letter (
                              id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              key_hash char(64) NOT NULL,
                              row_key json NOT NULL,
                              operation varchar(16) NOT NULL,
                              position longtext,
                              reason longtext NOT NULL,
                              row_values json,
                              changes bigint NOT NULL,
                              retry tinyint(1) NOT NULL DEFAULT 0,
                              parked_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
                              UNIQUE KEY (pipeline, table_schema, table_name, key_hash)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.build (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              kind varchar(20) NOT NULL,
                              name varbinary(256) NOT NULL,
                              reference_schema varbinary(256),
                              reference_name varbinary(256),
                              statement longtext NOT NULL,
                              state varchar(20) NOT NULL,
                              failure longtext,
                              updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                                ON UPDATE CURRENT_TIMESTAMP(6),
                              PRIMARY KEY (pipeline, table_schema, table_name, kind, name)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.event (
                              pipeline varbinary(512) NOT NULL,
                              id bigint NOT NULL,
                              at datetime(6) NOT NULL,
                              kind varchar(32) NOT NULL,
                              detail longtext NOT NULL,
                              PRIMARY KEY (pipeline, id)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.`load` (
                              pipeline varbinary(512) NOT NULL,
                              number bigint NOT NULL,
                              result varchar(16) NOT NULL,
                              started varchar(40) NOT NULL,
                              finished varchar(40),
                              position longtext,
                              moment varchar(40),
                              copied bigint NOT NULL DEFAULT 0,
                              inserted bigint NOT NULL DEFAULT 0,
                              updated bigint NOT NULL DEFAULT 0,
                              deleted bigint NOT NULL DEFAULT 0,
                              PRIMARY KEY (pipeline, number)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.load_table (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              identity varbinary(80) NOT NULL,
                              role varchar(16) NOT NULL,
                              beside varbinary(256) NOT NULL,
                              moment varchar(40),
                              PRIMARY KEY (pipeline, table_schema, table_name, identity)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.`cursor` (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              columns text NOT NULL,
                              position longtext NOT NULL,
                              swept_at varchar(40) NOT NULL,
                              updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                                ON UPDATE CURRENT_TIMESTAMP(6),
                              PRIMARY KEY (pipeline, table_schema, table_name)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.objective_time (
                              pipeline varbinary(512) NOT NULL,
                              slot datetime(6) NOT NULL,
                              run bigint NOT NULL,
                              began datetime(6) NOT NULL,
                              kept_ms bigint NOT NULL,
                              over_ms bigint NOT NULL,
                              unknown_ms bigint NOT NULL,
                              exempt_ms bigint NOT NULL,
                              worst_ms bigint NOT NULL,
                              PRIMARY KEY (pipeline, slot, run)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.breach (
                              pipeline varbinary(512) NOT NULL,
                              started datetime(6) NOT NULL,
                              ended datetime(6),
                              cause longtext NOT NULL,
                              worst_ms bigint NOT NULL,
                              objective_ms bigint NOT NULL,
                              PRIMARY KEY (pipeline, started)
                            )"""
                                    + OPTIONS),
                    List.of(
                            "ALTER TABLE sluice.checkpoint ADD COLUMN clock varchar(40)",
                            """
                            CREATE TABLE IF NOT EXISTS sluice.site_mark (
                              pipeline varbinary(512) NOT NULL,
                              session int NOT NULL,
                              transactions bigint NOT NULL,
                              PRIMARY KEY (pipeline, session)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.conflict_resolution (
                              conflict_id bigint NOT NULL PRIMARY KEY,
                              choice varchar(32) NOT NULL,
                              resolved_by longtext NOT NULL,
                              resolved_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                            )"""
                                    + OPTIONS),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.row_version (
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              key_hash char(64) NOT NULL,
                              row_key json NOT NULL,
                              version longtext NOT NULL,
                              decided varchar(40) NOT NULL,
                              decided_micros bigint NOT NULL,
                              PRIMARY KEY (pipeline, table_schema, table_name, key_hash)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.conflict (
                              id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
                              pipeline varbinary(512) NOT NULL,
                              table_schema varbinary(256) NOT NULL,
                              table_name varbinary(256) NOT NULL,
                              key_hash char(64) NOT NULL,
                              row_key json NOT NULL,
                              kind varchar(40) NOT NULL,
                              resolution varchar(16) NOT NULL,
                              reason longtext NOT NULL,
                              operation varchar(16) NOT NULL,
                              incoming_version longtext NOT NULL,
                              standing_version longtext,
                              incoming_row json,
                              standing_row json,
                              at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
                              KEY conflict_of (pipeline, id)
                            )"""
                                    + OPTIONS,
                            """
                            CREATE TABLE IF NOT EXISTS sluice.reading_point (
                              pipeline varbinary(512) PRIMARY KEY,
                              position longtext NOT NULL,
                              clock varchar(40) NOT NULL,
                              seen longtext NOT NULL
                            )"""
                                    + OPTIONS),
                    List.of(
                            "ALTER TABLE sluice.conflict ADD COLUMN policy longtext,"
                                    + " ADD COLUMN result_row json"),
                    List.of(
                            """
                            CREATE TABLE IF NOT EXISTS sluice.site_memory (
                              pipeline varbinary(512) PRIMARY KEY,
                              forgotten longtext NOT NULL,
                              moments longtext NOT NULL
                            )"""
                                    + OPTIONS));

    private SluiceSchema() {}

    static boolean exists(Connection connection) throws SQLException {
        return version(connection) > 0;
    }

    static int latest() {
        return STEPS.size();
    }

    static void prepare(MySqlConnections connections, String application) {
        connections.run(
                application,
                "creating the gateway's own tables in the database sluice",
                connection -> {
                    int version = version(connection);
                    if (version < STEPS.size()) {
                        upgrade(connections.name(), connection);
                    } else if (version > STEPS.size()) {
                        throw new ConnectorException(
                                ErrorClass.FATAL,
                                ("%s: the database sluice is of version %d, this gateway knows %d."
                                                + " Run the newer gateway that made it")
                                        .formatted(connections.name(), version, STEPS.size()));
                    }
                });
    }

    /** The lock goes with the connection. */
    private static void upgrade(String place, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (number(statement, "SELECT GET_LOCK('sluice schema', " + LOCK_SECONDS + ")") != 1) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        place + ": another gateway is still creating the database sluice");
            }
            // Whoever waits for a table makes all wait who come later. It goes with the connection.
            statement.execute("SET SESSION lock_wait_timeout = " + TABLE_LOCK_SECONDS);
            // Where there is the database, the right to make one is not needed.
            String there = "SELECT count(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ";
            if (number(statement, there + "'sluice'") == 0) {
                statement.execute("CREATE DATABASE sluice DEFAULT CHARACTER SET utf8mb4");
            }
            statement.execute(
                    """
                    CREATE TABLE IF NOT EXISTS sluice.schema_version (
                      version int PRIMARY KEY,
                      applied_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
                    )"""
                            + OPTIONS);
            for (int version = version(connection); version < STEPS.size(); version++) {
                for (String step : STEPS.get(version)) {
                    executeOnce(place, statement, step);
                }
                statement.execute(
                        "INSERT INTO sluice.schema_version (version) VALUES (%d)"
                                .formatted(version + 1));
            }
        }
    }

    private static void executeOnce(String place, Statement statement, String step)
            throws SQLException {
        try {
            statement.execute(step);
        } catch (SQLException e) {
            if (e.getErrorCode() == MySqlErrors.LOCK_WAIT) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        ("%s: the gateway's own tables are to be brought to version %d, for which"
                                        + " nobody else may use them, and they were not free within"
                                        + " %d s. A transaction that stays open there must end:"
                                        + " performance_schema.metadata_locks has its session, by"
                                        + " OBJECT_SCHEMA = 'sluice'")
                                .formatted(place, STEPS.size(), TABLE_LOCK_SECONDS),
                        e);
            }
            if (e.getErrorCode() != COLUMN_EXISTS) {
                throw e;
            }
        }
    }

    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String there =
                    "SELECT count(*) FROM information_schema.TABLES"
                            + " WHERE TABLE_SCHEMA = 'sluice' AND TABLE_NAME = 'schema_version'";
            return number(statement, there) == 0
                    ? 0
                    : number(
                            statement,
                            "SELECT coalesce(max(version), 0) FROM sluice.schema_version");
        }
    }

    private static int number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }
}
