package io.sluice.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds a port for a server that keeps it over restarts: below the range that operating systems
 * hand out to outgoing connections, so that none of those takes it while the server is down. No
 * port is given twice, and of the build's test processes each has ports of its own.
 */
public final class FreePort {
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int ATTEMPTS = 1_000;

    /** The processes' numbers, of which there are two: one has the even ports. */
    private static final @Nullable Integer FORK = Integer.getInteger("sluice.fork");

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private FreePort() {}

    /** A port of the loopback address that nobody listens on now. */
    public static int find() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (FORK != null && port % 2 != FORK % 2 || GIVEN.contains(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                GIVEN.add(port);
                return port;
            } catch (IOException e) {
                // Taken: try the next.
            }
        }
        throw new ServerException("no free port between " + FIRST + " and " + END);
    }
}
