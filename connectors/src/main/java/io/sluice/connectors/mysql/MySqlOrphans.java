package io.sluice.connectors.mysql;

import io.sluice.change.Row;
import io.sluice.change.TableId;
import io.sluice.connectors.jdbc.Steps;
import io.sluice.connectors.spi.Orphans;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Looks for them over the connection that writes. */
final class MySqlOrphans implements Orphans {

    private static final int MOST_TOGETHER = 500;

    private final Steps steps;
    private final Connection connection;
    private final SiteRows rows;

    /**
     * @param rows of the same connection
     */
    MySqlOrphans(Steps steps, Connection connection, SiteRows rows) {
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
                                MySqlCatalog.tables(connection, tables),
                                SecondaryCatalog.read(connection, tables)));
    }

    @Override
    public BitSet among(ForeignKey key, List<Row> children) {
        String refers =
                key.columns().stream()
                        .map(column -> " AND " + Sql.identifier(column) + " IS NOT NULL")
                        .collect(Collectors.joining());
        return steps.run(
                "looking for rows without what %s wants".formatted(key.name()),
                () -> rows.places(key.child(), children, refers + " AND " + isMissing(key)));
    }

    @Override
    public List<Row> of(ForeignKey key, List<Row> parents, int most) {
        return steps.run(
                "looking for rows that %s has left".formatted(key.name()),
                () -> {
                    RowStatements parent =
                            new RowStatements(
                                    TargetTable.read(connection, key.parent().table()),
                                    key.parent());
                    List<Row> found = new ArrayList<>();
                    for (int from = 0;
                            from < parents.size() && found.size() < most;
                            from += MOST_TOGETHER) {
                        int to = Math.min(parents.size(), from + MOST_TOGETHER);
                        StringBuilder where = new StringBuilder("(");
                        where.append(Sql.identifiers(key.columns())).append(") IN (");
                        for (int i = from; i < to; i++) {
                            where.append(i == from ? "" : ", ");
                            parent.key(where, parents.get(i));
                        }
                        where.append(") AND ").append(isMissing(key));
                        where.append(" LIMIT ").append(most - found.size());
                        found.addAll(rows.where(key.child(), where.toString()));
                    }
                    return found;
                });
    }

    /** Of the values that a child has, the parent has none. */
    private static String isMissing(ForeignKey key) {
        String child = Sql.table(key.child().table());
        String equal =
                IntStream.range(0, key.columns().size())
                        .mapToObj(
                                i ->
                                        "p.%s = %s.%s"
                                                .formatted(
                                                        Sql.identifier(
                                                                key.parent()
                                                                        .columns()
                                                                        .get(i)
                                                                        .name()),
                                                        child,
                                                        Sql.identifier(key.columns().get(i))))
                        .collect(Collectors.joining(" AND "));
        return "NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s)"
                .formatted(Sql.table(key.parent().table()), equal);
    }
}
