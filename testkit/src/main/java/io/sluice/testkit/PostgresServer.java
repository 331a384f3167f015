package io.sluice.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * A running PostgreSQL that belongs to whoever started it, on 127.0.0.1 with a port and a folder of
 * its own. Set up for logical replication.
 */
public sealed interface PostgresServer extends DatabaseServer
        permits LocalPostgres, ContainerPostgres {

    @Override
    default String url(String database) {
        return "jdbc:postgresql://" + host() + ":" + port() + "/" + PostgresSql.urlPart(database);
    }

    @Override
    default Connection connect(String database) {
        Properties properties = new Properties();
        properties.setProperty("user", superuser());
        properties.setProperty("password", password());
        properties.setProperty("ApplicationName", "testkit");
        try {
            return DriverManager.getConnection(url(database), properties);
        } catch (SQLException e) {
            throw new ServerException("cannot connect to " + url(database), e);
        }
    }

    @Override
    default String createDatabase(String name) {
        PostgresSql.run(this, "CREATE DATABASE " + PostgresSql.quoted(name));
        return url(name);
    }

    /** Drops a database, its replication slots and the sessions that use it, if it is there. */
    @Override
    default void dropDatabase(String name) {
        PostgresSql.dropDatabase(this, name);
    }

    /**
     * Changes a setting for the whole server and returns when new sessions see the reloaded
     * configuration. Settings that need a restart take effect at the next one.
     */
    @Override
    default void setting(String name, String value) {
        PostgresSql.setting(this, name, value);
    }
}
