package io.sluice.config;

import java.util.Objects;

/** A caller of the HTTP side, and what it may do. */
public record TokenConfig(Role role, Secret token) {

    public static final Role DEFAULT_ROLE = Role.VIEWER;

    public TokenConfig {
        Objects.requireNonNull(role);
        Objects.requireNonNull(token);
    }

    /** What a caller may do. */
    public enum Role {
        /** Look at everything but secrets. */
        VIEWER("viewer"),
        /** Give orders, too. */
        OPERATOR("operator");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        static Role parse(String text) {
            for (Role role : values()) {
                if (role.text.equals(text)) {
                    return role;
                }
            }
            throw new IllegalArgumentException("must be viewer or operator");
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
