package io.sluice.gateway.keybased;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommonFormTest {

    private static final TableDefinition POSTGRES =
            table(
                    Engine.POSTGRESQL,
                    new DataType.Bool(),
                    new DataType.Moment(6),
                    new DataType.Chars(false, 9));
    private static final TableDefinition MYSQL =
            table(
                    Engine.MYSQL,
                    new DataType.Int(8, false),
                    new DataType.DateTime(6),
                    new DataType.Chars(false, 9));

    private final CommonForm across = new CommonForm(POSTGRES, MYSQL);

    @Test
    void whatTwoEnginesPrintOtherwiseIsTheSame() {
        assertThat(one(true, "2024-02-29 12:00:00.5+00", "a"))
                .isEqualTo(other(1L, "2024-02-29 12:00:00.500000", "a"));
        assertThat(one(false, "2024-02-29 12:00:10+00", null))
                .isEqualTo(other(0L, "2024-02-29 12:00:10.000000", null));
    }

    @Test
    void whatIsOtherStaysOther() {
        assertThat(one(true, "2024-02-29 12:00:00.5+00", "a"))
                .isNotEqualTo(other(0L, "2024-02-29 12:00:00.500000", "a"));
        assertThat(one(true, "2024-02-29 12:00:00.5+00", "a"))
                .isNotEqualTo(other(1L, "2024-02-29 12:00:00.050000", "a"));
        assertThat(one(true, "2024-02-29 12:00:10+00", "a.50"))
                .isNotEqualTo(other(1L, "2024-02-29 12:00:10.000000", "a.5"));
    }

    private Row one(Object... values) {
        return across.of(POSTGRES.schema(), Row.of(values));
    }

    private Row other(Object... values) {
        return across.of(MYSQL.schema(), Row.of(values));
    }

    private static TableDefinition table(Engine engine, DataType... types) {
        List<ColumnDefinition> columns = new ArrayList<>();
        for (DataType type : types) {
            columns.add(
                    new ColumnDefinition(
                            "c" + columns.size(),
                            type,
                            "any",
                            true,
                            null,
                            null,
                            Identity.NONE,
                            null));
        }
        return new TableDefinition(
                new TableId("s", "t"),
                engine,
                columns,
                List.of("c0"),
                List.of(),
                List.of("c0"),
                RowIdentity.KEY,
                false,
                -1,
                -1);
    }
}
