package io.sluice.config;

import java.util.Objects;
import java.util.Optional;

/**
 * A database, and who the gateway is there.
 *
 * @param url a JDBC URL with one host and a database name; holds no user and no password
 * @param region where it stands, for people
 */
public record DatabaseConfig(
        String url, String username, Secret password, Optional<String> region) {

    public DatabaseConfig {
        JdbcUrl.check(url);
        Objects.requireNonNull(username);
        Objects.requireNonNull(password);
        Objects.requireNonNull(region);
    }

    /** Whether it is MySQL; else it is PostgreSQL. */
    public boolean isMySql() {
        return JdbcUrl.isMySql(url);
    }

    /** The name of the database that the URL leads to. */
    public String database() {
        return JdbcUrl.database(url);
    }

    /** Without the URL's parameters: some drivers take key passwords there. */
    @Override
    public String toString() {
        return "DatabaseConfig[url="
                + JdbcUrl.withoutParameters(url)
                + ", username="
                + username
                + ", password="
                + password
                + ", region="
                + region.orElse("")
                + "]";
    }
}
