package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.text.ParsingException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlainStatementTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "ALTER TABLE t ADD url int | ALTER TABLE t ADD `url` int",
                "alter table t add /* url */ Vector VECTOR(3) | alter table t add /* url */ `Vector` VECTOR(3)",
                "ALTER TABLE t CHANGE vector vector vector | ALTER TABLE t CHANGE `vector` `vector` vector",
                "ALTER TABLE t CHANGE COLUMN a url int, ADD v vector | ALTER TABLE t CHANGE COLUMN a `url` int, ADD v vector",
                "ALTER TABLE t ADD KEY (a, url) COMMENT 'add url'' (' | ALTER TABLE t ADD KEY (a, `url`) COMMENT 'add url'' ('",
                "ALTER TABLE t ADD a int AS (f(b, ')') + (1)) STORED, ADD url int | ALTER TABLE t ADD a int AS (concat('x')) STORED, ADD `url` int",
                "ALTER TABLE t ADD a json DEFAULT ( json_array ( ) ) | ALTER TABLE t ADD a json DEFAULT (concat('x'))",
                "CREATE INDEX i ON t (a(9), (b + 1)) | CREATE INDEX i ON t (a(9), (concat('x')))",
                "CREATE INDEX i ON t ((b + 1) DESC) | CREATE INDEX i ON t ((concat('x')) DESC)",
                "ALTER TABLE t ADD a decimal(10,2) -- url | ALTER TABLE t ADD a decimal(10,2) -- url",
            })
    void expressionsAndReservedNamesAreSaidOtherwise(String sql, String plain) {
        assertThat(PlainStatement.of(sql)).isEqualTo(plain);
    }

    @Test
    void whatIsUnderstoodIsReadAsItStands() {
        List<String> read = new ArrayList<>();
        PlainStatement.read("ALTER TABLE t ADD url int", read::add);
        assertThat(read).containsExactly("ALTER TABLE t ADD url int");
    }

    @Test
    void whatIsUnderstoodNeitherWayFailsAsItStands() {
        assertThatThrownBy(
                        () ->
                                PlainStatement.read(
                                        "MAKE url",
                                        text -> {
                                            throw new ParsingException(null, "no: " + text);
                                        }))
                .isInstanceOf(ParsingException.class)
                .hasMessage("no: MAKE url");
    }
}
