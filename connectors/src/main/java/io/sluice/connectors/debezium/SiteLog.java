package io.sluice.connectors.debezium;

import io.sluice.change.AppliedMark;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who wrote the transaction of a site's log that is being read. Used by the thread that reads.
 *
 * <p>A transaction is the site's own until something before its first row says otherwise: an
 * origin, or the mark that whoever applied it set at its beginning. The rows of one that the
 * gateway applied are dropped, and its mark, which comes at its end, is kept. A mark at the end of
 * a transaction whose rows went through shows that they were not known: then the reading ends
 * before the transaction does.
 */
final class SiteLog {

    private static final Logger log = LoggerFactory.getLogger(SiteLog.class);

    private enum Writer {
        SITE,
        GATEWAY,
        /** Another replication, which is not accepted. */
        OTHER
    }

    private final String pipeline;
    private final SiteCapture site;
    private final LoopProbe probe;
    private final Map<String, Long> dropped = new HashMap<>();

    private Writer writer = Writer.SITE;
    private @Nullable String origin;
    private @Nullable AppliedMark mark;
    private boolean changed;
    private boolean unreadable;

    /**
     * @param origin where the changes are from; null for the database itself
     * @param applied the mark of a transaction that the gateway applied
     */
    record Ended(@Nullable String origin, Optional<AppliedMark> applied) {

        static final Ended LOCAL = new Ended(null, Optional.empty());
    }

    SiteLog(String pipeline, SiteCapture site, LoopProbe probe) {
        this.pipeline = pipeline;
        this.site = site;
        this.probe = probe;
    }

    void begin() {
        writer = Writer.SITE;
        origin = null;
        mark = null;
        changed = false;
    }

    /** The server that committed it first. */
    void server(String name) {
        String server = name.toLowerCase(Locale.ROOT);
        if (!site.servers().isEmpty() && !site.servers().contains(server)) {
            by(server);
        }
    }

    /** The replication origin under which it was committed. */
    void origin(String name) {
        if (site.applierOrigins().contains(name)) {
            writer = Writer.GATEWAY;
        } else {
            by(name);
        }
    }

    /** The pipeline that says of itself that it applied it. */
    void applied(String by) {
        if (site.appliers().contains(by) || probe.recognises(by)) {
            writer = Writer.GATEWAY;
        } else {
            by(by);
        }
    }

    /**
     * What the gateway says of it at its end.
     *
     * @throws ConnectorException FATAL if its rows went through
     */
    void mark(AppliedMark found) {
        if (!site.appliers().contains(found.pipeline())) {
            return;
        }
        if (writer != Writer.GATEWAY && changed) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    ("%s: the log has changes that %s applied and that are not marked as such, so"
                                    + " that they would go round for ever. See that no other gateway runs"
                                    + " the pipeline, one of an older version above all, and copy"
                                    + " again")
                            .formatted(pipeline, found.pipeline()));
        }
        writer = Writer.GATEWAY;
        mark = found;
    }

    /** As {@link #mark}, of a message that whoever is connected may write, with any content. */
    void markText(String text) {
        AppliedMark found;
        try {
            found = AppliedMark.parse(text);
        } catch (RuntimeException e) {
            if (!unreadable) {
                log.warn(
                        "{}: the log has messages under the prefix '{}' that are no marks of the"
                                + " gateway's; they are passed over",
                        pipeline,
                        SiteCapture.MARK);
            }
            unreadable = true;
            return;
        }
        mark(found);
    }

    private void by(String name) {
        origin = name;
        boolean accepted = site.accepted().contains(name);
        writer = accepted ? Writer.SITE : Writer.OTHER;
        if (!accepted && dropped.merge(name, 1L, Long::sum) == 1) {
            log.warn(
                    "{}: changes that came by other replication ({}) are left out; to pass them"
                            + " on, name it in acceptOrigins",
                    pipeline,
                    name);
        }
    }

    /** Whether the changes of the transaction are left out. */
    boolean drops() {
        return writer != Writer.SITE;
    }

    /** A change went through. */
    void changed() {
        changed = true;
    }

    Ended end(SourcePosition position) {
        probe.passed(position);
        return new Ended(
                writer == Writer.GATEWAY ? null : origin,
                writer == Writer.GATEWAY ? Optional.ofNullable(mark) : Optional.empty());
    }

    /** Says how many transactions were left out. */
    void close() {
        dropped.forEach(
                (name, count) ->
                        log.info("{}: left out {} transactions of {}", pipeline, count, name));
    }
}
