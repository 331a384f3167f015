package io.sluice.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Finds a port for a server that keeps it over restarts: below the range that operating systems
 * hand out to outgoing connections, so that none of those takes it while the server is down. No
 * port is given again before all others were, and of the build's test processes each has ports of
 * its own.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int PORTS = END - FIRST;
    private static final int ATTEMPTS = 1_000;

    /** Every other port is this process's: of the build's two, one has the even ones. */
    private static final AtomicInteger NEXT =
            new AtomicInteger(
                    ThreadLocalRandom.current().nextInt(PORTS / 2) * 2
                            + Integer.getInteger("sluice.fork", 0) % 2);

    private FreePort() {}

    /** A port of the loopback address that nobody listens on now. */
    public static int find() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = FIRST + NEXT.getAndAdd(2) % PORTS;
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // Taken: try the next.
            }
        }
        throw new ServerException("no free port between " + FIRST + " and " + END);
    }
}
