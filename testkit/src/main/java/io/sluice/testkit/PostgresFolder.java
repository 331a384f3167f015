package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The folder of one server: its data, its log, and the user that owns them.
 *
 * @param path removed as a whole when the server is closed
 */
record PostgresFolder(Path path, ServerUser user) {
    /** What logical replication and tests with many clients need, before anybody's own settings. */
    static final Map<String, String> SETTINGS =
            Map.ofEntries(
                    Map.entry("listen_addresses", "127.0.0.1"),
                    Map.entry("unix_socket_directories", ""),
                    Map.entry("wal_level", "logical"),
                    Map.entry("max_wal_senders", "40"),
                    Map.entry("max_replication_slots", "40"),
                    Map.entry("max_connections", "200"),
                    Map.entry("max_prepared_transactions", "20"),
                    Map.entry("track_commit_timestamp", "off"),
                    Map.entry("shared_buffers", "128MB"),
                    Map.entry("max_wal_size", "2GB"),
                    Map.entry("lc_messages", "C"),
                    Map.entry("timezone", "UTC"),
                    Map.entry("log_timezone", "UTC"),
                    Map.entry("log_line_prefix", "%m [%p] %d "),
                    // In the data folder, and so gone with it even after a kill.
                    Map.entry("dynamic_shared_memory_type", "mmap"));

    /** Those of them that only a server outside of a container takes. */
    static final Set<String> LOCAL =
            Set.of("listen_addresses", "unix_socket_directories", "dynamic_shared_memory_type");

    static PostgresFolder create() {
        try {
            ServerUser user = ServerUser.current();
            Path path = Files.createTempDirectory("sluice-postgres-");
            user.own(path);
            return new PostgresFolder(path, user);
        } catch (IOException e) {
            throw new ServerException(
                    "cannot make a folder under " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    Path data() {
        return path.resolve("data");
    }

    Path log() {
        return path.resolve("server.log");
    }

    /** Makes an empty cluster whose superuser logs in by password alone. */
    void initialize(PostgresBinaries binaries, String superuser, String password) {
        Path secret = path.resolve("password");
        try {
            Files.writeString(secret, password);
            user.own(secret);
            Commands.run(
                    user.command(
                            List.of(
                                    binaries.program("initdb"),
                                    "--pgdata=" + data(),
                                    "--username=" + superuser,
                                    "--pwfile=" + secret,
                                    "--auth=scram-sha-256",
                                    "--encoding=UTF8",
                                    "--locale=" + locale(),
                                    "--no-sync",
                                    "--no-instructions")));
            Files.delete(secret);
        } catch (IOException e) {
            throw new ServerException("cannot prepare the server's folder " + path, e);
        }
    }

    /** Writes the settings that hold from the next start on; later ones win over earlier ones. */
    void configure(int port, Durability durability, Map<String, String> own) {
        Map<String, String> settings = new TreeMap<>(SETTINGS);
        settings.putAll(durability.settings());
        settings.put("port", Integer.toString(port));
        settings.putAll(own);
        StringBuilder lines = new StringBuilder();
        settings.forEach(
                (name, value) ->
                        lines.append(name)
                                .append(" = '")
                                .append(value.replace("'", "''"))
                                .append("'\n"));
        try {
            Files.writeString(data().resolve("postgresql.conf"), lines);
        } catch (IOException e) {
            throw new ServerException("cannot write the settings of " + path, e);
        }
    }

    /** The last lines of the server's log, for the message of a failure. */
    String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            return "(no log at " + log() + ")";
        }
    }

    /** C.UTF-8 sorts by code point on every machine; macOS knows it by another name. */
    private static String locale() {
        return System.getProperty("os.name").startsWith("Mac") ? "C" : "C.UTF-8";
    }
}
