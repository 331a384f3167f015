package io.sluice.connectors.mysql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The names under which a pipeline's sessions are known to a server, as their {@code program_name}:
 * always the same for the same pipeline, different for different ones.
 */
final class SessionNames {

    /** The server keeps 512 bytes of all attributes together. */
    private static final int LONGEST = 63;

    private SessionNames() {}

    /** The session that writes to the target. */
    static String apply(String pipeline) {
        return session("sluice apply ", pipeline);
    }

    /** Every other session. */
    static String session(String pipeline) {
        return session("sluice ", pipeline);
    }

    private static String session(String prefix, String pipeline) {
        // A comma would end the attribute.
        String readable = pipeline.replaceAll("[^ -~]|,", "?");
        String whole = prefix + readable;
        if (readable.equals(pipeline) && whole.length() <= LONGEST) {
            return whole;
        }
        String hash = hash(pipeline);
        int room = LONGEST - 1 - hash.length();
        return (whole.length() <= room ? whole : whole.substring(0, room)) + "#" + hash;
    }

    private static String hash(String text) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
