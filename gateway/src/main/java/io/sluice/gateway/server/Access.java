package io.sluice.gateway.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may do what. Immutable. */
public final class Access {

    /** Where no token is asked for, whoever reaches the address is the operator. */
    private static final Caller ANYONE = new Caller("local", Role.OPERATOR);

    private final List<Token> tokens;

    /** What a caller may do; each may also do what those before it may. */
    public enum Role {
        /** Look at everything but secrets. */
        VIEWER,
        /** Pause, resume and restart pipelines. */
        OPERATOR
    }

    /** Who asks, by the name that the configuration gives the token. */
    public record Caller(String name, Role role) {}

    /** A token that is good for a caller. Its text does not show it. */
    public record Token(Caller caller, byte[] secret) {

        public Token(String name, Role role, String secret) {
            this(new Caller(name, role), secret.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return caller.toString();
        }
    }

    /**
     * @param tokens none where none is asked for
     */
    public Access(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
    }

    /** Whether a token is asked for. */
    public boolean asksForToken() {
        return !tokens.isEmpty();
    }

    /**
     * Whose token the request shows, in a time that does not tell how much of one is right.
     *
     * @param authorization the request's header
     */
    Optional<Caller> caller(@Nullable String authorization) {
        if (tokens.isEmpty()) {
            return Optional.of(ANYONE);
        }
        byte[] sent =
                authorization != null && authorization.startsWith("Bearer ")
                        ? authorization
                                .substring("Bearer ".length())
                                .getBytes(StandardCharsets.UTF_8)
                        : new byte[0];
        Caller found = null;
        for (Token token : tokens) {
            if (MessageDigest.isEqual(sent, token.secret())) {
                found = token.caller();
            }
        }
        return Optional.ofNullable(found);
    }
}
