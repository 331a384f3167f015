package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The gateway's own tables in a target, in the schema {@code sluice}.
 *
 * <p>They are brought from version to version by numbered steps, all in one transaction under an
 * advisory lock, so that two gateways that start at once do not meet. A role that may not create
 * anything is fine as long as the version is right.
 */
final class SluiceSchema {

    /** Any number; the same in every version of the gateway. */
    private static final long LOCK = 0x51_75_69_63_65_00_01L;

    /** Step n brings version n to n + 1. Steps are never changed, only added. */
    private static final List<String> STEPS =
            List.of(
                    """
                    CREATE TABLE sluice.checkpoint (
                      pipeline text PRIMARY KEY,
                      epoch bigint NOT NULL,
                      phase text NOT NULL,
                      position text,
                      commit_time timestamptz,
                      source_identity text,
                      owner text NOT NULL,
                      holder uuid NOT NULL,
                      updated_at timestamptz NOT NULL DEFAULT now()
                    ) WITH (fillfactor = 50);
                    CREATE TABLE sluice.copy_progress (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      done boolean NOT NULL,
                      rows bigint NOT NULL,
                      updated_at timestamptz NOT NULL DEFAULT now(),
                      PRIMARY KEY (pipeline, table_schema, table_name)
                    );
                    CREATE TABLE sluice.schema_history (
                      pipeline text NOT NULL,
                      number bigint GENERATED ALWAYS AS IDENTITY,
                      record text NOT NULL,
                      PRIMARY KEY (pipeline, number)
                    );
                    """,
                    """
                    CREATE TABLE sluice.table_copy (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      definition text NOT NULL,
                      layout text NOT NULL,
                      settled_at text,
                      updated_at timestamptz NOT NULL DEFAULT now(),
                      PRIMARY KEY (pipeline, table_schema, table_name)
                    );
                    INSERT INTO sluice.table_copy
                      SELECT pipeline, table_schema, table_name, '', '' FROM sluice.copy_progress;
                    ALTER TABLE sluice.copy_progress
                      DROP CONSTRAINT copy_progress_pkey,
                      ADD COLUMN chunk integer NOT NULL DEFAULT 0,
                      ADD COLUMN part text NOT NULL DEFAULT '',
                      ADD COLUMN position text,
                      ADD PRIMARY KEY (pipeline, table_schema, table_name, chunk);
                    UPDATE sluice.copy_progress p SET position = c.position
                      FROM sluice.checkpoint c WHERE c.pipeline = p.pipeline AND p.done;
                    """,
                    """
                    CREATE TABLE sluice.dead_letter (
                      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      key_hash text NOT NULL,
                      row_key json NOT NULL,
                      operation text NOT NULL,
                      position text,
                      reason text NOT NULL,
                      row_values json,
                      changes bigint NOT NULL,
                      retry boolean NOT NULL DEFAULT false,
                      parked_at timestamptz NOT NULL DEFAULT now(),
                      UNIQUE (pipeline, table_schema, table_name, key_hash)
                    );
                    """,
                    """
                    CREATE TABLE sluice.build (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      kind text NOT NULL,
                      name text NOT NULL,
                      reference_schema text,
                      reference_name text,
                      statement text NOT NULL,
                      state text NOT NULL,
                      failure text,
                      updated_at timestamptz NOT NULL DEFAULT now(),
                      PRIMARY KEY (pipeline, table_schema, table_name, kind, name)
                    );
                    """,
                    """
                    CREATE TABLE sluice.event (
                      pipeline text NOT NULL,
                      id bigint NOT NULL,
                      at timestamptz NOT NULL,
                      kind text NOT NULL,
                      detail text NOT NULL,
                      PRIMARY KEY (pipeline, id)
                    );
                    """,
                    """
                    CREATE TABLE sluice.load (
                      pipeline text NOT NULL,
                      number bigint NOT NULL,
                      result text NOT NULL,
                      started timestamptz NOT NULL,
                      finished timestamptz,
                      position text,
                      moment timestamptz,
                      rows bigint NOT NULL DEFAULT 0,
                      inserted bigint NOT NULL DEFAULT 0,
                      updated bigint NOT NULL DEFAULT 0,
                      deleted bigint NOT NULL DEFAULT 0,
                      PRIMARY KEY (pipeline, number)
                    );
                    CREATE TABLE sluice.load_table (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      identity text NOT NULL,
                      role text NOT NULL,
                      beside text NOT NULL,
                      moment timestamptz,
                      PRIMARY KEY (pipeline, table_schema, table_name, identity)
                    );
                    """,
                    """
                    CREATE TABLE sluice.cursor (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      columns text[] NOT NULL,
                      position text NOT NULL,
                      swept_at timestamptz NOT NULL,
                      updated_at timestamptz NOT NULL DEFAULT now(),
                      PRIMARY KEY (pipeline, table_schema, table_name)
                    ) WITH (fillfactor = 50);
                    """,
                    """
                    CREATE TABLE sluice.objective_time (
                      pipeline text NOT NULL,
                      slot timestamptz NOT NULL,
                      run bigint NOT NULL,
                      began timestamptz NOT NULL,
                      kept_ms bigint NOT NULL,
                      over_ms bigint NOT NULL,
                      unknown_ms bigint NOT NULL,
                      exempt_ms bigint NOT NULL,
                      worst_ms bigint NOT NULL,
                      PRIMARY KEY (pipeline, slot, run)
                    ) WITH (fillfactor = 50);
                    CREATE TABLE sluice.breach (
                      pipeline text NOT NULL,
                      started timestamptz NOT NULL,
                      ended timestamptz,
                      cause text NOT NULL,
                      worst_ms bigint NOT NULL,
                      objective_ms bigint NOT NULL,
                      PRIMARY KEY (pipeline, started)
                    );
                    """,
                    """
                    ALTER TABLE sluice.checkpoint ADD COLUMN IF NOT EXISTS clock text;
                    """,
                    """
                    CREATE TABLE sluice.row_version (
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      key_hash text NOT NULL,
                      row_key json NOT NULL,
                      version text NOT NULL,
                      decided text NOT NULL,
                      decided_micros bigint NOT NULL,
                      PRIMARY KEY (pipeline, table_schema, table_name, key_hash)
                    );
                    CREATE TABLE sluice.conflict (
                      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                      pipeline text NOT NULL,
                      table_schema text NOT NULL,
                      table_name text NOT NULL,
                      key_hash text NOT NULL,
                      row_key json NOT NULL,
                      kind text NOT NULL,
                      resolution text NOT NULL,
                      reason text NOT NULL,
                      operation text NOT NULL,
                      incoming_version text NOT NULL,
                      standing_version text,
                      incoming_row json,
                      standing_row json,
                      at timestamptz NOT NULL DEFAULT now()
                    );
                    CREATE TABLE sluice.reading_point (
                      pipeline text PRIMARY KEY,
                      position text NOT NULL,
                      clock text NOT NULL,
                      seen text NOT NULL
                    ) WITH (fillfactor = 50);
                    """,
                    """
                    CREATE TABLE sluice.conflict_resolution (
                      conflict_id bigint PRIMARY KEY,
                      choice text NOT NULL,
                      resolved_by text NOT NULL,
                      resolved_at timestamptz NOT NULL DEFAULT now()
                    );
                    CREATE INDEX conflict_of ON sluice.conflict (pipeline, id);
                    """,
                    """
                    ALTER TABLE sluice.conflict ADD COLUMN policy text, ADD COLUMN result_row json;
                    """,
                    """
                    CREATE TABLE sluice.site_memory (
                      pipeline text PRIMARY KEY,
                      forgotten text NOT NULL,
                      moments text NOT NULL
                    ) WITH (fillfactor = 50);
                    """);

