package io.sluice.connectors.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PostgresDataTypesTest {

    @Test
    void everyBuiltInTypeOfTheServerIsKnown() {
        try (Database database = Database.create()) {
            List<String> ofColumns =
                    database.rows(
                            """
                            SELECT format_type(t.oid, NULL) FROM pg_type t
                            WHERE t.typnamespace = 'pg_catalog'::regnamespace
                              AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
                              AND t.typname !~ '^pg_(node_tree|ndistinct|dependencies|mcv_list|brin)'
                            """);
            List<String> known =
                    PostgresDataTypes.BUILT_IN.stream()
                            .map(type -> type.replaceAll("\\([0-9,]+\\)", ""))
                            .toList();
            assertThat(known).containsAll(ofColumns.stream().filter(t -> !isArray(t)).toList());
        }
    }

    private static boolean isArray(String type) {
        return type.endsWith("[]");
    }

    @Test
    void typesAreReadWithTheirSizes() {
        assertThat(of("numeric(12,2)")).isEqualTo(new DataType.Decimal(12, 2, false));
        assertThat(of("numeric(3,-2)")).isEqualTo(new DataType.Decimal(3, -2, false));
        assertThat(of("numeric")).isEqualTo(new DataType.Decimal(0, 0, false));
        assertThat(of("character varying(10)")).isEqualTo(new DataType.Chars(false, 10));
        assertThat(of("timestamp(3) with time zone")).isEqualTo(new DataType.Moment(3));
        assertThat(of("timestamp without time zone")).isEqualTo(new DataType.DateTime(6));
        assertThat(of("time(0) without time zone")).isEqualTo(new DataType.Time(0));
        assertThat(of("bit varying")).isEqualTo(new DataType.Bits(true, 0));
        for (String own :
                List.of(
                        "integer[]",
                        "public.citext",
                        "\"S\".mood",
                        "interval",
                        "time with time zone")) {
            assertThat(of(own)).as(own).isEqualTo(new DataType.Native(LogicalType.TEXT));
        }
        assertThat(PostgresDataTypes.of("public.mood", List.of("sad", "glad")))
                .isEqualTo(new DataType.Choice(List.of("sad", "glad")));
    }

    private static DataType of(String type) {
        return PostgresDataTypes.of(type, List.of());
    }
}
