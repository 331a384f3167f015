package io.sluice.connectors.postgres;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.CopyLineReader;
import io.sluice.connectors.spi.Orphans;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks for them over the connection that writes. */
final class PostgresOrphans implements Orphans {

    /** Of which the values are in the statement's own text. */
    private static final int MOST_IN_TEXT = 1_000;

    private final Steps steps;
    private final Connection connection;
    private final RowLocks rows;

    /**
     * @param rows of the same connection
     */
    PostgresOrphans(Steps steps, Connection connection, RowLocks rows) {
        this.steps = steps;
        this.connection = connection;
        this.rows = rows;
    }

    @Override
    public List<ForeignKey> foreignKeys(Set<TableId> tables) {
        return steps.run(
                "reading foreign keys",
                () ->
                        ForeignKey.among(
                                PostgresCatalog.tables(connection, tables),
                                SecondaryCatalog.read(connection, tables)));
    }

    @Override
    public BitSet among(ForeignKey key, List<Row> children) {
        String refers =
                key.columns().stream()
                        .map(column -> "t." + Sql.identifier(column) + " IS NOT NULL AND ")
                        .collect(Collectors.joining());
        return steps.run(
                "looking for rows without what %s wants".formatted(key.name()),
                () -> rows.places(key.child(), children, "WHERE " + refers + isMissing(key, "t")));
    }

    @Override
    public List<Row> of(ForeignKey key, List<Row> parents, int most) {
        return steps.run(
                "looking for rows that %s has left".formatted(key.name()),
                () -> {
                    List<Row> found = new ArrayList<>();
                    CopyLineReader reader = new CopyLineReader(key.child());
                    for (int from = 0;
                            from < parents.size() && found.size() < most;
                            from += MOST_IN_TEXT) {
                        int to = Math.min(parents.size(), from + MOST_IN_TEXT);
                        String sql = left(key, parents.subList(from, to), most - found.size());
                        rows.lines(sql).forEach(line -> found.add(reader.row(line)));
                    }
                    return found;
                });
    }

    private String left(ForeignKey key, List<Row> parents, int most) throws SQLException {
        TargetTable parent = rows.target(key.parent());
        TableSchema child = key.child();
        return "COPY (SELECT %s FROM %s AS t WHERE (%s) IN (VALUES %s) AND %s LIMIT %d) TO STDOUT"
                .formatted(
                        child.columns().stream()
                                .map(column -> "t." + Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")),
                        RowStatements.rowsOf(rows.target(child)),
                        key.columns().stream()
                                .map(column -> "t." + Sql.identifier(column))
                                .collect(Collectors.joining(", ")),
                        parents.stream()
                                .map(row -> RowStatements.constants(parent, key.parent(), row))
                                .collect(Collectors.joining("), (", "(", ")")),
                        isMissing(key, "t"),
                        most);
    }

    /** Of the values that a child has, the parent has none. */
    private String isMissing(ForeignKey key, String child) throws SQLException {
        TargetTable parent = rows.target(key.parent());
        String equal =
                IntStream.range(0, key.columns().size())
                        .mapToObj(
                                i -> {
                                    String name = key.parent().columns().get(i).name();
                                    return "p.%s %s %s.%s"
                                            .formatted(
                                                    Sql.identifier(name),
                                                    parent.column(name).equality(),
                                                    child,
                                                    Sql.identifier(key.columns().get(i)));
                                })
                        .collect(Collectors.joining(" AND "));
        return "NOT EXISTS (SELECT FROM %s AS p WHERE %s)"
                .formatted(RowStatements.rowsOf(parent), equal);
    }
}
