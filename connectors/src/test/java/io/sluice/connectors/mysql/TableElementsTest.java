package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TableElementsTest {

    @Test
    void keysAreFoundAmongNamesAndTextsThatLookLikeThem() {
        String table =
                """
                CREATE TABLE `a(` (
                  `id` int NOT NULL COMMENT 'it''s, \\\\'' KEY `no` (`x`)',
                  `KEY ``k`` (` enum('a,b','),(') DEFAULT NULL,
                  PRIMARY KEY (`id`),
                  UNIQUE KEY `u``x` (`KEY ``k`` (`(10) DESC) COMMENT ', KEY `y` (',
                  KEY `f` ((lower(`b`)),`c`) /*!80000 INVISIBLE */,
                  FULLTEXT KEY `t` (`b`) /*!50100 WITH PARSER `ngram` */,
                  CONSTRAINT `k` FOREIGN KEY (`c`) REFERENCES `o` (`id`)
                ) ENGINE=InnoDB COMMENT='KEY `z` ('\
                """;
        assertThat(TableElements.keys(table))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "u`x",
                                "UNIQUE KEY `u``x` (`KEY ``k`` (`(10) DESC) COMMENT ', KEY `y` ('",
                                "f",
                                "KEY `f` ((lower(`b`)),`c`) /*!80000 INVISIBLE */",
                                "t",
                                "FULLTEXT KEY `t` (`b`) /*!50100 WITH PARSER `ngram` */"));
        assertThat(TableElements.mentioned("KEY `f` ((lower(`b`)),`c`) /*!80000 INVISIBLE */"))
                .containsExactly("b", "c");
    }
}
