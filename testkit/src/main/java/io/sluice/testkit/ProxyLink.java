package io.sluice.testkit;

import io.sluice.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One relayed connection. Each direction has a reader, which stamps what arrives, and a writer,
 * which delivers when the {@link ProxyGate gate} lets it; between them stands a bounded queue. So a
 * delay shifts bytes in time and does not slow them down.
 *
 * <p>States: {@code RELAYING}, then one of the ends. {@code CUT} sends FIN and swallows what still
 * comes until the other side closes; {@code ABANDONED} leaves the client's socket untouched from
 * then on; {@code ENDED} is over. Every fault moves it by one compare-and-set and the first wins.
 */
final class ProxyLink {
    static final int BUFFERED_BYTES = 1 << 20;
    private static final int CHUNK_BYTES = 1 << 14;
    private static final int CHUNKS = BUFFERED_BYTES / CHUNK_BYTES;
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final Chunk END = new Chunk(new byte[0], 0);

    private enum State {
        RELAYING,
        CUT,
        ABANDONED,
        ENDED
    }

    /** What arrived at once; without bytes, the end of the stream. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Chunk(byte[] bytes, long arrivedNanos) {}

    private final Socket client;
    private final Socket server;
    private final ProxyGate gate;
    private final Consumer<ProxyLink> whenOver;
    private final BlockingQueue<Chunk> toServer = new ArrayBlockingQueue<>(CHUNKS);
    private final BlockingQueue<Chunk> toClient = new ArrayBlockingQueue<>(CHUNKS);
    private final AtomicReference<State> state = new AtomicReference<>(State.RELAYING);
    private final AtomicInteger openDirections = new AtomicInteger(2);

    ProxyLink(Socket client, Socket server, ProxyGate gate, Consumer<ProxyLink> whenOver)
            throws SocketException {
        this.client = client;
        this.server = server;
        this.gate = gate;
        this.whenOver = whenOver;
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
    }

    void start() {
        relay(Direction.TO_SERVER, client, toServer, server);
        relay(Direction.TO_CLIENT, server, toClient, client);
    }

    void cut() {
        if (over(State.CUT)) {
            finish(client);
            finish(server);
            Thread.ofVirtual().start(this::closeAfterFarewell);
        }
    }

    void reset() {
        if (over(State.ENDED)) {
            reset(client);
            reset(server);
        }
    }

    /** Breaks the server's side alone and hands over the client's socket, still open. */
    Socket abandonClient() {
        if (over(State.ABANDONED)) {
            reset(server);
        }
        return client;
    }

    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed by its other side already; the close below settles it.
        }
        close(socket);
    }

    private static void finish(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // There is nothing more that could be done to it.
        }
    }

    /** A socket closed with unread bytes sends RST after its FIN, so that they are read before. */
    private void closeAfterFarewell() {
        try {
            Thread.sleep(FAREWELL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(client);
        close(server);
    }

    private boolean over(State end) {
        boolean first = state.compareAndSet(State.RELAYING, end);
        if (first) {
            whenOver.accept(this);
            gate.wake();
            for (BlockingQueue<Chunk> queue : List.of(toServer, toClient)) {
                queue.clear(); // a reader may wait for room
                boolean unused = queue.offer(END); // and a writer for work
            }
        }
        return first;
    }

    private boolean isOver() {
        return state.get() != State.RELAYING;
    }

    private void relay(Direction direction, Socket from, BlockingQueue<Chunk> queue, Socket to) {
        Thread.ofVirtual().start(() -> read(from, queue));
        Thread.ofVirtual().start(() -> write(direction, queue, to));
    }

    private void read(Socket from, BlockingQueue<Chunk> queue) {
        byte[] buffer = new byte[CHUNK_BYTES];
        try {
            InputStream in = from.getInputStream();
            for (int length; (length = in.read(buffer)) >= 0; ) {
                State now = state.get();
                if (now == State.RELAYING) {
                    queue.put(new Chunk(Arrays.copyOf(buffer, length), System.nanoTime()));
                } else if (now != State.CUT) {
                    return;
                }
            }
            queue.put(new Chunk(new byte[0], System.nanoTime()));
        } catch (IOException e) {
            // A side broke its connection: so does the proxy with the other.
            reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The end of a stream travels like its bytes: late after a delay, and never in a stall. */
    private void write(Direction direction, BlockingQueue<Chunk> queue, Socket to) {
        try {
            OutputStream out = to.getOutputStream();
            Chunk chunk = queue.take();
            while (chunk.bytes().length > 0) {
                deliver(direction, chunk, out);
                chunk = queue.take();
            }
            if (gate.pass(direction, chunk.arrivedNanos(), 1, this::isOver) == 0) {
                return;
            }
            to.shutdownOutput();
            if (openDirections.decrementAndGet() == 0 && over(State.ENDED)) {
                close(client);
                close(server);
            }
        } catch (IOException e) {
            reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(Direction direction, Chunk chunk, OutputStream out)
            throws IOException, InterruptedException {
        int length = chunk.bytes().length;
        for (int done = 0; done < length && !isOver(); ) {
            int now = gate.pass(direction, chunk.arrivedNanos(), length - done, this::isOver);
            out.write(chunk.bytes(), done, now);
            done += now;
        }
    }
}
