package io.sluice.connectors.spi;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where a database is and who the gateway is there.
 *
 * @param name the name that the configuration gives the database
 * @param url a JDBC URL; its parameters are honoured
 * @param password never printed
 */
public record DatabaseAddress(String name, String url, String username, String password) {

    /** Drivers take everything up to the next {@code &} for the value. */
    private static final Pattern SECRET =
            Pattern.compile("(?i)((?:pass|pwd|secret|token|credential|key)[^=&?]*=)[^&]*");

    public DatabaseAddress {
        Objects.requireNonNull(name);
        Objects.requireNonNull(url);
        Objects.requireNonNull(username);
        Objects.requireNonNull(password);
    }

    @Override
    public String toString() {
        return name + " (" + SECRET.matcher(url).replaceAll("$1…") + ")";
    }
}
