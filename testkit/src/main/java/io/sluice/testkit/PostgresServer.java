package io.sluice.testkit;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * A running PostgreSQL that belongs to whoever started it, on 127.0.0.1 with a port and a folder of
 * its own. Set up for logical replication.
 *
 * <p>Life cycle: started when handed out; {@link #stop}, {@link #kill} and {@link #start} move it
 * between running and stopped as often as a test likes, with the same port and data; {@link #close}
 * ends it and removes its data. Methods may be called from any thread, one at a time per server.
 * Every failure is a {@link ServerException}.
 */
public sealed interface PostgresServer extends AutoCloseable
        permits LocalPostgres, ContainerPostgres {

    /** Always an address of this machine. */
    String host();

    /** The same for the server's whole life, over restarts as well. */
    int port();

    /** The name of the superuser, who may also replicate. */
    String superuser();

    /** The superuser's password; made up anew for each server. */
    String password();

    /** Starts a stopped or killed server again and returns when it accepts connections. */
    void start();

    /**
     * Stops it in order: sessions are ended, everything is written. Returns when it is gone. A
     * replication client that does not follow can hold that up; after 20 s the server is told to
     * quit at once, and recovers at its next start.
     */
    void stop();

    /** Kills it as a crash would, without any chance to write or to say goodbye to its clients. */
    void kill();

    /** Stops and starts it. */
    default void restart() {
        stop();
        start();
    }

    /** Freezes all its processes: connections stay open and nothing answers. */
    void pause();

    /** Ends {@link #pause}. */
    void resume();

    /** Whether its main process lives; a paused server does. */
    boolean isRunning();

    /** What the server wrote about itself, as a file that can be read now. */
    Path log();

    /** Ends the server at once and removes its data. */
    @Override
    void close();

    /** The JDBC URL of a database, without a user and password. */
    default String url(String database) {
        return "jdbc:postgresql://" + host() + ":" + port() + "/" + PostgresSql.urlPart(database);
    }

    /** Opens a connection as the superuser. */
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

    /** Makes an empty database and returns its JDBC URL. */
    default String createDatabase(String name) {
        PostgresSql.run(this, "CREATE DATABASE " + PostgresSql.quoted(name));
        return url(name);
    }

    /** Drops a database, its replication slots and the sessions that use it, if it is there. */
    default void dropDatabase(String name) {
        PostgresSql.dropDatabase(this, name);
    }

    /**
     * Changes a setting for the whole server and returns when new sessions see the reloaded
     * configuration. Settings that need a restart take effect at the next one.
     */
    default void setting(String name, String value) {
        PostgresSql.setting(this, name, value);
    }
}
