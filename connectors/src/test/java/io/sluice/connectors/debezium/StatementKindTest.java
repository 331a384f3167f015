package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatementKindTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE TABLE t",
                "-- v12\nTRUNCATE TABLE t",
                "--\nALTER TABLE t ADD c int",
                "# one\n  # two\nalter table t\n-- three\nDROP PARTITION p",
                "/* a\nb */ /* c */ DROP TABLE t",
                "/*!80000 CREATE TABLE t (a int) */"
            })
    void aCommentDoesNotHideADefinition(String sql) {
        assertThat(StatementKind.of(sql)).isEqualTo(StatementKind.DEFINITION);
    }

    @Test
    void norDoesALongOne() {
        assertThat(StatementKind.of("/*" + "x".repeat(10_000) + "*/ DROP TABLE t"))
                .isEqualTo(StatementKind.DEFINITION);
        assertThat(StatementKind.of("-- " + "x".repeat(10_000) + "\nINSERT INTO t VALUES (1)"))
                .isEqualTo(StatementKind.ROWS);
    }

    @Test
    void aPartitionIsSeenBehindAComment() {
        assertThat(StatementKind.head("ALTER TABLE t\n-- x\nDROP PARTITION p0"))
                .isEqualTo("ALTER TABLE T DROP PARTITION P0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t VALUES (1)",
                "-- x\nupdate t set a = 1",
                "SELECT `db`.`f`()",
                "WITH x AS (SELECT 1) DELETE FROM t"
            })
    void whatMayChangeRowsIsKnown(String sql) {
        assertThat(StatementKind.of(sql)).isEqualTo(StatementKind.ROWS);
    }

    @Test
    void whatDoesNeitherIsNeither() {
        for (String sql : new String[] {"GRANT ALL ON *.* TO u", "CREATE VIEW v AS SELECT 1", ""}) {
            assertThat(StatementKind.of(sql)).as(sql).isEqualTo(StatementKind.OTHER);
        }
    }
}
