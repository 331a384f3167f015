package io.sluice.connectors.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeyValuesTest {

    @Test
    void whatIsWrittenIsReadBack() {
        List<Object> values =
                List.of(
                        -7L,
                        "a,b\0c",
                        "",
                        true,
                        1.5f,
                        Double.NEGATIVE_INFINITY,
                        new byte[] {0, -1});

        assertThat(KeyValues.of(KeyValues.text(values)))
                .usingRecursiveComparison()
                .isEqualTo(values);
        assertThat(KeyValues.of(KeyValues.text(List.of()))).isEmpty();
        assertThat(KeyValues.of(KeyValues.text(List.of("")))).containsExactly("");
    }

    @Test
    void anotherTextIsRefused() {
        assertThatThrownBy(() -> KeyValues.of("7")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyValues.of("i1,")).isInstanceOf(IllegalArgumentException.class);
    }
}
