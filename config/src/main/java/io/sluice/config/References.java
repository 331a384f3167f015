package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${env:NAME}} and {@code ${file:/path}} in a value by what they stand for; {@code
 * $${} is a plain {@code ${}. A file's last line end is left out. What a reference stands for is
 * taken as it is, and no message repeats it.
 */
final class References {

    private static final int LARGEST_FILE = 64 * 1024;

    private final Function<String, @Nullable String> environment;

    References(Function<String, @Nullable String> environment) {
        this.environment = environment;
    }

    /**
     * The value with its references resolved.
     *
     * @throws IllegalArgumentException naming the reference that cannot be
     */
    String resolve(String text) {
        StringBuilder resolved = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int start = text.indexOf("${", at);
            if (start < 0) {
                break;
            }
            if (start > at && text.charAt(start - 1) == '$') {
                resolved.append(text, at, start - 1).append("${");
                at = start + 2;
                continue;
            }
            int end = text.indexOf('}', start);
            if (end < 0) {
                throw new IllegalArgumentException("holds a `${` that is not closed");
            }
            resolved.append(text, at, start).append(value(text.substring(start + 2, end)));
            at = end + 1;
        }
        return resolved.append(text.substring(at)).toString();
    }

    private String value(String reference) {
        if (reference.matches("env:[A-Za-z_][A-Za-z0-9_]*")) {
            String value = environment.apply(reference.substring("env:".length()));
            if (value == null || value.isEmpty()) {
                throw failure(reference, value == null ? "is not set" : "is empty");
            }
            return value;
        }
        if (reference.startsWith("file:/")) {
            String value = file(reference).replaceFirst("\r?\n\\z", "");
            if (value.isEmpty()) {
                throw failure(reference, "is empty");
            }
            return value;
        }
        throw new IllegalArgumentException(
                "holds a reference that is neither `${env:NAME}` nor `${file:/absolute/path}`;"
                        + " write `$${` for a plain `${`");
    }

    private static String file(String reference) {
        try (InputStream in = Files.newInputStream(Path.of(reference.substring(5)))) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw failure(reference, "is larger than 64KiB");
            }
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (NoSuchFileException e) {
            throw failure(reference, "does not exist");
        } catch (AccessDeniedException e) {
            throw failure(reference, "may not be read by this user");
        } catch (CharacterCodingException e) {
            throw failure(reference, "is not UTF-8");
        } catch (IOException | InvalidPathException e) {
            throw failure(reference, "cannot be read");
        }
    }

    private static IllegalArgumentException failure(String reference, String what) {
        return new IllegalArgumentException("`${" + reference + "}` " + what);
    }
}
