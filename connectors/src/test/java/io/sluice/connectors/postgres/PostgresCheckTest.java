package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DatabaseAddress;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import io.sluice.testkit.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresCheckTest {

    private Database source;
    private Database target;

    @BeforeEach
    void open() {
        source = Database.create();
        target = Database.create();
    }

    @AfterEach
    void close() {
        source.close();
        target.close();
    }

    @Test
    void aFittingPairHasNothingThatBlocks() {
        source.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
        List<TableDefinition> tables = source.source.tables();

        assertThat(blocking(source.source.check(tables))).isEmpty();
        assertThat(blocking(target.target.check(tables))).isEmpty();
        target.target.create(tables, List.of());
        assertThat(target.target.check(tables))
                .extracting(Finding::severity)
                .containsExactly(Severity.NOTES);
    }

    @Test
    void aSlotThatMayFillTheDiskIsWarnedAbout() {
        assertThat(source.source.check(List.of()))
                .filteredOn(finding -> finding.subject().equals("max_slot_wal_keep_size"))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNS);
    }

    @Test
    void anUnreachableDatabaseIsAnErrorThatMayPass() {
        DatabaseAddress nowhere =
                new DatabaseAddress(
                        "east", "jdbc:postgresql://127.0.0.1:1/x?password=secret", "u", "hidden");

        for (ThrowingCallable check :
                List.<ThrowingCallable>of(
                        () -> new PostgresSource(nowhere).check(List.of()),
                        () -> new PostgresTarget(nowhere).check(List.of()))) {
            assertThatThrownBy(check)
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY))
                    .message()
                    .contains("east", "08001")
                    .doesNotContain("secret", "hidden");
        }
    }

    @Test
    void aServerThatKeepsNoLogicalLogBlocks() {
        try (PostgresServer server =
                        Servers.postgres(
                                Durability.FAST,
                                Map.of("wal_level", "replica", "max_slot_wal_keep_size", "1GB"));
                Database other = Database.on(server)) {
            assertThat(blocking(other.source.check(List.of())))
                    .containsExactly(
                            "wal_level: ALTER SYSTEM SET wal_level = 'logical'; and restart the server.");
        }
    }

    @Test
    void aRoleThatMayNotCaptureIsToldWhatToGrant() {
        source.run(
                "CREATE SCHEMA s",
                "CREATE TABLE s.t (id int PRIMARY KEY)",
                "CREATE TABLE s.r (id int PRIMARY KEY)",
                "ALTER TABLE s.r ENABLE ROW LEVEL SECURITY");
        String role = source.role();
        List<TableDefinition> tables = source.source.tables();
        PostgresSource plain = new PostgresSource(source.address(role, "plain"));

        List<String> blocking = blocking(plain.check(tables));

        assertThat(blocking)
                .contains(
                        "REPLICATION: ALTER ROLE \"" + role + "\" REPLICATION;",
                        "CREATE: GRANT CREATE ON DATABASE \""
                                + source.name
                                + "\" TO \""
                                + role
                                + "\";",
                        "s.t: GRANT USAGE ON SCHEMA \"s\" TO \""
                                + role
                                + "\"; GRANT SELECT ON \"s\".\"t\" TO \""
                                + role
                                + "\";",
                        "s.r: ALTER ROLE \"" + role + "\" BYPASSRLS;")
                .anyMatch(finding -> finding.startsWith("s.t: ALTER TABLE \"s\".\"t\" OWNER TO"));

        source.run(
                "ALTER ROLE \"" + role + "\" REPLICATION BYPASSRLS",
                "GRANT CREATE ON DATABASE \"" + source.name + "\" TO \"" + role + "\"",
                "GRANT USAGE ON SCHEMA s TO \"" + role + "\"",
                "ALTER TABLE s.t OWNER TO \"" + role + "\"",
                "ALTER TABLE s.r OWNER TO \"" + role + "\"");
        assertThat(blocking(plain.check(tables))).isEmpty();
        plain.startLog(Database.PIPELINE, plain.tables(), source.history(), 1).close();
        plain.dropLog(Database.PIPELINE);
        plain.close();
    }

    @Test
    void whatTheLogWouldSayOfEachTableIsExplained() {
        source.run(
                "CREATE TABLE a (id int)",
                "CREATE TABLE b (id int)",
                "ALTER TABLE b REPLICA IDENTITY FULL",
                "CREATE TABLE c (id int PRIMARY KEY)",
                "ALTER TABLE c REPLICA IDENTITY NOTHING",
                "CREATE TABLE d (id int PRIMARY KEY, \"X\" int, x int, t timetz(3))");

        List<Finding> findings = source.source.check(source.source.tables());

        assertThat(blocking(findings))
                .containsExactly(
                        "public.a: ALTER TABLE \"public\".\"a\" REPLICA IDENTITY FULL;",
                        "public.c: ALTER TABLE \"public\".\"c\" REPLICA IDENTITY DEFAULT;",
                        "public.d: Rename one of them, or exclude the table.");
        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Severity.WARNS)
                .extracting(Finding::subject)
                .contains("public.b")
                .doesNotContain("public.d.t");
    }

    @Test
    void everyDifferenceThatWouldLoseDataBlocks() {
        source.run(
                "CREATE TABLE t (id int PRIMARY KEY, a text, b bigint, c text, d text, e int NOT NULL, f varchar(9))");
        target.run(
                """
                CREATE TABLE t (id int, a varchar(5), c text NOT NULL,
                  d text GENERATED ALWAYS AS ('x') STORED, e bigint, f text, extra int NOT NULL,
                  spare int NOT NULL DEFAULT 1, PRIMARY KEY (id, e), UNIQUE (a))
                """);

        List<Finding> findings = target.target.check(source.source.tables());

        assertThat(blocking(findings))
                .containsExactlyInAnyOrder(
                        "public.t.a: ALTER TABLE \"public\".\"t\" ALTER COLUMN \"a\" TYPE text;",
                        "public.t.b: ALTER TABLE \"public\".\"t\" ADD COLUMN \"b\" bigint;",
                        "public.t.c: ALTER TABLE \"public\".\"t\" ALTER COLUMN \"c\" DROP NOT NULL;",
                        "public.t.d: ALTER TABLE \"public\".\"t\" ALTER COLUMN \"d\" DROP EXPRESSION;",
                        "public.t.extra: ALTER TABLE \"public\".\"t\" ALTER COLUMN \"extra\" DROP NOT NULL;",
                        "public.t: ALTER TABLE \"public\".\"t\" ADD UNIQUE (\"id\");");
        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Severity.WARNS)
                .extracting(Finding::problem)
                .anyMatch(problem -> problem.contains("holds (a) unique"));
    }

    @Test
    void whatAPlainRoleCannotSwitchOffIsExplained() {
        target.run(
                "CREATE TABLE p (id int PRIMARY KEY)",
                "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p)",
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER tr BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f()",
                "CREATE VIEW v AS SELECT 1 AS id");
        source.run(
                "CREATE TABLE p (id int PRIMARY KEY)",
                "CREATE TABLE c (id int PRIMARY KEY, p int)",
                "CREATE TABLE v (id int PRIMARY KEY)",
                "CREATE SCHEMA missing",
                "CREATE TABLE missing.m (id int PRIMARY KEY)");
        String role = target.role();
        target.run("GRANT SELECT, INSERT ON p TO \"" + role + "\"");
        PostgresTarget plain = new PostgresTarget(target.address(role, "plain"));

        List<Finding> findings = plain.check(source.source.tables());
        plain.close();

        assertThat(blocking(findings))
                .contains(
                        "public.p: GRANT USAGE ON SCHEMA \"public\" TO \""
                                + role
                                + "\"; GRANT UPDATE, DELETE, TRUNCATE ON \"public\".\"p\" TO \""
                                + role
                                + "\";",
                        "public.v: Rename it, or exclude the table.",
                        "missing: CREATE SCHEMA \"missing\" AUTHORIZATION \"" + role + "\";")
                .anyMatch(finding -> finding.startsWith("schema sluice: GRANT CREATE ON DATABASE"));
        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Severity.WARNS)
                .extracting(Finding::subject)
                .contains("session_replication_role", "public.p", "public.c");
        assertThat(target.target.check(source.source.tables()))
                .filteredOn(finding -> finding.severity() == Severity.WARNS)
                .isEmpty();
    }

    /** Amazon's services give that role in the place of the attribute. */
    @Test
    void aMemberOfRdsReplicationMayReadTheLog() {
        source.run("CREATE TABLE t (id int PRIMARY KEY)");
        String role = source.role();
        source.run("CREATE ROLE rds_replication", "GRANT rds_replication TO \"" + role + "\"");
        try (PostgresSource plain = new PostgresSource(source.address(role, "plain"))) {
            assertThat(blocking(plain.check(source.source.tables())))
                    .noneMatch(finding -> finding.startsWith("REPLICATION"));
        } finally {
            source.run("DROP ROLE rds_replication");
        }
    }

    @Test
    void aSchemaThatTheRoleMayNotUseIsNamedThoughItsTableMayBeWritten() {
        for (Database each : List.of(source, target)) {
            each.run("CREATE SCHEMA closed", "CREATE TABLE closed.t (id int PRIMARY KEY)");
        }
        String role = target.role();
        target.run("GRANT ALL ON closed.t TO \"" + role + "\"");
        PostgresTarget plain = new PostgresTarget(target.address(role, "plain"));
        assertThat(blocking(plain.check(source.source.tables())))
                .contains("closed.t: GRANT USAGE ON SCHEMA \"closed\" TO \"" + role + "\";");
        plain.close();
    }

    @Test
    void foreignKeysThatChangeRowsThemselvesBlockARoleThatCannotSwitchThemOff() {
        List<String> tables = List.of("a", "cascades", "follows", "empties", "plain", "deferred");
        for (String table : tables) {
            source.run("CREATE TABLE " + table + " (id int PRIMARY KEY, a int)");
        }
        target.run(
                "CREATE TABLE a (id int PRIMARY KEY, a int)",
                "CREATE TABLE cascades (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE)",
                "CREATE TABLE follows (id int PRIMARY KEY, a int REFERENCES a ON UPDATE CASCADE"
                        + " DEFERRABLE)",
                "CREATE TABLE empties (id int PRIMARY KEY, a int REFERENCES a ON DELETE SET NULL)",
                "CREATE TABLE plain (id int PRIMARY KEY, a int REFERENCES a)",
                "CREATE TABLE deferred (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE)");
        String role = target.role();
        target.run(
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO \"" + role + "\"",
                "GRANT CREATE ON DATABASE \"" + target.name + "\" TO \"" + role + "\"");
        PostgresTarget plain = new PostgresTarget(target.address(role, "plain"));

        List<Finding> findings = plain.check(source.source.tables());

        String remedy =
                "Let the role set session_replication_role, or make them ON DELETE NO ACTION.";
        assertThat(blocking(findings))
                .containsExactlyInAnyOrder(
                        "public.cascades: " + remedy,
                        "public.follows: " + remedy,
                        "public.empties: " + remedy);
        assertThat(findings)
                .filteredOn(finding -> finding.severity() == Severity.WARNS)
                .extracting(Finding::subject)
                .containsExactlyInAnyOrder(
                        "session_replication_role",
                        "public.cascades",
                        "public.empties",
                        "public.plain");

        target.run("GRANT SET ON PARAMETER session_replication_role TO \"" + role + "\"");
        assertThat(plain.check(source.source.tables()))
                .extracting(Finding::severity)
                .containsExactly(Severity.NOTES);
        plain.close();
    }

    @Test
    void aStandbyIsAnErrorThatPassesWithItsPromotion() throws SQLException {
        try (PostgresServer server = Servers.postgres(Durability.FAST)) {
            String url = server.createDatabase("promoted");
            DatabaseAddress sourceAddress = address(server, url, End.SOURCE);
            DatabaseAddress targetAddress = address(server, url, End.TARGET);
            try (PostgresTarget before = new PostgresTarget(targetAddress)) {
                before.prepare();
            }
            becomeStandby(server);
            try (PostgresSource standbySource = new PostgresSource(sourceAddress);
                    PostgresTarget standbyTarget = new PostgresTarget(targetAddress)) {
                for (ThrowingCallable use :
                        List.<ThrowingCallable>of(
                                () -> standbySource.check(List.of()),
                                () -> standbyTarget.check(List.of()),
                                () -> standbyTarget.claim(Database.PIPELINE, Database.GATEWAY_1),
                                () ->
                                        standbySource.startLog(
                                                Database.PIPELINE,
                                                List.of(),
                                                standbyTarget.schemaHistory(Database.PIPELINE),
                                                1))) {
                    assertThatThrownBy(use)
                            .isInstanceOfSatisfying(
                                    ConnectorException.class,
                                    e ->
                                            assertThat(e.errorClass())
                                                    .as(e.getMessage())
                                                    .isEqualTo(ErrorClass.RETRY))
                            .hasMessageContaining("west");
                }
                assertThatThrownBy(() -> standbySource.check(List.of()))
                        .hasMessageContaining("is a standby at the moment");
                assertThatThrownBy(() -> standbyTarget.check(List.of()))
                        .hasMessageContaining("is a standby at the moment");

                run(server, "SELECT pg_promote()");

                assertThat(blocking(standbySource.check(List.of()))).isEmpty();
                assertThat(blocking(standbyTarget.check(List.of()))).isEmpty();
                assertThat(standbyTarget.claim(Database.PIPELINE, Database.GATEWAY_1).epoch())
                        .isEqualTo(1);
            }
        }
    }

    private static DatabaseAddress address(PostgresServer server, String url, End end) {
        Privileges role = Privileges.fresh("promoted_" + end.name().toLowerCase(Locale.ROOT));
        role.create(server, "promoted", end);
        return new DatabaseAddress("west", url, role.role(), role.password());
    }

    /** A server that goes on recovering from its own log, and so takes no writes. */
    private static void becomeStandby(PostgresServer server) throws SQLException {
        run(
                server,
                """
                DO $$ BEGIN
                  EXECUTE format('COPY (SELECT) TO %L',
                    current_setting('data_directory') || '/standby.signal');
                END $$""");
        server.restart();
    }

    private static void run(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Subject and remedy of what blocks. */
    private static List<String> blocking(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.severity() == Severity.BLOCKS)
                .map(finding -> finding.subject() + ": " + finding.remedy())
                .toList();
    }
}
