package io.sluice.connectors.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import org.junit.jupiter.api.Test;

/** What MySQL would take for something else without a word. */
final class ColumnFormTest {

    @Test
    void theYearZeroIsNotTheYear2000() {
        assertThat(form("year").text(0L)).isEqualTo("0000");
        assertThat(form("year").text(1999L)).isEqualTo("1999");
    }

    @Test
    void aTextThatIsNoLabelIsNotTakenForTheNumberOfOne() {
        assertThat(form("enum('0','1')").text("1")).isEqualTo("1");
        assertThatThrownBy(() -> form("enum('0','1')").text("2"))
                .isInstanceOf(UnfitValueException.class)
                .hasMessageContaining("label");
        assertThat(form("set('a','b')").text("a,b")).isEqualTo("a,b");
        assertThat(form("set('a','b')").text("")).isEmpty();
        assertThatThrownBy(() -> form("set('a','b')").text("a,3"))
                .isInstanceOf(UnfitValueException.class);
    }

    private static ColumnForm form(String type) {
        return new ColumnForm(
                new ColumnDefinition(
                        "c",
                        MySqlDataTypes.of(type),
                        type,
                        false,
                        null,
                        null,
                        Identity.NONE,
                        null));
    }
}
