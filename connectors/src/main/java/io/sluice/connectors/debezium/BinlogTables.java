package io.sluice.connectors.debezium;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.sluice.change.LogicalType;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicated tables as the log has announced them. Used by one thread.
 *
 * <p>The names of columns are those that the statements in the log gave them, so that a row from
 * before a change of its table is read under the columns of then. The log itself says, before each
 * statement's rows, of which types the columns are; where the two do not fit each other, the source
 * ends rather than put a value under a wrong name.
 */
final class BinlogTables {

    private static final Logger log = LoggerFactory.getLogger(BinlogTables.class);

    private final MySqlCaptureSettings settings;
    private final Function<TableId, @Nullable Table> definitions;
    private final Map<Long, BinlogTable> byNumber = new HashMap<>();
    private final Map<TableId, Announced> latest = new HashMap<>();

    /** What a table was read from. */
    private record Announced(
            Table definition, byte[] types, int[] metas, List<String> charsets, BinlogTable table) {

        boolean isOf(Table now, TableMapEventData map, List<String> charsetsNow) {
            return definition == now
                    && Arrays.equals(types, map.getColumnTypes())
                    && Arrays.equals(metas, map.getColumnMetadata())
                    && charsets.equals(charsetsNow);
        }
    }

    /**
     * @param definitions the tables as the statements up to now have left them
     */
    BinlogTables(MySqlCaptureSettings settings, Function<TableId, @Nullable Table> definitions) {
        this.settings = settings;
        this.definitions = definitions;
    }

    /** The table that the log has given this number to; null where it is not replicated. */
    @Nullable BinlogTable byNumber(long number) {
        return byNumber.get(number);
    }

    void announce(TableMapEventData map) {
        TableId id = new TableId(map.getDatabase(), map.getTable());
        if (!settings.tables().contains(id)) {
            byNumber.remove(map.getTableId());
            return;
        }
        Table definition = definitions.apply(id);
        if (definition == null) {
            throw unfit(id, "its definition was not in the log");
        }
        List<String> charsets = BinlogCharsets.of(map);
        Announced known = latest.get(id);
        if (known == null || !known.isOf(definition, map, charsets)) {
            known =
                    new Announced(
                            definition,
                            map.getColumnTypes(),
                            map.getColumnMetadata(),
                            charsets,
                            make(id, definition, map, charsets));
            latest.put(id, known);
        }
        byNumber.put(map.getTableId(), known.table());
    }

    /** The numbers mean nothing any more: the log goes on in a new file. */
    void forgetNumbers() {
        byNumber.clear();
    }

    private BinlogTable make(
            TableId id, Table definition, TableMapEventData map, List<String> charsets) {
        List<Column> columns = definition.columns();
        requireFit(id, columns, map);
        TableDefinition now = settings.catalog().apply(id);
        Set<String> generated = generated(now);
        List<CellReader> readers = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        List<io.sluice.change.Column> carried = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            CellReader reader = reader(id, column, i, map, charsets);
            readers.add(reader);
            if (generated.contains(column.name())) {
                positions.add(-1);
                continue;
            }
            if (reader.type() != MySqlColumns.typeOf(column)) {
                throw unfit(id, "column %s is of another type".formatted(column.name()));
            }
            positions.add(carried.size());
            carried.add(new io.sluice.change.Column(column.name(), reader.type()));
        }
        return new BinlogTable(schema(id, carried, definition, now), readers, positions);
    }

    private CellReader reader(
            TableId id, Column column, int i, TableMapEventData map, List<String> charsets) {
        try {
            return CellReaders.of(
                    column,
                    map.getColumnTypes()[i] & 0xFF,
                    map.getColumnMetadata()[i],
                    charsets.isEmpty() || charsets.get(i).isEmpty() ? null : charsets.get(i));
        } catch (IllegalArgumentException e) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s: column %s of %s cannot be read: %s"
                            .formatted(settings.pipeline(), column.name(), id, e.getMessage()),
                    e);
        }
    }

    private void requireFit(TableId id, List<Column> columns, TableMapEventData map) {
        if (columns.size() != map.getColumnTypes().length) {
            throw unfit(
                    id,
                    "%d columns where the log has %d"
                            .formatted(columns.size(), map.getColumnTypes().length));
        }
        TableMapEventMetadata metadata = map.getEventMetadata();
        List<String> names = metadata == null ? null : metadata.getColumnNames();
        if (names != null && !names.equals(columns.stream().map(Column::name).toList())) {
            throw unfit(id, "the log has other names of columns");
        }
    }

    private ConnectorException unfit(TableId id, String how) {
        return new ConnectorException(
                ErrorClass.FATAL,
                ("%s: reading the log: what is known of table %s does not fit its changes: %s."
                                + " Copy the table again")
                        .formatted(settings.pipeline(), id, how));
    }

    /** The table as it is known now, of which the log has announced nothing. */
    TableSchema schema(TableId id) {
        Table definition = definitions.apply(id);
        if (definition == null) {
            throw unfit(id, "its definition was not in the log");
        }
        TableDefinition now = settings.catalog().apply(id);
        Set<String> generated = generated(now);
        List<io.sluice.change.Column> carried = new ArrayList<>();
        for (Column column : definition.columns()) {
            if (!generated.contains(column.name())) {
                LogicalType type = MySqlColumns.typeOf(column);
                carried.add(new io.sluice.change.Column(column.name(), type));
            }
        }
        return schema(id, carried, definition, now);
    }

    static Set<String> generated(@Nullable TableDefinition now) {
        return now == null
                ? Set.of()
                : now.columns().stream()
                        .filter(column -> !column.isReplicated())
                        .map(ColumnDefinition::name)
                        .collect(Collectors.toSet());
    }

    private TableSchema schema(
            TableId id,
            List<io.sluice.change.Column> carried,
            Table definition,
            @Nullable TableDefinition now) {
        Set<String> key = key(id, definition, now);
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < carried.size(); i++) {
            if (key.contains(carried.get(i).name())) {
                positions.add(i);
            }
        }
        TableSchema schema =
                new TableSchema(
                        id, carried, positions.size() == key.size() ? positions : List.of());
        Announced before = latest.get(id);
        return before != null && before.table().schema().equals(schema)
                ? before.table().schema()
                : schema;
    }

    /**
     * The key that the catalog has now, if the statements in the log know it as one too. Otherwise
     * none: the log has whole rows, and by all its values a row is always found.
     */
    private Set<String> key(TableId id, Table definition, @Nullable TableDefinition now) {
        Set<String> ofThen = new HashSet<>(definition.primaryKeyColumnNames());
        if (now == null || now.replicaKey().isEmpty() || ofThen.isEmpty()) {
            return Set.of();
        }
        Set<String> ofNow = new HashSet<>(now.replicaKey());
        boolean known =
                ofNow.equals(ofThen)
                        || now.primaryKey().isEmpty()
                                && now.uniqueKeys().stream()
                                        .anyMatch(unique -> ofThen.equals(new HashSet<>(unique)));
        if (!known) {
            log.warn(
                    "{}: the key of {} was changed since; until the log gets there its rows are"
                            + " found by all their values",
                    settings.pipeline(),
                    id);
            return Set.of();
        }
        return ofNow;
    }
}
