package io.sluice.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * A running MySQL that belongs to whoever started it, on 127.0.0.1 with a port and a folder of its
 * own. Set up for replication by row events with global transaction identifiers; its time zone is
 * three hours ahead of UTC, so that a value read in the wrong zone is seen.
 */
public sealed interface MySqlServer extends DatabaseServer permits LocalMySql, ContainerMySql {

    @Override
    default String url(String database) {
        return "jdbc:mysql://" + host() + ":" + port() + "/" + PostgresSql.urlPart(database);
    }

    @Override
    default Connection connect(String database) {
        Properties properties = new Properties();
        properties.setProperty("user", superuser());
        properties.setProperty("password", password());
        // An old server's encryption is refused by a new JVM; the password goes under its key.
        properties.setProperty("sslMode", "DISABLED");
        properties.setProperty("allowPublicKeyRetrieval", "true");
        try {
            return DriverManager.getConnection(url(database), properties);
        } catch (SQLException e) {
            if (e.getErrorCode() == MySqlSql.ENCRYPTED_ALONE) {
                return connectEncrypted(database, properties);
            }
            throw new ServerException("cannot connect to " + url(database), e);
        }
    }

    private Connection connectEncrypted(String database, Properties properties) {
        properties.setProperty("sslMode", "REQUIRED");
        try {
            return DriverManager.getConnection(url(database), properties);
        } catch (SQLException e) {
            throw new ServerException("cannot connect to " + url(database), e);
        }
    }

    @Override
    default String createDatabase(String name) {
        MySqlSql.run(this, "CREATE DATABASE " + MySqlSql.quoted(name));
        return url(name);
    }

    /** Drops a database and ends the sessions that use it, if it is there. */
    @Override
    default void dropDatabase(String name) {
        MySqlSql.dropDatabase(this, name);
    }

    /**
     * Changes a setting for the whole server, over restarts as well, and returns when new sessions
     * see it. A setting that a running server does not change restarts it.
     */
    @Override
    default void setting(String name, String value) {
        MySqlSql.setting(this, name, value);
    }
}
