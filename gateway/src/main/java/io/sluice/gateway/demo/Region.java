package io.sluice.gateway.demo;

import io.sluice.testkit.Comparer;
import io.sluice.testkit.Comparison;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Privileges;
import io.sluice.testkit.Privileges.End;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A region of the demonstration: a server of its own with the shop's database.
 *
 * @param key the database's name in the configuration
 * @param name of the region, for people
 * @param login as whom the gateway comes: a role that the manual's statements made
 */
public record Region(String key, String name, DatabaseServer server, Privileges login) {

    public static final String DATABASE = "shop";

    private static final Set<String> NO_SUCH_TABLE = Set.of("42P01", "42S02");

    /** Makes the shop's database, empty, and the gateway's role. */
    public static Region open(String key, String name, DatabaseServer server, End end) {
        server.createDatabase(DATABASE);
        Privileges login = Privileges.fresh(key);
        login.create(server, DATABASE, end);
        return new Region(key, name, server, login);
    }

    /** As {@link #open}, for a region that others follow and that follows others. */
    public static Region openSite(String key, String name, DatabaseServer server) {
        Region region = open(key, name, server, End.SOURCE);
        region.login.grant(server, DATABASE, End.TARGET);
        region.login.grant(server, DATABASE, End.SITE);
        return region;
    }

    public Connection connect() {
        return server.connect(DATABASE);
    }

    /** The address as the gateway's configuration has it. */
    public String url() {
        String parameters = isMySql() ? "?sslMode=DISABLED&allowPublicKeyRetrieval=true" : "";
        return server.url(DATABASE) + parameters;
    }

    private boolean isMySql() {
        return server instanceof MySqlServer;
    }

    /** Rows of a table; none where it is not there yet. */
    public long count(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM " + own(table))) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            if (NO_SUCH_TABLE.contains(e.getSQLState())) {
                return 0;
            }
            throw e;
        }
    }

    /** Compares tables here with those of another region, row by row. */
    public Comparison compareWith(Region other, List<String> tables) throws SQLException {
        try (Connection here = connect();
                Connection there = other.connect()) {
            if (!isMySql() && !other.isMySql()) {
                return Comparer.compare(here, there, tables);
            }
            Map<String, String> names = new LinkedHashMap<>();
            tables.forEach(table -> names.put(own(table), other.own(table)));
            return Comparer.compareAcross(here, there, names);
        }
    }

    private String own(String table) {
        return isMySql() ? DATABASE + table.substring(table.indexOf('.')) : table;
    }
}
