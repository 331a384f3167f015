package io.sluice.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A password or a token. Only {@link #reveal} gives it away; its text is a mask. */
public final class Secret {

    private final String value;

    public Secret(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("must not be empty");
        }
        this.value = value;
    }

    /** The secret itself, to hand to a driver: never to a log, a message or a page. */
    public String reveal() {
        return value;
    }

    /** Compares in a time that does not tell how much of the two agrees. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8),
                        secret.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