    /** As long as an upgrade may make the commits of other pipelines wait behind it. */
    private static final String LOCK_LIMIT = "3s";

    private static final String LOCKED = "55P03";

    private static final String HOLDERS =
            """
            SELECT coalesce(string_agg(DISTINCT format('%s by process %s', c.relname, l.pid), ', '), 'none')
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND c.relnamespace = 'sluice'::regnamespace AND c.relkind = 'r' AND l.granted
            """;

    private static final String MAY_READ =
            """
            SELECT has_schema_privilege('sluice', 'USAGE') AND NOT EXISTS (
              SELECT FROM pg_class WHERE relnamespace = 'sluice'::regnamespace
                AND relname = 'schema_version' AND NOT has_table_privilege(oid, 'SELECT'))
            """;

    /** The tables that steps alter are to be the role's own. */
    private static final String MAY_UPGRADE =
            """
            SELECT has_schema_privilege('sluice', 'CREATE') AND NOT EXISTS (
              SELECT FROM pg_class WHERE relnamespace = 'sluice'::regnamespace
                AND (relname IN ('checkpoint', 'conflict', 'copy_progress')
                    AND NOT pg_has_role(relowner, 'USAGE')
                  OR relname = 'schema_version' AND NOT has_table_privilege(oid, 'INSERT')))
            """;

