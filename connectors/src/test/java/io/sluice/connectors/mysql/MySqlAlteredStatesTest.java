package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Alteration.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which alterations of a type leave all values as they were. */
class MySqlAlteredStatesTest {

    private final MySqlAlteredStates states = new MySqlAlteredStates();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int | bigint | true",
                "bigint | int | false",
                "int unsigned | int | false",
                "int unsigned | bigint | true",
                "int | int unsigned | false",
                "decimal(10,4) | decimal(12,4) | true",
                "decimal(10,4) | decimal(10,2) | false",
                "decimal(10,4) | decimal(10,5) | false",
                "datetime(3) | datetime(6) | true",
                "datetime(6) | datetime | false",
                "timestamp | datetime | false",
                "varchar(9) | varchar(10) | true",
                "varchar(10) | varchar(9) | false",
                "varchar(10) | text | true",
                "text | varchar(9) | false",
                "json | longtext | false",
                "float | double | true",
                "double | float | false",
                "enum('a','b') | enum('b','a','c') | true",
                "enum('a','b') | enum('a') | false",
                "set('a','b') | set('a') | false",
                "int | int NOT NULL | false",
                "int NOT NULL | int | true",
                "text latin1 | text utf8mb4 | true",
                "text utf8mb4 | text latin1 | false"
            })
    void aWiderTypeKeepsAllValuesAndNoOtherDoes(String before, String after, boolean kept) {
        assertThat(states.keepsValues(state(before), state(after))).isEqualTo(kept);
    }

    private static State state(String text) {
        String[] words = text.split(" ");
        String last = words[words.length - 1];
        String charset = last.equals("latin1") || last.equals("utf8mb4") ? last : null;
        boolean notNull = text.endsWith(" NOT NULL");
        String type = text.replaceFirst(" (?:latin1|utf8mb4|NOT NULL)$", "");
        return new State("c", type, charset, notNull, false);
    }
}
