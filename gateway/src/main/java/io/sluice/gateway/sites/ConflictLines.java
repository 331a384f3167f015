package io.sluice.gateway.sites;

import io.sluice.connectors.spi.ConflictRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that there are conflicts, of each table, kind and resolution once a minute,
 * however many there are. The metrics count them all. Used by one thread.
 */
final class ConflictLines {

    private static final Logger LOG = LoggerFactory.getLogger(ConflictLines.class);

    private static final Duration PAUSE = Duration.ofMinutes(1);

    /** Tables that come and go are not to be remembered for ever. */
    private static final int MOST = 10_000;

    private final InstantSource clock;
    private final Consumer<String> log;
    private final Map<Sort, Said> said = new LinkedHashMap<>();

    private record Sort(String table, String kind, String resolution) {}

    private record Said(Instant at, long since) {}

    ConflictLines(InstantSource clock) {
        this(clock, line -> LOG.info("{}", line));
    }

    ConflictLines(InstantSource clock, Consumer<String> log) {
        this.clock = clock;
        this.log = log;
    }

    /**
     * @param count how many there are of the table, kind and resolution of this one
     */
    void tell(ConflictRecord conflict, long count) {
        Instant now = clock.instant();
        Sort sort =
                new Sort(conflict.row().table().toString(), conflict.kind(), conflict.resolution());
        Said last = said.get(sort);
        if (last != null && Duration.between(last.at, now).abs().compareTo(PAUSE) < 0) {
            said.put(sort, new Said(last.at, last.since + count));
        } else {
            if (said.size() >= MOST) {
                said.clear();
            }
            said.put(sort, new Said(now, count - 1));
            log.accept(line(conflict, last == null ? 0 : last.since));
        }
    }

    private static String line(ConflictRecord conflict, long before) {
        return "%s: a conflict (%s) was decided: %s, %s.%s"
                .formatted(
                        conflict.row().table(),
                        conflict.kind(),
                        conflict.resolution(),
                        conflict.reason(),
                        before == 0 ? "" : " %,d more since this was last said.".formatted(before));
    }
}
