package io.sluice.connectors.mysql;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ColumnDefinition.Identity;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.RowNumbers;
import io.sluice.connectors.spi.TableDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Reads how {@code AUTO_INCREMENT} columns number new rows of sessions that begin now. */
final class CounterCatalog {

    private static final String SETTINGS =
            "SELECT @@global.auto_increment_increment, @@global.auto_increment_offset";

    private static final String COUNTERS =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME, least(t.AUTO_INCREMENT, %d)
            FROM information_schema.TABLES t
            WHERE t.AUTO_INCREMENT IS NOT NULL AND (t.TABLE_SCHEMA, t.TABLE_NAME) IN %s
            """;

    private static final String REMEDY =
            "SET PERSIST auto_increment_increment = %s, PERSIST auto_increment_offset = %s"
                    .formatted(RowNumbers.STEP, RowNumbers.SITE);

    private final long step;
    private final long offset;
    private final Map<TableId, Long> counters;

    private CounterCatalog(long step, long offset, Map<TableId, Long> counters) {
        this.step = step;
        this.offset = offset;
        this.counters = counters;
    }

    /**
     * @param tables as they stand, or as they would be made
     */
    static List<RowNumbers> read(Connection connection, List<TableDefinition> tables)
            throws SQLException {
        if (tables.isEmpty()) {
            return List.of();
        }
        CounterCatalog catalog = settings(connection, tables);
        List<RowNumbers> numbers = new ArrayList<>();
        for (TableDefinition table : tables) {
            for (ColumnDefinition column : table.columns()) {
                if (column.identity() != Identity.NONE) {
                    numbers.add(catalog.numbers(table.table(), column));
                }
            }
        }
        return numbers;
    }

    private static CounterCatalog settings(Connection connection, List<TableDefinition> tables)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            Map<TableId, Long> counters = new HashMap<>();
            statement.execute(
                    "SET SESSION information_schema_stats_expiry = 0"); // not of yesterday
            String names = Sql.pairs(tables.stream().map(TableDefinition::table).toList());
            try (ResultSet rows =
                    statement.executeQuery(COUNTERS.formatted(Long.MAX_VALUE, names))) {
                while (rows.next()) {
                    counters.put(
                            new TableId(rows.getString(1), rows.getString(2)), rows.getLong(3));
                }
            }
            try (ResultSet row = statement.executeQuery(SETTINGS)) {
                row.next();
                return new CounterCatalog(row.getLong(1), row.getLong(2), counters);
            }
        }
    }

    private RowNumbers numbers(TableId table, ColumnDefinition column) {
        return new RowNumbers(
                table,
                column.name(),
                step,
                next(counters.getOrDefault(table, 1L)),
                1,
                greatest(column.dataType()),
                false,
                REMEDY);
    }

    /** The first number of the offset's that is not below; an offset beyond the step is ignored. */
    private OptionalLong next(long counter) {
        if (step == 1) {
            return OptionalLong.of(counter);
        }
        if (offset > step) {
            return OptionalLong.empty();
        }
        long from = Math.min(counter, Long.MAX_VALUE - step);
        return OptionalLong.of(from + Math.floorMod(offset - from, step));
    }

    private static long greatest(DataType type) {
        int bits =
                type instanceof DataType.Int number
                        ? number.bits() - (number.unsigned() ? 0 : 1)
                        : 63;
        return Long.MAX_VALUE >> Math.max(0, 63 - bits);
    }
}
