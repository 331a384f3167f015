package io.sluice.connectors.postgres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The names under which a pipeline is known to a server: always the same for the same pipeline,
 * different for different ones, and never longer than the 63 bytes that PostgreSQL keeps.
 */
public final class LogNames {

    private static final int LONGEST = 63;

    private LogNames() {}

    /** The replication slot: {@code sluice_}, what is readable of the pipeline's name, a hash. */
    public static String slot(String pipeline) {
        return name(pipeline, pipeline);
    }

    private static String name(String pipeline, String whole) {
        String readable =
                pipeline.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "_")
                        .replaceAll("^_|_$", "");
        String hash = hash(whole);
        int room = LONGEST - "sluice_".length() - 1 - hash.length();
        return "sluice_" + shorten(readable, room) + "_" + hash;
    }

    /** The publication; the same name, in another name space. */
    public static String publication(String pipeline) {
        return slot(pipeline);
    }

    /**
     * The replication origin of what it applies at a site. A server has one space of them for all
     * its databases.
     */
    static String origin(String database, String pipeline) {
        return name(pipeline, database + '\0' + pipeline);
    }

    /** The {@code application_name} of the session that writes to the target. */
    static String applySession(String pipeline) {
        return session("sluice apply ", pipeline);
    }

    /** The {@code application_name} of every other session. */
    static String session(String pipeline) {
        return session("sluice ", pipeline);
    }

    private static String session(String prefix, String pipeline) {
        String readable = pipeline.replaceAll("[^ -~]", "?");
        String whole = prefix + readable;
        if (readable.equals(pipeline) && whole.length() <= LONGEST) {
            return whole;
        }
        String hash = hash(pipeline);
        return shorten(whole, LONGEST - 1 - hash.length()) + "#" + hash;
    }

    private static String shorten(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
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
