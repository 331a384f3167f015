package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import org.junit.jupiter.api.Test;

class SqlTest {

    @Test
    void aNameStaysOneNameWhateverItIsMadeOf() {
        assertThat(Sql.identifier("a;drop")).isEqualTo("\"a;drop\"");
        assertThat(Sql.identifier("say \"hi\"")).isEqualTo("\"say \"\"hi\"\"\"");
        assertThat(Sql.table(new TableId("S", "select"))).isEqualTo("\"S\".\"select\"");
    }

    @Test
    void whatCannotBeANameIsRefused() {
        assertThatThrownBy(() -> Sql.identifier("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sql.identifier("a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyThatItCannotHoldIsARowThatIsRefused() {
        assertThatThrownBy(() -> KeyRangeSql.text("a\0b"))
                .isInstanceOfSatisfying(
                        ConnectorException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.ROW));
    }

    @Test
    void aConstantStaysOneConstant() {
        assertThat(Sql.literal("it's")).isEqualTo("'it''s'");
        assertThat(Sql.literal("a\\'b")).isEqualTo(" E'a\\\\''b'");
    }
}
