package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.OwnWrites;
import io.sluice.conflict.Recollection.Verdict;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.SharedRecollection;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The versions of a new site's rows of tables whose policies ask for more than the last write: what
 * the first site kept of each at the moment, put together with what it wrote itself since the
 * agreed time ({@link SharedRecollection#handedOver}). Used by one thread.
 *
 * <p>What the first site wrote is folded in memory from the agreed time on, for all that will come
 * has seen what it wrote before. Nothing is taken from a transaction that ends after the moment:
 * the rows do not have it, and when it comes it would count as known already.
 */
final class JoinedParts {

    private final Origin first;
    private final Origin joining;
    private final HybridTimestamp agreed;
    private final Function<TableSchema, TablePolicy> policies;
    private final Map<TableId, TablePolicy> tables = new HashMap<>();
    private final int most;
    private final Map<RowName, Written> told = new HashMap<>();
    private final Map<RowName, Written> open = new HashMap<>();
    private long size;

    /**
     * @param key of the row
     */
    private record Written(String key, OwnWrites writes) {

        int size() {
            return 1 + writes.size();
        }
    }

    /**
     * @param log of the first site, read for the new one
     * @param agreed with the log's other readers
     * @param tables that are copied, in the new site's names, as the policies are asked
     */
    JoinedParts(
            LocalLog log,
            HybridTimestamp agreed,
            Function<TableSchema, TablePolicy> policies,
            List<TableSchema> tables) {
        this(log, agreed, policies, tables, UnseenLimits.IN_ALL);
    }

    JoinedParts(
            LocalLog log,
            HybridTimestamp agreed,
            Function<TableSchema, TablePolicy> policies,
            List<TableSchema> tables,
            int most) {
        this.first = log.site();
        this.joining = log.peer();
        this.agreed = agreed;
        this.policies = policies;
        this.most = most;
        for (TableSchema table : tables) {
            if (table.hasKey() && policies.apply(table).asksHistory()) {
                this.tables.put(table.table(), policies.apply(table));
            }
        }
    }

    /** Whether the versions of a table's rows, in the new site's names, are brought here. */
    boolean takes(TableId table) {
        return tables.containsKey(table);
    }

    /**
     * Hears a piece of the first site's own writes. One that ends its transaction does so before
     * the moment.
     *
     * @param piece in the new site's names
     * @throws ConnectorException FATAL if it is too much to be kept in mind
     */
    void hear(TransactionPiece piece, Stamp stamp) {
        if (piece.first()) {
            dropOpen();
        }
        if (stamp.version().at().compareTo(agreed) > 0) {
            for (Change change : piece.changes()) {
                if (change instanceof RowChange row && takes(row.table().table())) {
                    RowStep.of(row).forEach(step -> written(step, stamp));
                }
            }
        }
        if (piece.end().isPresent()) {
            open.forEach(
                    (name, written) -> {
                        Written before = told.put(name, written);
                        size -= before == null ? 0 : before.size();
                    });
            open.clear();
        }
    }

    private void dropOpen() {
        open.values().forEach(written -> size -= written.size());
        open.clear();
    }

    private void written(RowStep step, Stamp stamp) {
        TableSchema table = step.change().table();
        TouchedRow row = new TouchedRow(RowKey.of(table, step.row()), table, step.row());
        String key = row.keyText();
        RowName name = MeshVersions.name(row, key);
        Written before = open.containsKey(name) ? open.get(name) : told.get(name);
        OwnWrites.after(
                        Optional.ofNullable(before).map(Written::writes),
                        policies.apply(table),
                        step.change(),
                        stamp.version(),
                        joining,
                        agreed)
                .ifPresent(writes -> note(name, new Written(key, writes)));
    }

    private void note(RowName name, Written written) {
        Written before = open.put(name, written);
        size += written.size() - (before == null ? 0 : before.size());
        if (size > most) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "%s has written more than %d rows and parts of rows with versions of their own while %s was about to be filled, more than can be kept in mind. Give the gateway more memory (-Xmx), or let less be written there until %s has joined, and restart the pipeline."
                            .formatted(first, most, joining, joining));
        }
    }

    /**
     * Hands over the versions of all rows, when everything up to the moment was heard.
     *
     * @param memory of the first site at the moment
     * @param kept the name under which it kept versions
     * @param names of the tables at the new site
     * @param batch of so many at most
     */
    void bring(
            SiteSnapshot memory,
            String kept,
            UnaryOperator<TableId> names,
            int batch,
            Consumer<List<StoredVersion>> keep) {
        dropOpen();
        if (tables.isEmpty()) {
            return;
        }
        memory.versions(
                kept,
                batch,
                stored -> {
                    List<StoredVersion> rows = new ArrayList<>();
                    for (StoredVersion each : stored) {
                        TableId table = names.apply(each.row().table());
                        if (takes(table)) {
                            rows.add(merged(new RowName(table, each.row().keyHash()), each));
                        }
                    }
                    keep.accept(rows);
                });
        List<StoredVersion> rest = new ArrayList<>();
        for (Iterator<Map.Entry<RowName, Written>> left = told.entrySet().iterator();
                left.hasNext(); ) {
            Map.Entry<RowName, Written> each = left.next();
            Written written = each.getValue();
            rest.add(
                    version(
                            each.getKey(),
                            written.key(),
                            Optional.of(written.writes()),
                            Optional.empty()));
            left.remove();
            if (rest.size() == batch || !left.hasNext()) {
                keep.accept(rest);
                rest = new ArrayList<>();
            }
        }
    }

    private StoredVersion merged(RowName name, StoredVersion kept) {
        Verdict verdict = new Verdict(VersionText.rowVersion(kept.version()), kept.decided());
        Optional<OwnWrites> own = Optional.ofNullable(told.remove(name)).map(Written::writes);
        return version(name, kept.key(), own, Optional.of(verdict));
    }

    private StoredVersion version(
            RowName name, String key, Optional<OwnWrites> own, Optional<Verdict> kept) {
        TablePolicy policy = Objects.requireNonNull(tables.get(name.table()));
        RowVersion version = new SharedRecollection(first, first, policy, own, kept).handedOver();
        return new StoredVersion(name, key, VersionText.of(version), HybridTimestamp.ZERO);
    }
}
