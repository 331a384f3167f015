package io.sluice.gateway.system;

import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.ServerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A role of the gateway that may do what {@code docs/operations.md} grants it and nothing else: the
 * statements that stand there are run, with names of their own.
 *
 * @param owner whom the source's tables belong to, in PostgreSQL; else unused
 */
record Privileges(String role, String password, String owner) {

    /** What the manual calls the roles and the database. */
    private static final Pattern ROLE = Pattern.compile("\\b(ROLE|USER|TO) sluice\\b");

    private static final Pattern OWNER = Pattern.compile("\\bshop_owner\\b");
    private static final Pattern DATABASE = Pattern.compile("\\bshop\\b");

    static Privileges fresh(String name) {
        return new Privileges(
                "sluice_" + name,
                Long.toHexString(ThreadLocalRandom.current().nextLong()),
                "owner_" + name);
    }

    /**
     * Makes the role.
     *
     * @param end {@code Source} or {@code Target}
     */
    void create(DatabaseServer server, String database, String end) {
        run(server, documented(server, end).filter(Privileges::isCreation).toList(), database);
        if (!(server instanceof MySqlServer) && end.equals("Source")) {
            run(server, List.of("CREATE ROLE %s SUPERUSER".formatted(owner)), database);
        }
        grant(server, database, end);
    }

    /** Lets the role do on a database what the manual grants it. */
    void grant(DatabaseServer server, String database, String end) {
        boolean mysql = server instanceof MySqlServer;
        if (!mysql && end.equals("Source")) {
            // What the superuser makes from here on is an application's.
            String owned = "ALTER ROLE %s IN DATABASE shop SET role = shop_owner";
            run(server, List.of(owned.formatted(server.superuser())), database);
        }
        run(server, documented(server, end).filter(sql -> !isCreation(sql)).toList(), database);
        if (!mysql && end.equals("Target")) {
            // As on what stands, on what a test makes later.
            String later = "ALTER DEFAULT PRIVILEGES GRANT %s TO sluice";
            run(
                    server,
                    List.of(
                            later.formatted("USAGE, CREATE ON SCHEMAS"),
                            later.formatted("SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES")),
                    database);
        }
    }

    private static boolean isCreation(String sql) {
        return sql.startsWith("CREATE");
    }

    private void run(DatabaseServer server, List<String> statements, String database) {
        boolean mysql = server instanceof MySqlServer;
        String name = mysql ? "`" + database + "`" : database;
        try (Connection connection = server.connect(mysql ? "mysql" : database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(own(sql, name));
            }
        } catch (SQLException e) {
            throw new ServerException("the manual's statements do not run on " + server, e);
        }
    }

    /** Removes the role from a server whose database is dropped already. */
    void drop(DatabaseServer server) {
        boolean mysql = server instanceof MySqlServer;
        try (Connection connection = server.connect(mysql ? "mysql" : "postgres");
                Statement statement = connection.createStatement()) {
            if (mysql) {
                statement.execute("DROP USER IF EXISTS " + role);
                return;
            }
            statement.execute("DROP OWNED BY " + role);
            statement.execute("DROP ROLE " + role);
            statement.execute("DROP ROLE IF EXISTS " + owner);
        } catch (SQLException e) {
            throw new ServerException("cannot drop the role of the gateway on " + server, e);
        }
    }

    /** The statements of the manual, in their order. */
    private static Stream<String> documented(DatabaseServer server, String end) {
        String engine = server instanceof MySqlServer ? "MySQL" : "PostgreSQL";
        Path manual = Path.of(System.getProperty("sluice.root"), "docs", "operations.md");
        try {
            Matcher block =
                    Pattern.compile(
                                    "### %s\n.*?\n%s[:,].*?```sql\n(.*?)```".formatted(engine, end),
                                    Pattern.DOTALL)
                            .matcher(Files.readString(manual));
            if (!block.find()) {
                throw new AssertionError("no privileges of a " + end + " in " + manual);
            }
            return Stream.of(block.group(1).replaceAll("--[^\n]*", "").split(";"))
                    .map(String::strip)
                    .filter(sql -> !sql.isEmpty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String own(String sql, String database) {
        String named = ROLE.matcher(sql).replaceAll("$1 " + role);
        named = OWNER.matcher(named).replaceAll(owner);
        return DATABASE.matcher(named).replaceAll(database).replace("…", password);
    }
}
