package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Finding.Severity;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MySqlCheckTest {

    private TargetFixture db;

    @BeforeEach
    void open() {
        db = TargetFixture.create();
    }

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void aTableThatIsEqualIsFineAndOneThatIsMissingToo() {
        db.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(20), g int AS (id + 1))");
        TableDefinition standing = db.definition("t");
        db.run("CREATE TABLE missing LIKE t");
        TableDefinition missing = db.definition("missing");
        db.run("DROP TABLE missing");
        assertThat(problems(standing, missing)).isEmpty();
    }

    @Test
    void differencesOfAStandingTableAreFound() {
        db.run(
                """
                CREATE TABLE t (id int PRIMARY KEY, gone int, small bigint, name varchar(20),
                  latin varchar(9), free int, made int, mood enum('a','b'), m decimal(10,2))
                """);
        TableDefinition wanted = db.definition("t");
        db.run(
                "DROP TABLE t",
                """
                CREATE TABLE t (id int, small int, name varchar(10),
                  latin varchar(9) CHARACTER SET latin1, free int NOT NULL,
                  made int AS (small + 1), mood enum('a','c'), m decimal(10,2) unsigned,
                  extra int NOT NULL, UNIQUE KEY (small), KEY (id))
                """,
                "CREATE TRIGGER trg BEFORE INSERT ON t FOR EACH ROW SET NEW.small = 1");
        assertThat(blocked(wanted))
                .containsExactlyInAnyOrder(
                        "t", "t.gone", "t.small", "t.name", "t.latin", "t.free", "t.made", "t.mood",
                        "t.m", "t.extra");
        assertThat(findings(wanted))
                .anySatisfy(f -> assertThat(f.problem()).contains("triggers fire"))
                .anySatisfy(f -> assertThat(f.problem()).contains("holds (small) unique"))
                .anySatisfy(
                        f ->
                                assertThat(f.remedy())
                                        .contains("ALTER TABLE `" + db.name + "`.`t` MODIFY"));
    }

    @Test
    void tablesWithoutTransactionsAndViewsAreBlocked() {
        db.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE v (id int PRIMARY KEY)");
        TableDefinition t = db.definition("t");
        TableDefinition v = db.definition("v");
        db.run("ALTER TABLE t ENGINE = MyISAM", "DROP TABLE v", "CREATE VIEW v AS SELECT 1 AS id");
        assertThat(blocked(t, v)).containsExactlyInAnyOrder("t", "v");
    }

    @Test
    void namesThatTheServerCannotHaveAreBlocked() {
        TableDefinition wanted =
                new TableDefinition(
                        db.id("n".repeat(65)),
                        Engine.POSTGRESQL,
                        List.of(column("id"), column("Name"), column("name")),
                        List.of("id"),
                        List.of(),
                        List.of("id"),
                        TableDefinition.RowIdentity.KEY,
                        false,
                        -1,
                        -1);
        assertThat(findings(wanted).stream().filter(MySqlCheckTest::blocks).map(Finding::problem))
                .hasSize(2)
                .anySatisfy(p -> assertThat(p).contains("longer than MySQL's 64"))
                .anySatisfy(p -> assertThat(p).contains("Name and name for one"));
    }

    @Test
    void whatIsLostInTranslationIsTold() {
        TableDefinition wanted =
                new TableDefinition(
                        db.id("lossy"),
                        Engine.POSTGRESQL,
                        List.of(
                                column("id", new DataType.Chars(false, 0)),
                                column("n", new DataType.Decimal(0, 0, false)),
                                column("m", new DataType.Moment(6)),
                                column("yen", new DataType.Money(0))),
                        List.of("id"),
                        List.of(),
                        List.of("id"),
                        TableDefinition.RowIdentity.KEY,
                        false,
                        -1,
                        -1);
        assertThat(problems(wanted))
                .anySatisfy(p -> assertThat(p).contains("varchar(768)", "in a key"))
                .anySatisfy(p -> assertThat(p).contains("decimal(65,30)"))
                .anySatisfy(p -> assertThat(p).contains("moment in UTC"))
                .anySatisfy(p -> assertThat(p).contains("money with 0 digits"))
                .hasSize(5);
    }

    @Test
    void whatTheAccountLacksIsToldAsAGrant() {
        db.target.prepare();
        db.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
        TableDefinition t = db.definition("t");
        db.run("CREATE TABLE missing LIKE t");
        TableDefinition missing = db.definition("missing");
        String account = "plain_" + db.name;
        db.run(
                "DROP TABLE missing",
                "CREATE USER '" + account + "'@'%' IDENTIFIED BY 'plain'",
                "GRANT SELECT, INSERT ON " + db.name + ".* TO '" + account + "'@'%'");
        try (MySqlTarget plain = new MySqlTarget(db.address(account, "plain"))) {
            List<Finding> found = plain.check(List.of(t, missing));
            assertThat(found)
                    .anySatisfy(
                            f ->
                                    assertThat(f.remedy())
                                            .contains("GRANT UPDATE, DELETE ON `" + db.name));
            assertThat(found)
                    .anySatisfy(
                            f ->
                                    assertThat(f.remedy())
                                            .contains("GRANT CREATE ON `" + db.name + "`.* TO"));
            db.run(
                    "GRANT UPDATE, DELETE, CREATE ON " + db.name + ".* TO '" + account + "'@'%'",
                    "GRANT SELECT ON sluice.* TO '" + account + "'@'%'");
            assertThat(plain.check(List.of(t, missing)))
                    .noneMatch(MySqlCheckTest::blocks)
                    .extracting(Finding::remedy)
                    .filteredOn(remedy -> remedy.startsWith("GRANT"))
                    .containsExactly(
                            "GRANT TRIGGER ON `%s`.* TO '%s'@'%%';".formatted(db.name, account));
            db.run(
                    "CREATE ROLE 'seer " + db.name + "'",
                    "GRANT TRIGGER ON " + db.name + ".t TO 'seer " + db.name + "'",
                    "GRANT 'seer " + db.name + "' TO '" + account + "'@'%'",
                    "SET DEFAULT ROLE ALL TO '" + account + "'@'%'");
            try (MySqlTarget member = new MySqlTarget(db.address(account, "plain"))) {
                assertThat(member.check(List.of(t)))
                        .noneMatch(finding -> finding.remedy().startsWith("GRANT"));
            }
            plain.create(List.of(missing), List.of());
        } finally {
            db.run("DROP USER '" + account + "'@'%'", "DROP ROLE IF EXISTS 'seer " + db.name + "'");
        }
    }

    @Test
    void aServerThatTakesNoWritesMayDoSoLater() {
        try (MySqlServer server = Servers.mysql(Durability.FAST);
                TargetFixture own = TargetFixture.on(server)) {
            own.run("SET GLOBAL super_read_only = ON");
            assertThatThrownBy(() -> own.target.check(List.of()))
                    .isInstanceOfSatisfying(
                            ConnectorException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.RETRY));
            own.run(
                    "SET GLOBAL read_only = OFF",
                    "SET GLOBAL innodb_flush_log_at_trx_commit = 2",
                    "SET GLOBAL sync_binlog = 0");
            assertThat(own.target.check(List.of()))
                    .extracting(Finding::subject)
                    .contains("innodb_flush_log_at_trx_commit", "sync_binlog");
        }
    }

    private List<Finding> findings(TableDefinition... wanted) {
        return db.target.check(List.of(wanted));
    }

    /** Of the server itself nothing is said here. */
    private List<String> problems(TableDefinition... wanted) {
        return findings(wanted).stream()
                .filter(f -> f.severity() != Severity.NOTES)
                .filter(f -> f.subject().startsWith(db.name))
                .map(Finding::problem)
                .toList();
    }

    private Stream<String> blocked(TableDefinition... wanted) {
        return findings(wanted).stream()
                .filter(MySqlCheckTest::blocks)
                .map(f -> f.subject().substring(db.name.length() + 1));
    }

    private static boolean blocks(Finding finding) {
        return finding.severity() == Severity.BLOCKS;
    }

    private static ColumnDefinition column(String name) {
        return column(name, new DataType.Int(32, false));
    }

    private static ColumnDefinition column(String name, DataType type) {
        return new ColumnDefinition(
                name, type, type.toString(), true, null, null, Identity.NONE, null);
    }
}
