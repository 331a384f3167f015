package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.TableDefinition;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@code COPY}'s binary format means the same to two PostgreSQL servers. It does for these
 * types; not for those whose form holds the numbers of catalog entries ({@code regclass}, arrays
 * and composites of users' types), or hangs on a locale ({@code money}).
 */
final class BinaryCopy {

    private static final Set<String> TYPES =
            Set.of(
                    "smallint",
                    "integer",
                    "bigint",
                    "numeric",
                    "real",
                    "double precision",
                    "boolean",
                    "character",
                    "character varying",
                    "text",
                    "bpchar",
                    "name",
                    "bytea",
                    "date",
                    "time without time zone",
                    "time with time zone",
                    "timestamp without time zone",
                    "timestamp with time zone",
                    "interval",
                    "bit",
                    "bit varying",
                    "uuid",
                    "json",
                    "jsonb",
                    "inet",
                    "cidr",
                    "macaddr",
                    "macaddr8",
                    "point",
                    "line",
                    "lseg",
                    "box",
                    "path",
                    "polygon",
                    "circle",
                    "tsvector",
                    "pg_lsn");

    private BinaryCopy() {}

    static boolean suits(TableDefinition wanted, TableDefinition standing) {
        Map<String, ColumnDefinition> there =
                standing.columns().stream()
                        .collect(Collectors.toMap(ColumnDefinition::name, Function.identity()));
        return wanted.columns().stream()
                .filter(ColumnDefinition::isReplicated)
                .allMatch(column -> suits(column, there.get(column.name())));
    }

    private static boolean suits(ColumnDefinition wanted, @Nullable ColumnDefinition standing) {
        return standing != null
                && standing.nativeType().equals(wanted.nativeType())
                && TYPES.contains(withoutLength(wanted.nativeType()));
    }

    /** {@code timestamp(3) with time zone} is {@code timestamp with time zone}, in arrays too. */
    private static String withoutLength(String type) {
        return type.replaceFirst("\\([0-9,]+\\)", "").replaceFirst("(\\[\\])+$", "");
    }
}
