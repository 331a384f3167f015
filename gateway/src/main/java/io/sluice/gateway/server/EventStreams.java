package io.sluice.gateway.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.sluice.connectors.spi.PipelineEvent;
import io.sluice.gateway.journal.Journal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Answers that do not end: server-sent events. Each is written by its request's own virtual thread,
 * so a caller that does not read holds up nobody else; there are at most {@link #OPEN} at once.
 */
final class EventStreams {

    private static final int OPEN = 64;
    private static final int EVENTS_AT_ONCE = 200;
    private static final Duration TICK = Duration.ofSeconds(1);

    /** So that whoever stands between does not take the line for dead. */
    private static final int TICKS_OF_SILENCE = 10;

    private final Journal journal;
    private final Supplier<Object> status;
    private final ObjectMapper json;
    private final Semaphore free = new Semaphore(OPEN);
    private volatile boolean closing;

    /**
     * @param status what the live stream tells every second
     */
    EventStreams(Journal journal, Supplier<Object> status, ObjectMapper json) {
        this.journal = journal;
        this.status = status;
        this.json = json;
    }

    /** Lets every stream end within a tick. */
    void close() {
        closing = true;
    }

    /** The events after {@code id}, as they happen. */
    void events(Context ctx, long id) {
        serve(ctx, out -> follow(out, id));
    }

    /** Everything that the dashboard shows: the status every second, and each event at once. */
    void live(Context ctx) {
        serve(ctx, this::tell);
    }

    private interface Stream {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    private void serve(Context ctx, Stream stream) {
        if (!free.tryAcquire()) {
            ctx.header("Retry-After", "5");
            throw Refusal.of(503, "All %d streams are taken; ask without one.".formatted(OPEN));
        }
        try {
            ctx.res().setContentType("text/event-stream");
            ctx.res().setCharacterEncoding("UTF-8");
            ctx.res().setHeader("X-Accel-Buffering", "no");
            OutputStream out = ctx.res().getOutputStream();
            write(out, "retry: 2000\n\n");
            stream.to(out);
        } catch (IOException e) {
            // The caller has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            free.release();
        }
    }

    private void follow(OutputStream out, long from) throws IOException, InterruptedException {
        long last = from;
        int silent = 0;
        while (!closing) {
            List<PipelineEvent> events = journal.await(last, EVENTS_AT_ONCE, TICK);
            last = write(out, events, last);
            silent = events.isEmpty() ? silent + 1 : 0;
            if (silent == TICKS_OF_SILENCE) {
                write(out, ":\n\n");
                silent = 0;
            }
        }
    }

    private void tell(OutputStream out) throws IOException, InterruptedException {
        long last = journal.lastId();
        while (!closing) {
            write(out, "event: status\ndata: " + json.writeValueAsString(status.get()) + "\n\n");
            long next = System.nanoTime() + TICK.toNanos();
            long left = TICK.toNanos();
            while (left > 0 && !closing) {
                last =
                        write(
                                out,
                                journal.await(last, EVENTS_AT_ONCE, Duration.ofNanos(left)),
                                last);
                left = next - System.nanoTime();
            }
        }
    }

    /** Returns the id of the last one. */
    private long write(OutputStream out, List<PipelineEvent> events, long before)
            throws IOException {
        long last = before;
        for (PipelineEvent event : events) {
            String data = json.writeValueAsString(Views.event(event));
            write(out, "id: %d\nevent: journal\ndata: %s\n\n".formatted(event.id(), data));
            last = event.id();
        }
        return last;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
