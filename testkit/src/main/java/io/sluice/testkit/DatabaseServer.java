package io.sluice.testkit;

import java.nio.file.Path;
import java.sql.Connection;

/**
 * A running database server that belongs to whoever started it, on 127.0.0.1 with a port and a
 * folder of its own.
 *
 * <p>Life cycle: started when handed out; {@link #stop}, {@link #kill} and {@link #start} move it
 * between running and stopped as often as a test likes, with the same port and data; {@link #close}
 * ends it and removes its data. Methods may be called from any thread, one at a time per server.
 * Every failure is a {@link ServerException}.
 */
public sealed interface DatabaseServer extends AutoCloseable permits PostgresServer, MySqlServer {

    /** Always an address of this machine. */
    String host();

    /** The same for the server's whole life, over restarts as well. */
    int port();

    /** The name of a user who may do everything. */
    String superuser();

    /** The superuser's password; made up anew for each server. */
    String password();

    /** Starts a stopped or killed server again and returns when it accepts connections. */
    void start();

    /**
     * Stops it in order: sessions are ended, everything is written. Returns when it is gone; a
     * server that takes too long over it is told to quit at once.
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
    String url(String database);

    /** Opens a connection as the superuser. */
    Connection connect(String database);

    /** Makes an empty database and returns its JDBC URL. */
    String createDatabase(String name);

    /** Drops a database and ends the sessions that use it, if it is there. */
    void dropDatabase(String name);

    /** Changes a setting for the whole server and returns when new sessions see it. */
    void setting(String name, String value);
}
