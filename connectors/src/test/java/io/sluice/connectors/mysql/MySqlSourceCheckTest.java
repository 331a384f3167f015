package io.sluice.connectors.mysql;

import static io.sluice.connectors.mysql.SourceFixture.about;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Each thing that a source can lack, with its finding. */
class MySqlSourceCheckTest {

    private static final MySqlServer SERVER = Servers.mysql(Durability.REAL);

    @AfterAll
    static void end() {
        SERVER.close();
    }

    private static List<Finding> check(SourceFixture fixture) {
        return fixture.source.check(fixture.tables());
    }

    private static List<Finding> serious(List<Finding> findings) {
        return findings.stream().filter(f -> f.severity() != Severity.NOTES).toList();
    }

    @Test
    void aServerWithGtidsAndTheLeastPrivilegesIsFine() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)");
            MySqlSource least =
                    fixture.role(
                            "least", "SELECT, LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT");
            List<Finding> findings = least.check(fixture.tables());
            assertThat(serious(findings)).isEmpty();
            assertThat(about(findings, "gtid_mode")).hasSize(1);
            assertThat(about(findings, "XA")).hasSize(1);
            assertThat(about(findings, "sessions")).hasSize(1);
            assertThat(least.tables()).isEqualTo(fixture.source.tables());
        }
    }

    @Test
    void missingPrivilegesAreNamedWithTheirGrants() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run("CREATE TABLE t (id INT PRIMARY KEY)");
            MySqlSource nobody = fixture.role("no body", "USAGE");
            List<Finding> findings = nobody.check(fixture.tables());
            String to = "TO 'no body'@'%';";
            assertThat(findings)
                    .contains(
                            Finding.blocks(
                                    "REPLICATION CLIENT",
                                    "The role may not ask where the log stands.",
                                    "GRANT REPLICATION CLIENT ON *.* " + to),
                            Finding.blocks(
                                    "REPLICATION SLAVE",
                                    "The role may not read the log.",
                                    "GRANT REPLICATION SLAVE ON *.* " + to),
                            Finding.blocks(
                                    fixture.name + ".t",
                                    "The role may not read the table.",
                                    "GRANT SELECT ON `" + fixture.name + "`.`t` " + to));
            assertThat(about(findings, "LOCK TABLES"))
                    .singleElement()
                    .asString()
                    .startsWith("BLOCKS")
                    .contains("prepared");
            fixture.run("GRANT XA_RECOVER_ADMIN ON *.* TO 'no body'");
            assertThat(about(nobody.check(fixture.tables()), "LOCK TABLES"))
                    .singleElement()
                    .asString()
                    .startsWith("NOTES");
            // The remedies are commands that do it.
            findings.stream()
                    .map(Finding::remedy)
                    .filter(remedy -> remedy.startsWith("GRANT"))
                    .forEach(fixture::run);
            assertThat(serious(nobody.check(fixture.tables()))).isEmpty();
        }
    }

    @Test
    void privilegesThatComeByARoleCount() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run(
                    "CREATE TABLE t (id INT PRIMARY KEY)",
                    "CREATE ROLE IF NOT EXISTS reader",
                    "GRANT SELECT, LOCK TABLES, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO"
                            + " reader");
            MySqlSource member = fixture.role("member", "USAGE");
            fixture.run("GRANT reader TO 'member'@'%'", "SET DEFAULT ROLE ALL TO 'member'@'%'");
            assertThat(serious(member.check(fixture.tables()))).isEmpty();
        }
    }

    @Test
    void settingsOfTheLogAreChecked() {
        Map<String, String> settings =
                Map.ofEntries(
                        Map.entry("gtid_mode", "OFF"),
                        Map.entry("enforce_gtid_consistency", "OFF"),
                        Map.entry("binlog_row_image", "MINIMAL"),
                        Map.entry("binlog_row_value_options", "PARTIAL_JSON"),
                        Map.entry("binlog_expire_logs_seconds", "3600"),
                        Map.entry("binlog_ignore_db", "ignored"));
        try (MySqlServer server = Servers.mysql(Durability.FAST, settings);
                SourceFixture fixture = new SourceFixture(server)) {
            fixture.run("CREATE DATABASE ignored", "CREATE TABLE ignored.t (id INT PRIMARY KEY)");
            fixture.alsoFrom("ignored");
            List<Finding> findings = fixture.source.check(fixture.source.tables());
            assertThat(blocked(findings))
                    .containsExactlyInAnyOrder(
                            "binlog_row_image",
                            "binlog_row_value_options",
                            "binlog_do_db, binlog_ignore_db");
            assertThat(findings.stream().filter(f -> f.severity() == Severity.WARNS))
                    .extracting(Finding::subject)
                    .containsExactlyInAnyOrder(
                            "gtid_mode",
                            "binlog_expire_logs_seconds",
                            "sync_binlog, innodb_flush_log_at_trx_commit");
            findings.stream()
                    .filter(f -> f.remedy().startsWith("SET PERSIST"))
                    .flatMap(f -> List.of(f.remedy().split(";")).stream())
                    .map(String::strip)
                    .filter(command -> command.startsWith("SET PERSIST"))
                    .forEach(fixture::run);
            assertThat(blocked(fixture.source.check(fixture.source.tables())))
                    .containsExactly("binlog_do_db, binlog_ignore_db");
            assertThat(about(fixture.source.check(List.of()), "gtid_mode"))
                    .first()
                    .asString()
                    .startsWith("NOTES");
        }
    }

    private static List<String> blocked(List<Finding> findings) {
        List<String> subjects = new ArrayList<>();
        for (Finding finding : findings) {
            if (finding.severity() == Severity.BLOCKS) {
                subjects.add(finding.subject());
            }
        }
        return subjects;
    }

    @Test
    void aServerWithoutALogIsBlocked() {
        try (MySqlServer server =
                        Servers.mysql(
                                Durability.FAST,
                                Map.of(
                                        "skip_log_bin", "ON",
                                        "gtid_mode", "OFF",
                                        "enforce_gtid_consistency", "OFF"));
                SourceFixture fixture = new SourceFixture(server)) {
            assertThat(blocked(check(fixture))).contains("log_bin");
        }
    }

    @Test
    void tablesAreChecked() {
        try (SourceFixture fixture = new SourceFixture(SERVER)) {
            fixture.run(
                    "CREATE TABLE keyless (id INT)",
                    "CREATE TABLE old (id INT PRIMARY KEY) ENGINE = MyISAM",
                    "CREATE TABLE Twin (id INT PRIMARY KEY)",
                    "CREATE TABLE tWin (id INT PRIMARY KEY)");
            List<Finding> findings = check(fixture);
            assertThat(blocked(findings))
                    .containsExactly(fixture.name + ".old", fixture.name + ".tWin");
            assertThat(about(findings, fixture.name + ".keyless"))
                    .first()
                    .asString()
                    .startsWith("WARNS The table has no key");
        }
    }

    @Test
    void cascadesAreBlockedWhereTheServerDoesNotLogThem() {
        try (MySqlServer natively =
                        Servers.mysql(
                                Durability.FAST, Map.of("loose_innodb_native_foreign_keys", "ON"));
                MySqlServer old = Servers.oldMySql(Durability.FAST)) {
            for (MySqlServer server : List.of(SERVER, natively, old)) {
                try (SourceFixture fixture = new SourceFixture(server)) {
                    assertThatLogAndCheckAgree(fixture, server != SERVER);
                    fixture.run("SET GLOBAL binlog_format = 'STATEMENT'");
                    assertThat(blocked(check(fixture))).contains("binlog_format");
                    fixture.run("SET GLOBAL binlog_format = 'ROW'");
                }
            }
        }
    }

    /** What the check says is what the log does. */
    private static void assertThatLogAndCheckAgree(SourceFixture fixture, boolean natively) {
        fixture.run(
                "CREATE TABLE parent (id INT PRIMARY KEY)",
                "CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent)"
                        + " REFERENCES parent (id) ON DELETE CASCADE)",
                "CREATE TABLE kept (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent)"
                        + " REFERENCES parent (id))",
                "INSERT INTO parent VALUES (1)",
                "INSERT INTO child VALUES (1, 1)",
                "FLUSH BINARY LOGS",
                "DELETE FROM parent");
        String file = fixture.end().file();
        boolean logged =
                fixture.rows("SHOW BINLOG EVENTS IN '" + file + "'").stream()
                        .anyMatch(event -> event.contains("(" + fixture.name + ".child)"));
        assertThat(logged).isNotEqualTo(natively);
        MySqlSource least = fixture.narrowRole("least", "SELECT, LOCK TABLES");
        assertThat(blocked(least.check(fixture.tables())))
                .isEqualTo(natively ? List.of(fixture.name + ".child") : List.of());
    }
}
