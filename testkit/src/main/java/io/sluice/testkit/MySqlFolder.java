package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The folder of one server: its data, its settings and its log.
 *
 * <p>Data are copied from a template that is made once per version in the cache, since to make them
 * takes longer than to start on them.
 *
 * @param path removed as a whole when the server is closed
 */
record MySqlFolder(Path path) {
    /** What replication and tests with many clients need, before anybody's own settings. */
    static final Map<String, String> SETTINGS =
            Map.ofEntries(
                    Map.entry("log_bin", "binlog"),
                    Map.entry("loose_binlog_format", "ROW"), // newer servers know no other
                    Map.entry("binlog_row_image", "FULL"),
                    Map.entry("gtid_mode", "ON"),
                    Map.entry("enforce_gtid_consistency", "ON"),
                    Map.entry("local_infile", "ON"),
                    Map.entry("character_set_server", "utf8mb4"),
                    Map.entry("default_time_zone", "+03:00"),
                    Map.entry("log_timestamps", "UTC"),
                    Map.entry("max_connections", "200"),
                    Map.entry("skip_name_resolve", "ON"),
                    Map.entry("loose_mysqlx", "OFF"),
                    Map.entry("secure_file_priv", ""),
                    Map.entry("innodb_buffer_pool_size", "128M"),
                    Map.entry("loose_innodb_redo_log_capacity", "64M"));

    /** Settings that hold for the life of the data, and so make another template. */
    private static final Set<String> OF_THE_DATA =
            Set.of("lower_case_table_names", "innodb_page_size");

    static MySqlFolder create() {
        try {
            return new MySqlFolder(Files.createTempDirectory("sluice-mysql-"));
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

    /** Tells the process to the guard. */
    Path processFile() {
        return path.resolve("mysqld.pid");
    }

    Path settingsFile() {
        return path.resolve("my.cnf");
    }

    /** What the server runs at its first start. */
    Path firstStatements() {
        return path.resolve("first.sql");
    }

    /** Fills the folder: data without any user but the one who may do all, by password alone. */
    void initialize(
            MySqlBinaries binaries, Map<String, String> own, String superuser, String password) {
        Map<String, String> ofTheData = new TreeMap<>(own);
        ofTheData.keySet().retainAll(OF_THE_DATA);
        StringBuilder name = new StringBuilder("mysql-data-" + binaries.version());
        ofTheData.forEach((setting, value) -> name.append('-').append(setting).append(value));
        String secret = MySqlSql.text(password);
        String user = "'" + superuser + "'@'%'";
        try {
            Path template =
                    CacheFolder.filled(
                            name.toString(), fresh -> makeTemplate(binaries, fresh, ofTheData));
            Files.walkFileTree(template.resolve("data"), new Copy(template.resolve("data")));
            Files.deleteIfExists(data().resolve("auto.cnf")); // the server's identity
            Files.writeString(
                    firstStatements(),
                    "SET sql_log_bin = 0;\n"
                            + ("CREATE USER IF NOT EXISTS " + user)
                            + (" IDENTIFIED BY " + secret + ";\n")
                            + ("GRANT ALL ON *.* TO " + user + " WITH GRANT OPTION;\n")
                            + ("DROP USER IF EXISTS '" + superuser + "'@'localhost';\n"));
        } catch (IOException e) {
            throw new ServerException("cannot prepare the server's folder " + path, e);
        }
    }

    private static void makeTemplate(
            MySqlBinaries binaries, Path fresh, Map<String, String> ofTheData) throws IOException {
        MySqlFolder folder = new MySqlFolder(fresh);
        Map<String, String> settings = new TreeMap<>(ofTheData);
        settings.put("skip_log_bin", "ON");
        folder.writeSettings(0, Durability.FAST, settings);
        Commands.run(folder.command(binaries, List.of("--initialize-insecure")));
        Files.delete(folder.settingsFile());
    }

    /** Writes the settings that hold from the next start on; later ones win over earlier ones. */
    void configure(int port, Durability durability, Map<String, String> own) {
        try {
            writeSettings(port, durability, own);
        } catch (IOException e) {
            throw new ServerException("cannot write the settings of " + path, e);
        }
    }

    private void writeSettings(int port, Durability durability, Map<String, String> own)
            throws IOException {
        Map<String, String> settings = new TreeMap<>(SETTINGS);
        settings.putAll(durability.mySqlSettings());
        settings.put("bind_address", "127.0.0.1");
        settings.put("port", Integer.toString(port));
        settings.put("server_id", Integer.toString(Math.max(1, port))); // of this machine's alone
        // Within the data, where the server stands: no long path is too long for a socket.
        settings.put("socket", "mysqld.sock");
        settings.put("pid_file", "mysqld.pid");
        settings.putAll(own);
        if (settings.containsKey("skip_log_bin")) {
            settings.remove("log_bin");
        }
        StringBuilder lines = new StringBuilder("[mysqld]\n");
        settings.forEach(
                (name, value) ->
                        lines.append(name)
                                .append(" = \"")
                                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                                .append("\"\n"));
        Files.writeString(settingsFile(), lines);
    }

    /** The server's command line over this folder. */
    List<String> command(MySqlBinaries binaries, List<String> options) {
        List<String> command = new ArrayList<>(binaries.program());
        command.add("--defaults-file=" + settingsFile());
        command.addAll(binaries.places());
        command.add("--datadir=" + data());
        if (ServerUser.current().isOther()) {
            command.add("--user=root"); // refused without this word
        }
        command.addAll(options);
        return command;
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

    private final class Copy extends SimpleFileVisitor<Path> {
        private final Path from;

        Copy(Path from) {
            this.from = from;
        }

        private Path place(Path path) {
            return data().resolve(from.relativize(path));
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
            Files.createDirectories(place(folder));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.copy(file, place(file), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
        }
    }
}
