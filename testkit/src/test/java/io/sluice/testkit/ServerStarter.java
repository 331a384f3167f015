package io.sluice.testkit;

import java.util.Map;

/** A program of its own that starts a server and waits to be killed. */
final class ServerStarter {
    private ServerStarter() {}

    public static void main(String[] arguments) throws Exception {
        PostgresServer server =
                Servers.postgres(PostgresBinaries.embedded(), Durability.FAST, Map.of());
        if (arguments.length > 0) {
            server.pause();
        }
        System.out.println("folder " + server.log().getParent());
        System.out.flush();
        System.in.read();
    }
}
