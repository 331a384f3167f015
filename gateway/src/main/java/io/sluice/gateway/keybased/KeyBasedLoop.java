package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.TableCursor;
import io.sluice.connectors.spi.TableReader.Sounding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls every table at each interval, and sweeps in the time that is left, one step at least
 * between two polls. Used by one thread, for one attempt.
 */
public final class KeyBasedLoop {

    private static final Logger LOG = LoggerFactory.getLogger(KeyBasedLoop.class);

    private final Polling polling;
    private final List<TablePoll> polls;
    private final Deque<TablePoll> due = new ArrayDeque<>();
    private @Nullable TableSweep sweep;
    private SweepCounts counts;

    KeyBasedLoop(Polling polling, List<TablePoll> polls, SweepCounts counts) {
        this.polling = polling;
        this.polls = List.copyOf(polls);
        this.counts = counts;
    }

    /** Returns when it is time to stop. */
    public void run() {
        tellSweeps();
        while (!polling.events().isStopping()) {
            long began = polling.nanos();
            pollAll();
            long left;
            boolean more;
            do {
                more = sweepOn();
                left = polling.settings().interval().toNanos() - (polling.nanos() - began);
            } while (more && left > 0 && !polling.events().isStopping());
            if (left > 0) {
                polling.events().await(Duration.ofNanos(left));
            }
        }
    }

    private void pollAll() {
        polling.events().filling(polls.stream().anyMatch(TablePoll::isFilling));
        Instant moment = null;
        for (TablePoll poll : polls) {
            Instant shown = moment(poll.poll());
            if (moment == null || shown.isBefore(moment)) {
                moment = shown;
            }
        }
        polling.events().filling(false);
        polling.session().requireClaim(); // where nothing changed, nothing was committed
        if (moment != null) {
            polling.events().polled(moment);
        }
    }

    /** A standby shows what it has replayed, whatever its clock says. */
    private static Instant moment(Sounding sounding) {
        Instant replayed = sounding.running().replayed();
        return replayed != null && replayed.isBefore(sounding.clock())
                ? replayed
                : sounding.clock();
    }

    /** Takes a step where a sweep is due; returns whether there is more to do. */
    private boolean sweepOn() {
        Duration every = polling.settings().sweep();
        if (every == null) {
            return false;
        }
        if (due.isEmpty()) {
            Instant now = polling.clock().instant();
            polls.stream()
                    .filter(poll -> !poll.cursor().sweptAt().plus(every).isAfter(now))
                    .forEach(due::add);
            if (!due.isEmpty() && polling.events().isAltered()) {
                throw new ConnectorException(
                        ErrorClass.RETRY,
                        "The source's tables are not what they were: they are looked at anew.");
            }
        }
        TablePoll next = due.peek();
        if (next == null) {
            return false;
        }
        TableSweep current = sweep == null ? new TableSweep(next, polling) : sweep;
        sweep = current;
        if (current.step()) {
            due.remove();
            sweep = null;
            ended(next, current);
        }
        return true;
    }

    private void ended(TablePoll poll, TableSweep ended) {
        SweepCounts before = counts;
        counts = ended.addTo(counts);
        tellSweeps();
        LOG.info(
                "Swept {}: {} ranges compared, {} differed; {} rows deleted, {} written.",
                poll.table().target().table(),
                counts.ranges() - before.ranges(),
                counts.differing() - before.differing(),
                counts.deleted() - before.deleted(),
                counts.written() - before.written());
    }

    private void tellSweeps() {
        if (polling.settings().sweep() != null) {
            counts =
                    polls.stream()
                            .map(TablePoll::cursor)
                            .map(TableCursor::sweptAt)
                            .min(Comparator.naturalOrder())
                            .map(counts::as)
                            .orElse(counts);
        }
        polling.events().swept(counts);
    }
}
