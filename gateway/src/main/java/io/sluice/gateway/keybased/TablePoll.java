package io.sluice.gateway.keybased;

import io.sluice.connectors.spi.KeyRange;
import io.sluice.connectors.spi.TableCursor;
import io.sluice.connectors.spi.TableReader.Page;
import io.sluice.connectors.spi.TableReader.Running;
import io.sluice.connectors.spi.TableReader.Sounding;
import io.sluice.gateway.failpoint.Failpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** The polls of one table. Used by one thread. */
final class TablePoll {

    /** Who runs is asked for at most this often within a poll. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final KeyedTable table;
    private final Polling polling;
    private final PageWriter writer;
    private final Marks marks;
    private TableCursor cursor;
    private boolean filling;
    private long lastLook;

    /**
     * @param filling whether the target's table is empty
     */
    TablePoll(KeyedTable table, Polling polling, TableCursor cursor, boolean filling) {
        this.table = table;
        this.polling = polling;
        this.cursor = cursor;
        this.filling = filling;
        writer = new PageWriter(table, polling);
        marks = new Marks(polling.settings().overlap(), table.unique());
    }

    KeyedTable table() {
        return table;
    }

    PageWriter writer() {
        return writer;
    }

    TableCursor cursor() {
        return cursor;
    }

    /** Whether the table has never been read to its end. */
    boolean isFilling() {
        return filling;
    }

    /**
     * Reads what lies behind the cursor and moves it as far as it may go.
     *
     * @return the source's clock at the beginning: what was committed then is on the target
     */
    Sounding poll() {
        Running running = polling.source().running();
        Optional<List<Object>> settled = marks.settled(running, polling.nanos());
        Sounding sounding = polling.sound(table);
        marks.add(sounding, polling.nanos());
        KeyRange open = new KeyRange(table.order(), cursor.position(), List.of());
        if (settled.isPresent() && !settled.get().equals(cursor.position())) {
            read(open.upTo(settled.get()), true);
            moveTo(settled.get());
            open = open.after(settled.get());
        }
        lastLook = polling.nanos();
        while (!read(open, false)) {
            // The rest is long, and the way to this poll's own end has settled meanwhile.
            Optional<List<Object>> now = marks.settled(polling.source().running(), polling.nanos());
            if (now.isPresent()) {
                read(open.upTo(now.get()), true);
                moveTo(now.get());
                open = open.after(now.get());
            }
        }
        filling = false;
        return sounding;
    }

    /**
     * @param moving whether the cursor moves with each page
     * @return false if it was broken off because a sounding is settled
     */
    private boolean read(KeyRange range, boolean moving) {
        KeyRange rest = range;
        while (true) {
            Page page =
                    polling.source()
                            .page(
                                    table.source(),
                                    table.sourceSchema(),
                                    rest,
                                    polling.pageRows(),
                                    polling.limits().maxBytes());
            if (!page.lines().isEmpty()) {
                List<Object> last = table.values(page.lines().getLast(), table.order());
                write(page, moving ? cursor.at(last) : cursor);
                rest = rest.after(last);
            }
            if (page.last()) {
                return true;
            }
            if (polling.events().isStopping()) {
                throw new CancellationException();
            }
            if (!moving && isSettledMeanwhile()) {
                return false;
            }
        }
    }

    private boolean isSettledMeanwhile() {
        long now = polling.nanos();
        if (now - lastLook < BETWEEN_LOOKS.toNanos()) {
            return false;
        }
        lastLook = now;
        return marks.isSettled(polling.source().running(), now);
    }

    private void write(Page page, TableCursor reached) {
        var changes = filling ? writer.fill(page.lines()) : writer.write(page.lines());
        Failpoint.ROWS_WRITTEN.reached();
        if (changes.isEmpty() && reached.equals(cursor)) {
            polling.session().rollback();
            return;
        }
        save(reached);
        polling.events().applied(table.targetSchema().table(), changes);
    }

    private void moveTo(List<Object> position) {
        if (!position.equals(cursor.position())) {
            save(cursor.at(position));
        }
    }

    /** Writes the cursor beside the rows, and commits them together. */
    void save(TableCursor reached) {
        if (!reached.equals(cursor)) {
            polling.session().cursors().save(reached);
        }
        polling.commit();
        cursor = reached;
        Failpoint.COMMITTED.reached();
    }
}
