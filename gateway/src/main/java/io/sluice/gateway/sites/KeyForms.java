package io.sluice.gateway.sites;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.TableDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether one key's values look the same at both sites, found before it begins: a row is known by
 * them, in the forms in which they come out of either log.
 */
public final class KeyForms {

    /** Compares texts by their characters, of which spaces at the end are some. */
    private static final String EXACT = "utf8mb4_0900_bin";

    private static final String TYPES =
            "Between sites use a key of whole numbers, text, uuid, dates or times.";

    private final Function<List<TableDefinition>, List<TableDefinition>> there;
    private final boolean copies;

    /**
     * @param there each table as it stands at the other site, or as it would be made there
     * @param copies whether the rows of this site are copied to the other one
     */
    public KeyForms(Function<List<TableDefinition>, List<TableDefinition>> there, boolean copies) {
        this.there = there;
        this.copies = copies;
    }

    List<Finding> findings(List<TableDefinition> tables) {
        List<TableDefinition> keyed =
                tables.stream().filter(table -> table.schema().hasKey()).toList();
        List<TableDefinition> others = there.apply(keyed);
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < keyed.size(); i++) {
            compare(keyed.get(i), others.get(i), findings);
        }
        return findings;
    }

    private void compare(TableDefinition table, TableDefinition other, List<Finding> findings) {
        Set<String> key = new HashSet<>(table.replicaKey());
        if (!key.equals(Set.copyOf(other.replicaKey()))) {
            findings.add(
                    Finding.blocks(
                            table.table().toString(),
                            "Rows are known by %s, and at the other site by %s."
                                    .formatted(table.replicaKey(), other.replicaKey()),
                            "Give both tables the same primary key."));
            return;
        }
        Map<String, ColumnDefinition> columns = new HashMap<>();
        other.columns().forEach(column -> columns.put(column.name(), column));
        for (ColumnDefinition column : table.columns()) {
            ColumnDefinition same = columns.get(column.name());
            if (same != null && key.contains(column.name())) {
                differs(column, same, table.engine() == other.engine())
                        .ifPresent(
                                remedy ->
                                        findings.add(
                                                Finding.blocks(
                                                        table.table() + "." + column.name(),
                                                        "The key's values look different at the other site, where the column is %s."
                                                                .formatted(same.nativeType()),
                                                        remedy)));
            }
        }
    }

    /** What is to be done about it; empty where nothing is. */
    private Optional<String> differs(
            ColumnDefinition here, ColumnDefinition there, boolean sameEngine) {
        if (!sameEngine && areUuids(here, there)) {
            // By the log, one in another form than PostgreSQL's is refused. A copy takes it.
            return copies && mayBeUuid(here)
                    ? Optional.of("Name a PostgreSQL site first in `between`.")
                    : Optional.empty();
        }
        boolean same =
                switch (here.dataType()) {
                    case DataType.Int number ->
                            there.dataType() instanceof DataType.Int other
                                    && other.logicalType() == number.logicalType();
                    case DataType.Decimal number ->
                            there.dataType() instanceof DataType.Decimal other
                                    && other.scale() == number.scale();
                    case DataType.Chars chars ->
                            there.dataType() instanceof DataType.Chars other
                                    && other.fixed() == chars.fixed();
                    case DataType.DateTime time ->
                            sameEngine && time.equals(there.dataType()); // zeros at their ends
                    case DataType.Moment time -> sameEngine && time.equals(there.dataType());
                    default -> here.dataType().getClass() == there.dataType().getClass();
                };
        if (!same) {
            return Optional.of("Give the column the same type at both sites. " + TYPES);
        }
        return unfit(there);
    }

    private static boolean areUuids(ColumnDefinition one, ColumnDefinition other) {
        return one.dataType() instanceof DataType.Uuid && mayBeUuid(other)
                || other.dataType() instanceof DataType.Uuid && mayBeUuid(one);
    }

    /** Whether it is to be judged along with the other site's column. */
    static boolean mayBeUuid(ColumnDefinition column) {
        return column.dataType() instanceof DataType.Chars text && text.length() == 36;
    }

    /** What is to be done where equal values may look different, or different ones be equal. */
    static Optional<String> unfit(ColumnDefinition column) {
        return switch (column.dataType()) {
            case DataType.Bool bool -> Optional.empty();
            case DataType.Int whole -> Optional.empty();
            case DataType.Decimal decimal when decimal.precision() > 0 -> Optional.empty();
            case DataType.Chars chars when !chars.fixed() -> unfitText(column.collation());
            case DataType.Binary binary when !binary.fixed() -> Optional.empty();
            case DataType.Date date -> Optional.empty();
            case DataType.DateTime time -> Optional.empty();
            case DataType.Moment moment -> Optional.empty();
            case DataType.Uuid uuid -> Optional.empty();
            case DataType.Choice choice -> Optional.empty();
            default -> Optional.of(TYPES);
        };
    }

    /** Only MySQL names the collation of every text; in PostgreSQL, a user's own alone. */
    private static Optional<String> unfitText(@Nullable String collation) {
        if (collation == null || collation.startsWith("pg_catalog.") || collation.equals(EXACT)) {
            return Optional.empty();
        }
        return Optional.of(
                "On MySQL MODIFY the column with COLLATE %s, or make it VARBINARY; on PostgreSQL take a collation of the server's own."
                        .formatted(EXACT));
    }
}
