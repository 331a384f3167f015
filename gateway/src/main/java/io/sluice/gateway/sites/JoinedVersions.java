package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.HybridTimestamp;
import io.sluice.change.RowChange;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.conflict.RowVersion;
import io.sluice.conflict.TablePolicy;
import io.sluice.conflict.Version;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.connectors.spi.SiteSession.StoredVersion;
import io.sluice.connectors.spi.SiteSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Brings the versions of the rows that a new site was filled with: those that the first site kept
 * of others' writes, and those of its own, which its log tells. Used by one thread.
 *
 * <p>They are committed in parts. Nobody asks for them before the site's pipelines begin, and what
 * a join that was cut off left behind is forgotten first.
 *
 * <p>All are kept as decided before anything was written at the site, so that they are forgotten
 * with the first moment there that all others have seen: that moment has all that was copied.
 *
 * <p>Those of rows that are of many writes are {@link JoinedParts}.
 */
public final class JoinedVersions {

    /** That are written at once. */
    private static final int BATCH = 5_000;

    private static final HybridTimestamp EVER = new HybridTimestamp(Long.MAX_VALUE, 0);

    private final LocalLog log;
    private final SourcePosition moment;
    private SourcePosition read;
    private boolean holdsRows;
    private final Supplier<SiteSession> session;
    private final Runnable commit;
    private final Map<RowName, StoredVersion> own = new HashMap<>();
    private final JoinedParts parts;
    private Runnable bringParts = () -> {};

    /**
     * @param log a reader of the first site's log that nobody else hears or asks
     * @param from where that log is heard from
     * @param moment that was copied
     * @param session begins a transaction at the new site, or goes on with it
     * @param commit ends it
     * @param agreed with the log's other readers, before the moment
     * @param policies by a table in the new site's names
     * @param tables that were copied, in these names
     */
    public JoinedVersions(
            LocalLog log,
            ReadingPoint from,
            SourcePosition moment,
            Supplier<SiteSession> session,
            Runnable commit,
            HybridTimestamp agreed,
            Function<TableSchema, TablePolicy> policies,
            List<TableSchema> tables) {
        this.parts = new JoinedParts(log, agreed, policies, tables);
        this.moment = moment;
        this.read = from.position();
        this.session = session;
        this.commit = commit;
        this.log = log;
        log.peerHasSeen(EVER); // nobody asks this one which rows were written
        log.begin(from, urgent -> {});
    }

    /**
     * Takes over what the first site kept at the moment, and what it refuses for it has forgotten
     * it.
     *
     * @param name under which it kept that
     * @param names of the tables at the new site
     */
    public void take(SiteSnapshot memory, String name, UnaryOperator<TableId> names) {
        session.get().forget(EVER);
        session.get().remember(new SiteSession.Memory(memory.forgotten(name), ""));
        commit.run();
        memory.versions(
                name,
                BATCH,
                batch ->
                        keep(
                                batch.stream()
                                        .map(each -> moved(each, names))
                                        .filter(each -> !parts.takes(each.row().table()))
                                        .toList()));
        bringParts = () -> parts.bring(memory, name, names, BATCH, this::keep);
    }

    private void keep(List<StoredVersion> versions) {
        if (!versions.isEmpty()) {
            session.get().keep(versions);
            commit.run();
        }
    }

    private static StoredVersion moved(StoredVersion of, UnaryOperator<TableId> names) {
        RowName row = new RowName(names.apply(of.row().table()), of.row().keyHash());
        return new StoredVersion(row, of.key(), of.version(), HybridTimestamp.ZERO);
    }

    /**
     * Hears a piece of the first site's log.
     *
     * @param routed the same in the new site's names
     * @return whether all is heard that the moment has
     */
    public boolean hear(TransactionPiece piece, TransactionPiece routed)
            throws InterruptedException {
        Optional<SourcePosition> end = piece.end().map(TransactionEnd::position);
        if (end.isPresent() && moment.isPassed(read, end.get())) {
            flush();
            bringParts.run();
            return true;
        }
        Optional<Stamp> stamp = log.hear(piece);
        if (stamp.isPresent()) {
            requireOfMoment(piece);
            routed.changes().forEach(change -> written(change, stamp.get()));
            parts.hear(routed, stamp.get());
        }
        if (own.size() >= BATCH) {
            flush();
        }
        read = end.orElse(read);
        return false;
    }

    /**
     * What the moment lacks comes again behind it, and gets its time then. Before the moment's last
     * transaction it would have had another time, and other readers gave it that one. It holds no
     * rows: who writes some has their table, which is copied once nobody has it whose transaction
     * does not count yet.
     */
    private void requireOfMoment(TransactionPiece piece) {
        holdsRows = (holdsRows && !piece.first()) || !piece.changes().isEmpty();
        Optional<SourcePosition> end = piece.end().map(TransactionEnd::position);
        if (holdsRows && end.isPresent() && !moment.hasNext(read, end.get())) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "The log of %s has rows at %s, before the end of the moment that was copied, which that moment lacks."
                            .formatted(log.site(), end.get().text()));
        }
    }

    /**
     * What is heard of a transaction that ends after the moment is of rows that are still to come:
     * a version that is ahead of its row loses nothing, for the row's change follows.
     */
    private void written(Change change, Stamp stamp) {
        if (change instanceof RowChange row
                && row.table().hasKey()
                && !parts.takes(row.table().table())) {
            for (RowStep step : RowStep.of(row)) {
                TouchedRow touched =
                        new TouchedRow(RowKey.of(row.table(), step.row()), row.table(), step.row());
                touched.then(step.change(), stamp);
                String key = touched.keyText();
                RowName name = MeshVersions.name(touched, key);
                String version = VersionText.of(version(touched));
                own.put(name, new StoredVersion(name, key, version, HybridTimestamp.ZERO));
            }
        }
    }

    /** Of a row of one write that is as its last change says. */
    private static RowVersion version(TouchedRow row) {
        Version last = row.steps.getLast().stamp().version();
        boolean deleted = row.steps.getLast().change() instanceof RowChange.Delete;
        return new RowVersion(last, last, last.at(), Version.NONE, deleted, Map.of());
    }

    /** Of two writes of a row the later one formed it, for whoever overwrites has a later time. */
    private void flush() {
        SiteSession site = session.get();
        Map<RowName, StoredVersion> kept = site.versions(own.keySet());
        Collection<StoredVersion> later = new ArrayList<>();
        own.forEach(
                (name, version) -> {
                    StoredVersion before = kept.get(name);
                    if (before == null || isLater(version, before)) {
                        later.add(version);
                    }
                });
        site.keep(List.copyOf(later));
        commit.run();
        own.clear();
    }

    private static boolean isLater(StoredVersion one, StoredVersion other) {
        RowVersion mine = VersionText.rowVersion(one.version());
        return mine.last().compareTo(VersionText.rowVersion(other.version()).last()) > 0;
    }

    /**
     * From where the first site's log goes on for the new one.
     *
     * @param agreed with the log's other readers, before the moment
     */
    public ReadingPoint end(HybridTimestamp agreed) {
        if (log.clock().compareTo(agreed) < 0) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "The log of %s did not tell the time that its readers have agreed on."
                            .formatted(log.site()));
        }
        return new ReadingPoint(moment, log.clock(), VersionText.of(log.seen()));
    }

    /**
     * The last that the new site has of the first one: a write of its own, or the agreed time.
     * Others wait for what the new site has seen, so it is not to be a time that none of the first
     * site's writes ever had.
     */
    public HybridTimestamp reached() {
        return Objects.requireNonNull(log.seen().upTo().get(log.site()));
    }
}
