package io.sluice.gateway.apply;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableOperation.DeleteRows;
import io.sluice.connectors.spi.TargetSession;
import java.util.ArrayList;
import java.util.List;

/** Makes room for rows on a target whose unique keys hold older ones. */
public final class UniqueKeys {

    private UniqueKeys() {}

    /** All unique keys of a table of the target, its primary key among them. */
    public static List<List<String>> of(TableDefinition table) {
        List<List<String>> all = new ArrayList<>(table.uniqueKeys());
        if (!table.primaryKey().isEmpty()) {
            all.add(table.primaryKey());
        }
        return all;
    }

    /** The keys that {@code table} has all columns of, as schemas that name rows by them. */
    public static List<TableSchema> schemas(TableSchema table, List<List<String>> keys) {
        List<TableSchema> schemas = new ArrayList<>();
        for (List<String> key : keys) {
            List<Integer> positions = new ArrayList<>();
            for (int i = 0; i < table.columns().size(); i++) {
                if (key.contains(table.columns().get(i).name())) {
                    positions.add(i);
                }
            }
            if (positions.size() == key.size()) {
                schemas.add(new TableSchema(table.table(), table.columns(), positions));
            }
        }
        return schemas;
    }

    /** Deletes what stands under the values that the rows have in these keys. */
    public static void makeRoom(TargetSession session, List<TableSchema> keys, List<Row> rows) {
        for (TableSchema key : keys) {
            List<Row> named =
                    rows.stream()
                            .filter(row -> key.key().stream().allMatch(i -> row.get(i) != null))
                            .toList();
            if (!named.isEmpty()) {
                session.execute(new DeleteRows(key, named));
            }
        }
    }
}
