package io.sluice.gateway.keybased;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether tables can be followed by their cursors: what the source says, and what is asked. */
public final class CursorCheck {

    private final PollSettings settings;
    private final List<Finding> findings = new ArrayList<>();

    public CursorCheck(PollSettings settings) {
        this.settings = settings;
    }

    public List<Finding> findings(SourceDatabase source, List<TableDefinition> tables) {
        Map<TableId, String> cursors = new LinkedHashMap<>();
        for (TableDefinition table : tables) {
            Optional<String> cursor = settings.cursors().apply(table.table());
            cursor.filter(column -> isFit(table, column))
                    .ifPresent(column -> cursors.put(table.table(), column));
            if (cursor.isEmpty()) {
                blocks(table, "No cursor is named for it.", "Name a column under `cursor`.");
            }
            if (KeyedDefinition.key(table).isEmpty()) {
                blocks(
                        table,
                        "The table has no primary key, by which rows are told apart.",
                        "Add one, or exclude the table.");
            }
        }
        findings.addAll(source.checkCursors(tables, cursors));
        if (settings.sweep() == null) {
            findings.add(
                    Finding.warns(
                            "deletes",
                            "Deletes are ignored: rows that are deleted on the source stay on the"
                                    + " target.",
                            "Set `deletes: {sweep: 1h}` to find them."));
        } else {
            findings.add(
                    Finding.notes(
                            "deletes",
                            "Deletes reach the target with a sweep, every %d s."
                                    .formatted(settings.sweep().toSeconds())));
        }
        return List.copyOf(findings);
    }

    private boolean isFit(TableDefinition table, String cursor) {
        Optional<ColumnDefinition> column =
                table.columns().stream().filter(c -> c.name().equals(cursor)).findFirst();
        if (column.isEmpty()) {
            blocks(
                    table,
                    "It has no column %s, which is to be its cursor.".formatted(cursor),
                    "Name a column of it under `cursor`, or exclude the table.");
            return false;
        }
        boolean ordered =
                switch (column.get().dataType()) {
                    case DataType.Int t -> true;
                    case DataType.Decimal t -> true;
                    case DataType.DateTime t -> true;
                    case DataType.Moment t -> true;
                    default -> false;
                };
        if (!ordered || !column.get().isReplicated()) {
            blocks(
                    table,
                    "Its cursor %s is %s%s, and not a number or a time that is stored."
                            .formatted(
                                    cursor,
                                    column.get().isReplicated() ? "" : "a computed ",
                                    column.get().nativeType()),
                    "Name a column that grows with each change.");
            return false;
        }
        if (column.get().dataType() instanceof DataType.DateTime) {
            findings.add(
                    Finding.warns(
                            table.table() + "." + cursor,
                            "The cursor is a time without a zone: where its clock is set back at the"
                                    + " end of summer time, an hour's changes are seen by the sweep"
                                    + " only.",
                            "Use a time with a zone, or let all who write set it in UTC."));
        }
        return true;
    }

    private void blocks(TableDefinition table, String problem, String remedy) {
        findings.add(Finding.blocks(table.table().toString(), problem, remedy));
    }
}
