package io.sluice.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A TCP relay on 127.0.0.1 between a client and a server, whose faults a test switches on and off.
 *
 * <p>Faults of bytes ({@link #stall}, {@link #delay}, {@link #limit}) hold for present and later
 * connections until they are lifted. Faults of connections ({@link #cut}, {@link #reset}, {@link
 * #halfOpen}) strike those present and leave later ones alone; together with {@link #refuse} they
 * make an outage. {@link #heal} lifts everything.
 *
 * <p>Per connection and direction at most {@value ProxyLink#BUFFERED_BYTES} bytes are under way in
 * here; then the sender feels it. What is under way when a connection is cut is lost, as in a
 * network.
 *
 * <p>Safe for use by several threads.
 */
public final class FaultProxy implements AutoCloseable {
    /** A way through the proxy. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    private volatile InetSocketAddress server;
    private final int port;
    private final ProxyGate gate = new ProxyGate();
    private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();

    /** Clients' sockets of {@link #halfOpen}: open, and nobody at their other end. */
    private final Set<Socket> abandoned = ConcurrentHashMap.newKeySet();

    private @Nullable Listener listener;
    private boolean closed;

    private record Listener(ServerSocket socket, Thread thread) {}

    private FaultProxy(String serverHost, int serverPort) {
        this.server = new InetSocketAddress(serverHost, serverPort);
        this.port = FreePort.find();
        accept();
    }

    /** Starts a proxy before a server, which need not run yet. */
    public static FaultProxy to(String host, int port) {
        return new FaultProxy(host, port);
    }

    /** Starts a proxy before a database server. */
    public static FaultProxy to(PostgresServer server) {
        return to(server.host(), server.port());
    }

    /** Where clients connect to. */
    public String host() {
        return "127.0.0.1";
    }

    /** Where clients connect to; stays the same over {@link #refuse} and {@link #accept}. */
    public int port() {
        return port;
    }

    /** The JDBC URL of a PostgreSQL database behind this proxy. */
    public String postgresUrl(String database) {
        return "jdbc:postgresql://" + host() + ":" + port + "/" + PostgresSql.urlPart(database);
    }

    /** Leads connections made from now on to another server, as an address does that moves. */
    public void redirect(String host, int toPort) {
        server = new InetSocketAddress(host, toPort);
    }

    /** How many connections are relayed right now. */
    public int connections() {
        return links.size();
    }

    /** Ends all connections in an orderly way (FIN) towards both sides. */
    public void cut() {
        List.copyOf(links).forEach(ProxyLink::cut);
    }

    /** Breaks all connections (RST) towards both sides. */
    public void reset() {
        List.copyOf(links).forEach(ProxyLink::reset);
    }

    /** Lets no byte through, either way; connections stay, and new ones can be made. */
    public void stall() {
        for (Direction direction : Direction.values()) {
            stall(direction);
        }
    }

    /** Lets no byte through in one direction. */
    public void stall(Direction direction) {
        gate.stall(direction, true);
    }

    /** Ends all stalls; what was held back is delivered. */
    public void resume() {
        for (Direction direction : Direction.values()) {
            gate.stall(direction, false);
        }
    }

    /** Delivers every byte so much later; {@link Duration#ZERO} ends that. */
    public void delay(Direction direction, Duration delay) {
        gate.delay(direction, delay);
    }

    /** Bounds each direction, over all connections together. */
    public void limit(long bytesPerSecond) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException("the limit must be positive: use stall() for none");
        }
        gate.limit(bytesPerSecond);
    }

    /**
     * Lets the server end of all connections go, without a word to the clients: their sockets stay
     * open, take what fits into the buffers, and never answer. {@link #heal} resets them, as a host
     * that came back would.
     */
    public void halfOpen() {
        for (ProxyLink link : List.copyOf(links)) {
            abandoned.add(link.abandonClient());
        }
    }

    /** Refuses new connections from the moment it returns; present ones stay. */
    public synchronized void refuse() {
        Listener open = listener;
        listener = null;
        if (open != null) {
            try {
                open.socket().close();
                open.thread().join(); // the port is free when its last user is gone
            } catch (IOException e) {
                throw new ServerException("cannot stop listening on port " + port, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Accepts new connections again. */
    public synchronized void accept() {
        if (listener != null || closed) {
            return;
        }
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            Thread thread =
                    Thread.ofVirtual().name("fault-proxy-" + port).start(() -> listen(socket));
            listener = new Listener(socket, thread);
        } catch (IOException e) {
            throw new ServerException("cannot listen on port " + port, e);
        }
    }

    /** Lifts every fault; half-open connections are reset. */
    public void heal() {
        gate.open();
        List<Socket> dead = new ArrayList<>(abandoned);
        abandoned.removeAll(dead);
        dead.forEach(ProxyLink::reset);
        accept();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        refuse();
        heal();
        reset();
    }

    private void listen(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                // Closed by refuse(), or a client that went away while it was accepted.
            }
        }
    }

    private void connect(Socket client) {
        Socket behind = new Socket();
        try {
            behind.connect(server, 10_000);
            ProxyLink link = new ProxyLink(client, behind, gate, links::remove);
            links.add(link);
            link.start();
            synchronized (this) {
                if (closed) {
                    link.reset();
                }
            }
        } catch (IOException e) {
            // Nobody listens behind the proxy: the client's connection breaks.
            ProxyLink.reset(client);
            ProxyLink.reset(behind);
        }
    }
}
