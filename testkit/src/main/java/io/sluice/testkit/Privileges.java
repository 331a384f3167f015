package io.sluice.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
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
public record Privileges(String role, String password, String owner) {

    /** Which of the manual's lists the role is made from. */
    public enum End {
        SOURCE("Source"),
        TARGET("Target"),
        /** What a PostgreSQL database needs beside both where several sites write. */
        SITE("Site");

        private final String heading;

        End(String heading) {
            this.heading = heading;
        }
    }

    private static final String MANUAL = "operations.md";

    /** What the manual calls the roles and the database. */
    private static final Pattern ROLE = Pattern.compile("\\b(ROLE|USER|TO) sluice\\b");

    private static final Pattern OWNER = Pattern.compile("\\bshop_owner\\b");
    private static final Pattern DATABASE = Pattern.compile("\\bshop\\b");

    /**
     * A role that is not made yet, with a password of its own.
     *
     * @param name unlike that of any other on its server; letters, digits and underscores
     */
    public static Privileges fresh(String name) {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        return new Privileges("sluice_" + name, HexFormat.of().formatHex(random), "owner_" + name);
    }

    /**
     * Makes the role, and grants it what the manual says on a database. On a PostgreSQL source the
     * superuser's sessions of that database that begin from here on are its tables' owner.
     */
    public void create(DatabaseServer server, String database, End end) {
        List<String> statements =
                new ArrayList<>(documented(server, end).filter(Privileges::isCreation).toList());
        if (server instanceof PostgresServer && end == End.SOURCE) {
            statements.add("CREATE ROLE shop_owner SUPERUSER");
        }
        statements.addAll(grants(server, end));
        run(server, statements, database);
    }

    /** Lets the role do on a further database what the manual grants it. */
    public void grant(DatabaseServer server, String database, End end) {
        run(server, grants(server, end), database);
    }

    private static List<String> grants(DatabaseServer server, End end) {
        List<String> statements = new ArrayList<>();
        boolean postgres = server instanceof PostgresServer;
        if (postgres && end == End.SOURCE) {
            // What the superuser makes from here on is an application's.
            statements.add(
                    "ALTER ROLE %s IN DATABASE shop SET role = shop_owner"
                            .formatted(server.superuser()));
        }
        documented(server, end).filter(sql -> !isCreation(sql)).forEach(statements::add);
        if (postgres && end == End.TARGET) {
            // As on what stands, on what a test makes later.
            String later = "ALTER DEFAULT PRIVILEGES GRANT %s TO sluice";
            statements.add(later.formatted("USAGE, CREATE ON SCHEMAS"));
            statements.add(later.formatted("SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLES"));
        }
        return statements;
    }

    private static boolean isCreation(String sql) {
        return sql.startsWith("CREATE");
    }

    private void run(DatabaseServer server, List<String> statements, String database) {
        boolean mysql = server instanceof MySqlServer;
        String name = mysql ? MySqlSql.quoted(database) : PostgresSql.quoted(database);
        try (Connection connection = server.connect(mysql ? MySqlSql.ADMIN : database);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(own(sql, name));
            }
        } catch (SQLException e) {
            throw new ServerException("the manual's statements do not run on " + server, e);
        }
    }

    /** Removes the role from a server whose database is dropped already. */
    public void drop(DatabaseServer server) {
        boolean mysql = server instanceof MySqlServer;
        try (Connection connection = server.connect(mysql ? MySqlSql.ADMIN : PostgresSql.ADMIN);
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
    private static Stream<String> documented(DatabaseServer server, End end) {
        String engine = server instanceof MySqlServer ? "MySQL" : "PostgreSQL";
        Matcher block =
                Pattern.compile(
                                "### %s\n.*?\n%s[:,].*?```sql\n(.*?)```"
                                        .formatted(engine, end.heading),
                                Pattern.DOTALL)
                        .matcher(manual());
        if (!block.find()) {
            throw new ServerException("no privileges of a " + end.heading + " in " + MANUAL);
        }
        return Stream.of(block.group(1).replaceAll("--[^\n]*", "").split(";"))
                .map(String::strip)
                .filter(sql -> !sql.isEmpty());
    }

    private static String manual() {
        try (InputStream manual = Privileges.class.getResourceAsStream(MANUAL)) {
            if (manual == null) {
                throw new ServerException(MANUAL + " is missing from the test kit");
            }
            return new String(manual.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ServerException("cannot read " + MANUAL, e);
        }
    }

    private String own(String sql, String database) {
        String named = ROLE.matcher(sql).replaceAll("$1 " + role);
        named = OWNER.matcher(named).replaceAll(owner);
        return DATABASE.matcher(named)
                .replaceAll(Matcher.quoteReplacement(database))
                .replace("…", password);
    }
}
