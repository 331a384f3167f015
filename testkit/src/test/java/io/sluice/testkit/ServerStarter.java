package io.sluice.testkit;

import java.util.List;
import java.util.Map;

/** A program of its own that starts a server and waits to be killed. */
final class ServerStarter {
    private ServerStarter() {}

    public static void main(String[] arguments) throws Exception {
        boolean paused = List.of(arguments).contains("paused");
        if (List.of(arguments).contains("mysql")) {
            MySqlServer server = Servers.mysql(MySqlBinaries.newest(), Durability.FAST, Map.of());
            if (paused) {
                server.pause();
            }
            System.out.println("folder " + server.log().getParent());
        } else {
            PostgresServer server =
                    Servers.postgres(PostgresBinaries.embedded(), Durability.FAST, Map.of());
            if (paused) {
                server.pause();
            }
            System.out.println("folder " + server.log().getParent());
        }
        System.out.flush();
        System.in.read();
    }
}
