package io.sluice.gateway.route;

import io.sluice.change.Change;
import io.sluice.change.Column;
import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.change.Truncate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns changes of the source into changes of the target. Keeps one route per table, made anew when
 * the table's schema changes; used by one thread.
 */
public final class Router {

    private final Routing routing;
    private final Map<TableId, Route> routes = new HashMap<>();

    public Router(Routing routing) {
        this.routing = routing;
    }

    /** The piece in the target's names, without the changes that do not take part. */
    public TransactionPiece route(TransactionPiece piece) {
        List<Change> routed = new ArrayList<>(piece.changes().size());
        for (Change change : piece.changes()) {
            Change to = route(change);
            if (to != null) {
                routed.add(to);
            }
        }
        return new TransactionPiece(piece.first(), piece.commitTime(), routed, piece.end());
    }

    private @Nullable Change route(Change change) {
        return switch (change) {
            case Truncate truncate -> {
                List<TableSchema> tables =
                        truncate.tables().stream()
                                .map(this::routeOf)
                                .filter(Route::isIncluded)
                                .map(Route::target)
                                .toList();
                yield tables.isEmpty() ? null : new Truncate(tables);
            }
            case RowChange row -> {
                Route route = routeOf(row.table());
                if (!route.isIncluded) {
                    yield null;
                }
                yield route.isIdentical() ? rowUnder(route, row) : projected(route, row);
            }
        };
    }

    private static RowChange rowUnder(Route route, RowChange change) {
        return switch (change) {
            case RowChange.Insert i -> new RowChange.Insert(route.target, i.after());
            case RowChange.Update u -> new RowChange.Update(route.target, u.before(), u.after());
            case RowChange.Delete d -> new RowChange.Delete(route.target, d.before());
        };
    }

    private static RowChange projected(Route route, RowChange change) {
        return switch (change) {
            case RowChange.Insert i -> new RowChange.Insert(route.target, route.project(i.after()));
            case RowChange.Update u ->
                    new RowChange.Update(
                            route.target, route.project(u.before()), route.project(u.after()));
            case RowChange.Delete d ->
                    new RowChange.Delete(route.target, route.project(d.before()));
        };
    }

    private Route routeOf(TableSchema source) {
        Route known = routes.get(source.table());
        if (known == null || (known.source != source && !known.source.equals(source))) {
            known = Route.of(source, routing);
            routes.put(source.table(), known);
        }
        return known;
    }

    /**
     * @param target the source's own schema where the table does not take part
     * @param positions of the source's columns that go on, in the target's order
     */
    private record Route(
            boolean isIncluded, TableSchema source, TableSchema target, int[] positions) {

        static Route of(TableSchema source, Routing routing) {
            if (!routing.includes().test(source.table())) {
                return new Route(false, source, source, new int[0]);
            }
            Set<String> excluded = routing.excludedColumns().apply(source.table());
            List<Column> columns = new ArrayList<>();
            List<Integer> key = new ArrayList<>();
            int[] positions = new int[source.columns().size()];
            for (int i = 0; i < source.columns().size(); i++) {
                Column column = source.columns().get(i);
                if (excluded.contains(column.name())) {
                    continue;
                }
                if (source.key().contains(i)) {
                    key.add(columns.size());
                }
                positions[columns.size()] = i;
                columns.add(column);
            }
            if (key.size() != source.key().size()) {
                throw new IllegalStateException(
                        source.table() + ": a column of its key is excluded, so rows have no name");
            }
            return new Route(
                    true,
                    source,
                    new TableSchema(routing.renames().apply(source.table()), columns, key),
                    Arrays.copyOf(positions, columns.size()));
        }

        boolean isIdentical() {
            return positions.length == source.columns().size();
        }

        Row project(Row row) {
            @Nullable Object[] values = new Object[positions.length];
            for (int i = 0; i < positions.length; i++) {
                values[i] = row.get(positions[i]);
            }
            return Row.of(values);
        }
    }
}
