package io.sluice.gateway.keybased;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.TableDefinition;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values in a form in which those of two engines can be compared: rows that are equal in it are
 * equal. Those that are not may be all the same, and are then only written once more. Pure.
 */
final class CommonForm {

    private static final Pattern BEHIND_TIME = Pattern.compile("(\\.\\d*?)0*$");

    private static final Pattern ZONE = Pattern.compile("\\+00$");

    private final boolean same;
    private final Set<String> times = new HashSet<>();

    CommonForm(TableDefinition source, TableDefinition target) {
        same = source.engine() == target.engine();
        for (ColumnDefinition column : source.columns()) {
            if (column.dataType() instanceof DataType.Time
                    || column.dataType() instanceof DataType.DateTime
                    || column.dataType() instanceof DataType.Moment) {
                times.add(column.name());
            }
        }
    }

    /** Between equal engines the row itself. */
    Row of(TableSchema schema, Row row) {
        if (same) {
            return row;
        }
        @Nullable Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = of(schema.columns().get(i).name(), row.get(i));
        }
        return Row.of(values);
    }

    private @Nullable Object of(String column, @Nullable Object value) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> bytes;
            case Boolean flag -> flag ? "1" : "0";
            default -> times.contains(column) ? time(value.toString()) : value.toString();
        };
    }

    /** Without zeros at the end of a second, and without the zone, which is always UTC. */
    private static String time(String text) {
        String plain = ZONE.matcher(text).replaceFirst("");
        String cut = BEHIND_TIME.matcher(plain).replaceFirst("$1");
        return cut.endsWith(".") ? cut.substring(0, cut.length() - 1) : cut;
    }
}
