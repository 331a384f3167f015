package io.sluice.gateway.sites;

import io.sluice.change.Row;
import io.sluice.change.RowChange;
import io.sluice.change.TableId;
import io.sluice.change.TableSchema;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.ConflictRecord;
import io.sluice.connectors.spi.Orphans;
import io.sluice.connectors.spi.Orphans.ForeignKey;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.RowName;
import io.sluice.gateway.apply.RowJson;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes known which rows lack the row that a foreign key wants, after a transaction has been
 * applied that its database did not hold to its foreign keys. Used by one thread.
 *
 * <p>One site deletes a row while another gives it children: each was right where it was made. At
 * one site the child comes and has no parent, at the other the parent goes and leaves a child. So
 * it is looked for both ways, by set: among the children that were written, where the site itself
 * has written what the peer had not seen; and among the children of what is gone, always, for a
 * user's transaction may have been open since before its child was known here. Whatever it finds
 * stands as it was decided, at all sites alike, and waits for a person.
 *
 * <p>In a transaction that is written as it comes a parent may follow its child: what is found in a
 * part of it is looked at again at the end.
 */
final class OrphanWatch {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanWatch.class);

    /** More than anybody looks at, of one transaction; the rest is spoken of in the log. */
    private static final int MOST = 10_000;

    private final SiteSession session;
    private final Orphans orphans;
    private final Set<TableId> tables;
    private @Nullable List<ForeignKey> keys;
    private Set<TableId> ends = Set.of();

    private List<Written> noted = new ArrayList<>();
    private int marked;
    private final Map<ForeignKey, Map<RowKey, Lost>> found = new LinkedHashMap<>();
    private int count;
    private boolean more;

    /** A change that was written as it stands here. */
    record Written(RowChange change, Stamp stamp) {}

    /**
     * @param key of the row, whose other values are not known
     */
    private record Lost(Row key, Written by) {}

    /**
     * @param tables those that are replicated, in the site's names
     */
    OrphanWatch(SiteSession session, Set<TableId> tables) {
        this.session = session;
        this.orphans = session.orphans();
        this.tables = Set.copyOf(tables);
    }

    /** Whether a table is at an end of a foreign key. */
    boolean concerns(TableSchema table) {
        foreignKeys();
        return ends.contains(table.table());
    }

    void note(Written written) {
        if (concerns(written.change().table())) {
            noted.add(written);
        }
    }

    private List<ForeignKey> foreignKeys() {
        List<ForeignKey> known = keys;
        if (known == null) {
            known = orphans.foreignKeys(tables);
            keys = known;
            ends = new HashSet<>();
            for (ForeignKey key : known) {
                ends.add(key.child().table());
                ends.add(key.parent().table());
            }
        }
        return known;
    }

    /**
     * Looks among what was noted, when all of it is written. Last of what can fail before a mark or
     * the commit.
     *
     * @param met whether the site has written what the changes' site may not have seen
     */
    void look(boolean met) {
        if (noted.isEmpty()) {
            return;
        }
        for (ForeignKey key : foreignKeys()) {
            if (met) {
                lookAmongChildren(key);
            }
            lookForLeft(key);
        }
        noted = new ArrayList<>();
        marked = 0;
    }

    private void lookAmongChildren(ForeignKey key) {
        Map<RowKey, Lost> children = new LinkedHashMap<>();
        List<String> names = key.child().keyNames();
        for (Written written : noted) {
            KeyEnds.referring(key, written.change())
                    .flatMap(row -> KeyEnds.part(written.change().table(), row, names))
                    .map(values -> KeyEnds.spread(key.child(), values))
                    .ifPresent(
                            row ->
                                    children.put(
                                            RowKey.of(key.child(), row), new Lost(row, written)));
        }
        if (children.isEmpty()) {
            return;
        }
        List<Lost> asked = List.copyOf(children.values());
        BitSet lost = orphans.among(key, asked.stream().map(Lost::key).toList());
        lost.stream().forEach(place -> lost(key, asked.get(place)));
    }

    private void lookForLeft(ForeignKey key) {
        LinkedHashMap<Row, Written> gone = new LinkedHashMap<>();
        for (Written written : noted) {
            KeyEnds.left(key, written.change()).ifPresent(values -> gone.put(values, written));
        }
        if (gone.isEmpty()) {
            return;
        }
        Written last = gone.lastEntry().getValue();
        // One more than there is room for, to know of it.
        List<Row> children = orphans.of(key, List.copyOf(gone.keySet()), MOST + 1 - count);
        for (Row child : children) {
            Written by =
                    KeyEnds.part(key.child(), child, key.columns())
                            .map(values -> gone.getOrDefault(values, last))
                            .orElse(last);
            Row only =
                    KeyEnds.spread(
                            key.child(),
                            KeyEnds.part(key.child(), child, key.child().keyNames()).orElseThrow());
            lost(key, new Lost(only, by));
        }
    }

    private void lost(ForeignKey key, Lost lost) {
        if (count == MOST) {
            more = true;
            return;
        }
        Map<RowKey, Lost> of = found.computeIfAbsent(key, k -> new LinkedHashMap<>());
        if (of.putIfAbsent(RowKey.of(key.child(), lost.key()), lost) == null) {
            count++;
        }
    }

    /**
     * What is to go on record with the commit.
     *
     * @param inParts whether more was written after some of it was found
     */
    List<ConflictRecord> records(boolean inParts) {
        List<ConflictRecord> records = new ArrayList<>();
        found.forEach(
                (key, rows) -> {
                    List<Lost> all = List.copyOf(rows.values());
                    List<Row> names = all.stream().map(Lost::key).toList();
                    BitSet lost = new BitSet();
                    if (inParts) {
                        lost = orphans.among(key, names);
                    } else {
                        lost.set(0, all.size());
                    }
                    Map<Integer, Row> standing = session.find(key.child(), names);
                    lost.stream()
                            .filter(standing::containsKey)
                            .forEach(
                                    place ->
                                            records.add(
                                                    record(
                                                            key,
                                                            all.get(place),
                                                            standing.get(place))));
                });
        if (more) {
            LOG.warn(
                    "More than {} rows lacked a row that a foreign key wants while one transaction was written: not all of them may be on record. Look for more where the conflicts of kind {} are.",
                    MOST,
                    ConflictRecord.FOREIGN_KEY_MISSING);
        }
        return records;
    }

    private static ConflictRecord record(ForeignKey key, Lost lost, @Nullable Row row) {
        TableSchema child = key.child();
        RowChange change = lost.by().change();
        boolean own = change.table().table().equals(child.table());
        String text = RowJson.key(child, RowKey.byName(child), lost.key());
        return new ConflictRecord(
                0,
                new RowName(child.table(), RowJson.hash(text)),
                text,
                ConflictRecord.FOREIGN_KEY_MISSING,
                "apply",
                "%s has no row that its foreign key %s wants%s"
                        .formatted(
                                key.parent().table(),
                                key.name(),
                                own && !(change instanceof RowChange.Delete) ? "" : " any more"),
                null, // no policy decides it
                change.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                VersionText.of(lost.by().stamp().version()),
                null,
                row == null ? null : RowJson.values(child, row),
                null,
                null,
                null);
    }

    void mark() {
        marked = noted.size();
    }

    void backToMark() {
        noted = new ArrayList<>(noted.subList(0, marked));
    }

    void clear() {
        noted = new ArrayList<>();
        marked = 0;
        found.clear();
        count = 0;
        more = false;
    }
}