    private SluiceSchema() {}

    static boolean exists(Connection connection) throws SQLException {
        return version(connection) > 0;
    }

    /** Whether the role may bring the schema, which there is, to this gateway's version. */
    static List<Finding> findings(Connection connection, String role) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!holds(statement, MAY_READ)) {
                return List.of(
                        Finding.blocks(
                                "schema sluice",
                                "The role may not read the gateway's own tables.",
                                ("GRANT USAGE ON SCHEMA sluice TO %1$s;"
                                                + " GRANT ALL ON ALL TABLES IN SCHEMA sluice TO %1$s;")
                                        .formatted(role)));
            }
            int version = version(connection);
            if (version >= STEPS.size() || holds(statement, MAY_UPGRADE)) {
                return List.of();
            }
            return List.of(
                    Finding.blocks(
                            "schema sluice",
                            ("The schema sluice is of version %d and needs to become %d: the role must"
                                            + " own it and its tables (CREATE, ALTER).")
                                    .formatted(version, STEPS.size()),
                            ("ALTER SCHEMA sluice OWNER TO %1$s; and ALTER TABLE … OWNER TO %1$s; for"
                                            + " each of its tables.")
                                    .formatted(role)));
        }
    }

    static void prepare(PostgresConnections connections, String application) {
        connections.run(
                application,
                "creating the gateway's own tables in the schema sluice",
                connection -> {
                    int version = version(connection);
                    if (version < STEPS.size()) {
                        upgrade(connections.name(), connection);
                    } else if (version > STEPS.size()) {
                        throw new ConnectorException(
                                ErrorClass.FATAL,
                                ("%s: the schema sluice is of version %d, this gateway knows %d. Run"
                                                + " the newer gateway that made it")
                                        .formatted(connections.name(), version, STEPS.size()));
                    }
                });
    }

    private static void upgrade(String place, Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            steps(connection);
            connection.commit();
        } catch (SQLException e) {
            if (!LOCKED.equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback();
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    ("%s: the gateway's own tables are to be brought to version %d, for which nobody"
                                    + " else may use them, and they were not free within %s. In use"
                                    + " now: %s. A transaction that stays open there must end")
                            .formatted(place, STEPS.size(), LOCK_LIMIT, holders(connection)),
                    e);
        }
    }

    private static String holders(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(HOLDERS)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void steps(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
            // Whoever waits for a table makes all wait who come later.
            statement.execute("SET LOCAL lock_timeout = '" + LOCK_LIMIT + "'");
            // Where there is the schema, the right to make one is not needed.
            if (!holds(statement, "SELECT to_regnamespace('sluice') IS NOT NULL")) {
                statement.execute("CREATE SCHEMA sluice");
            }
            statement.execute(
                    """
                    CREATE TABLE IF NOT EXISTS sluice.schema_version (
                      version integer PRIMARY KEY,
                      applied_at timestamptz NOT NULL DEFAULT now()
                    )
                    """);
            for (int version = version(connection); version < STEPS.size(); version++) {
                statement.execute(STEPS.get(version));
                statement.execute(
                        "INSERT INTO sluice.schema_version (version) VALUES (%d)"
                                .formatted(version + 1));
            }
        }
    }

    private static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!holds(statement, "SELECT to_regclass('sluice.schema_version') IS NOT NULL")) {
                return 0;
            }
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT coalesce(max(version), 0) FROM sluice.schema_version")) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static boolean holds(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
