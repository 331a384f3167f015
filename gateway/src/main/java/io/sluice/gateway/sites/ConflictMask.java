package io.sluice.gateway.sites;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.change.TableId;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes the values of masked columns out of conflicts before they are on record: what is left says
 * whether the change would have another one than the row that it met. Thread-safe.
 *
 * @param columns the masked ones, by a table's name at the target
 * @param ofSource the same, by its name at the source
 */
public record ConflictMask(
        Function<TableId, Set<String>> columns, Function<TableId, Set<String>> ofSource) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MARK = "masked";

    /** A row is found by its key, and so the key is on record. Of tables of the source. */
    List<Finding> findings(List<TableDefinition> tables) {
        List<Finding> findings = new ArrayList<>();
        for (TableDefinition table : tables) {
            Set<String> masked = ofSource.apply(table.table());
            table.replicaKey().stream()
                    .filter(masked::contains)
                    .forEach(
                            column ->
                                    findings.add(
                                            Finding.blocks(
                                                    table.table() + "." + column,
                                                    "A column of the key cannot be masked: conflicts are recorded by their row's key.",
                                                    "Take it out of conflict.mask, or take the table out of the replication.")));
        }
        findings.addAll(unknown(tables));
        return findings;
    }

    /** Names that no table has for which they are masked: most likely misspelt. */
    private List<Finding> unknown(List<TableDefinition> tables) {
        Set<String> named = new TreeSet<>();
        Set<String> found = new HashSet<>();
        for (TableDefinition table : tables) {
            Set<String> masked = ofSource.apply(table.table());
            named.addAll(masked);
            table.columns().stream()
                    .map(ColumnDefinition::name)
                    .filter(masked::contains)
                    .forEach(found::add);
        }
        named.removeAll(found);
        return named.stream()
                .map(
                        column ->
                                Finding.blocks(
                                        "conflict.mask",
                                        "No table has the column `%s` that is to be masked in it."
                                                .formatted(column),
                                        "Write its name as the source does, upper and lower case included."))
                .toList();
    }

    ConflictRecord masked(ConflictRecord conflict) {
        Set<String> masked = columns.apply(conflict.row().table());
        if (masked.isEmpty()) {
            return conflict;
        }
        ObjectNode key = parsed(conflict.key());
        ObjectNode incoming = parsed(conflict.incoming());
        ObjectNode standing = parsed(conflict.standing());
        ObjectNode result = parsed(conflict.result());
        for (String column : masked) {
            if (!key.has(column)) {
                String mark = isSame(conflict, incoming, standing, column) ? "same" : "differs";
                mask(incoming, column, mark);
                mask(standing, column, mark);
                mask(result, column, mark);
            }
        }
        return new ConflictRecord(
                conflict.id(),
                conflict.row(),
                conflict.key(),
                conflict.kind(),
                conflict.resolution(),
                conflict.reason(),
                conflict.policy(),
                conflict.operation(),
                conflict.incomingVersion(),
                conflict.standingVersion(),
                conflict.incoming() == null ? null : incoming.toString(),
                conflict.standing() == null ? null : standing.toString(),
                conflict.result() == null ? null : result.toString(),
                conflict.at());
    }

    /** A value that the change does not have is not changed by it. */
    private static boolean isSame(
            ConflictRecord conflict, JsonNode incoming, JsonNode standing, String column) {
        if (conflict.incoming() == null || conflict.standing() == null) {
            return false;
        }
        return !incoming.has(column) || incoming.get(column).equals(standing.get(column));
    }

    private static void mask(ObjectNode row, String column, String mark) {
        if (row.has(column)) {
            row.putObject(column).put(MARK, mark);
        }
    }

    private static ObjectNode parsed(@Nullable String row) {
        try {
            return row == null ? JSON.createObjectNode() : (ObjectNode) JSON.readTree(row);
        } catch (JsonProcessingException e) {
            // Without its cause, which would show the text.
            throw new IllegalStateException("a row that is not JSON");
        }
    }
}
