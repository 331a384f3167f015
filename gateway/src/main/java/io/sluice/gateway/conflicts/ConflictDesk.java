package io.sluice.gateway.conflicts;

import io.sluice.connectors.spi.ConflictSearch;
import io.sluice.connectors.spi.ConflictStore;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.RecordedConflict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The records of all sites as one. Thread-safe. */
public final class ConflictDesk {

    /** Each has one connection at a time; the databases have some to spare, but not for all. */
    static final int MOST_CALLERS = 16;

    private final Map<String, ConflictStore> sites;
    private final BiConsumer<String, String> journal;
    private final Semaphore free = new Semaphore(MOST_CALLERS);

    /** A conflict, and where it is on record. */
    public record Located(String site, RecordedConflict conflict) {

        public ConflictName name() {
            return new ConflictName(site, conflict.conflict().id());
        }

        private Instant at() {
            return Objects.requireNonNull(conflict.conflict().at());
        }
    }

    /**
     * Conflicts, the newest first.
     *
     * @param next what to ask for those that follow; null where there are none
     * @param away the sites that could not be asked, and why not; their conflicts are missing
     */
    public record Page(List<Located> conflicts, @Nullable String next, Map<String, String> away) {}

    /**
     * What came of resolving.
     *
     * @param anew whether it was resolved now; else in the same way before
     */
    public record Outcome(Located conflict, boolean anew) {}

    /**
     * @param sites in the order of the configuration
     * @param journal takes, by pipeline, what was done
     */
    public ConflictDesk(Map<String, ConflictStore> sites, BiConsumer<String, String> journal) {
        this.sites = new LinkedHashMap<>(sites);
        this.journal = journal;
    }

    /** The databases that have a record. */
    public List<String> sites() {
        return List.copyOf(sites.keySet());
    }

    /**
     * @param site only this one's; null for all
     * @param after a former page's {@code next}; null for the first page
     * @throws NoSuchRecordException if there is no such site, or no such page
     * @throws ConnectorException if none of the sites can be asked, or too many callers ask
     */
    public Page page(
            ConflictSearch search, @Nullable String site, @Nullable String after, int atMost) {
        return admitted(() -> pageOf(search, site, after, atMost));
    }

    private <T> T admitted(Supplier<T> asking) {
        if (!free.tryAcquire()) {
            throw new ConnectorException(
                    ErrorClass.RETRY,
                    "%d others ask about conflicts at this moment. Ask again."
                            .formatted(MOST_CALLERS));
        }
        try {
            return asking.get();
        } finally {
            free.release();
        }
    }

    private Page pageOf(
            ConflictSearch search, @Nullable String site, @Nullable String after, int atMost) {
        Map<String, Long> before = positions(after);
        Map<String, List<Located>> found = new LinkedHashMap<>();
        Map<String, String> away = new LinkedHashMap<>();
        boolean more = false;
        List<String> asked = site == null ? sites() : List.of(site);
        for (String name : asked) {
            long number = before.getOrDefault(name, Long.MAX_VALUE);
            try {
                List<Located> own = located(name, store(name).page(search, number, atMost));
                more |= own.size() == atMost;
                found.put(name, new ArrayList<>(own));
            } catch (ConnectorException e) {
                away.put(name, String.valueOf(e.getMessage()));
                if (e.errorClass() != ErrorClass.RETRY || away.size() == asked.size()) {
                    throw e;
                }
            }
        }
        List<Located> page = new ArrayList<>();
        Optional<List<Located>> newest = newest(found);
        while (page.size() < atMost && newest.isPresent()) {
            Located next = newest.get().removeFirst();
            page.add(next);
            before.put(next.site(), next.conflict().conflict().id());
            newest = newest(found);
        }
        return new Page(page, more || newest.isPresent() ? text(before) : null, away);
    }

    private static List<Located> located(String site, List<RecordedConflict> conflicts) {
        return conflicts.stream().map(conflict -> new Located(site, conflict)).toList();
    }

    private static Optional<List<Located>> newest(Map<String, List<Located>> found) {
        return found.values().stream()
                .filter(own -> !own.isEmpty())
                .max(Comparator.comparing(own -> own.getFirst().at()));
    }

    private static String text(Map<String, Long> positions) {
        StringJoiner text = new StringJoiner(",");
        positions.forEach((site, id) -> text.add(new ConflictName(site, id).toString()));
        return text.toString();
    }

    private static Map<String, Long> positions(@Nullable String text) {
        Map<String, Long> positions = new LinkedHashMap<>();
        for (String word : text == null ? new String[0] : text.split(",", -1)) {
            ConflictName name =
                    ConflictName.of(word)
                            .orElseThrow(
                                    () ->
                                            new NoSuchRecordException(
                                                    "There is no such page of conflicts."));
            positions.put(name.site(), name.id());
        }
        return positions;
    }

    private ConflictStore store(String site) {
        ConflictStore store = sites.get(site);
        if (store == null) {
            throw new NoSuchRecordException(
                    sites.isEmpty()
                            ? "No replication is between sites that all write, so there are no conflicts."
                            : "No site is named `%s`; there are %s."
                                    .formatted(site, String.join(", ", sites.keySet())));
        }
        return store;
    }

    /**
     * One, with the values of both rows.
     *
     * @throws NoSuchRecordException if there is no such site
     */
    public Optional<Located> find(ConflictName name) {
        return admitted(() -> found(name));
    }

    private Optional<Located> found(ConflictName name) {
        return store(name.site()).find(name.id()).map(found -> new Located(name.site(), found));
    }

    /**
     * Writes what was chosen, as any user of the site would, so that it comes to all sites.
     *
     * @param by who chose
     * @return empty where there is no such conflict
     * @throws ConflictRefusedException if it cannot be done, saying why not
     * @throws NoSuchRecordException if there is no such site
     */
    public Optional<Outcome> resolve(ConflictName name, Choice choice, boolean force, String by) {
        return admitted(() -> resolved(name, choice, force, by));
    }

    private Optional<Outcome> resolved(ConflictName name, Choice choice, boolean force, String by) {
        Optional<Located> known = found(name);
        RecordedConflict.Resolved resolved =
                known.map(found -> found.conflict().resolved()).orElse(null);
        if (resolved != null && resolved.choice().equals(choice.text())) {
            return known.map(found -> new Outcome(found, false));
        }
        if (!store(name.site()).resolve(name.id(), by, new Resolving(choice, force))) {
            return Optional.empty();
        }
        Located after = found(name).orElseThrow();
        journal.accept(
                after.conflict().pipeline(),
                "conflict %s of %s resolved: %s%s, by %s"
                        .formatted(
                                name,
                                after.conflict().conflict().row().table(),
                                choice.text(),
                                force ? " with force" : "",
                                by));
        return Optional.of(new Outcome(after, true));
    }
}
