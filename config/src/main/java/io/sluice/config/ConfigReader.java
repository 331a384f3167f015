package io.sluice.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a configuration. Safe to use from any thread. */
public final class ConfigReader {

    /** The largest file that is read, in bytes. */
    public static final int LARGEST_FILE = 1 << 20;

    private ConfigReader() {}

    /**
     * Reads a file in UTF-8, with the process's environment.
     *
     * @throws ConfigException with every problem of the file, or the one that kept it from being
     *     read
     */
    public static SluiceConfig read(Path file) {
        Problems problems = new Problems(file.toString());
        String yaml = text(file, problems);
        problems.throwIfAny();
        return read(file.toString(), yaml, System::getenv);
    }

    /**
     * Reads a text.
     *
     * @param sourceName what problems call it
     * @param environment the value of an environment variable, or null where it is not set
     * @throws ConfigException with every problem of the text
     */
    public static SluiceConfig read(
            String sourceName, String yaml, Function<String, @Nullable String> environment) {
        Problems problems = new Problems(sourceName);
        String text = yaml.startsWith("\uFEFF") ? yaml.substring(1) : yaml;
        checkCharacters(text, problems);
        problems.throwIfAny();
        Optional<SluiceConfig> config =
                NodeParser.parse(text, problems)
                        .flatMap(new ConfigBinding(problems, new References(environment))::bind);
        problems.throwIfAny();
        return config.orElseThrow();
    }

    private static String text(Path file, Problems problems) {
        if (Files.isDirectory(file)) {
            problems.add(0, "is a directory; give the configuration file in it");
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                problems.add(0, "is larger than 1MiB; this cannot be a configuration");
                return "";
            }
            return decode(bytes, problems);
        } catch (NoSuchFileException e) {
            problems.add(0, "there is no such file");
        } catch (AccessDeniedException e) {
            problems.add(0, "may not be read by this user");
        } catch (FileSystemException e) {
            problems.add(0, "cannot be read: " + e.getReason());
        } catch (IOException e) {
            problems.add(0, "cannot be read: " + e.getMessage());
        }
        return "";
    }

    private static String decode(byte[] bytes, Problems problems) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            problems.add(lineAt(text, text.length()), "is not UTF-8");
        }
        return text;
    }

    private static void checkCharacters(String text, Problems problems) {
        if (text.length() > LARGEST_FILE) {
            problems.add(0, "is larger than 1MiB; this cannot be a configuration");
            return;
        }
        for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            int c = text.codePointAt(at);
            if (!isText(c)) {
                problems.add(lineAt(text, at), "the character U+%04X is not text".formatted(c));
                return;
            }
        }
    }

    private static boolean isText(int c) {
        if (c == '\n' || c == '\r' || c == '\t') {
            return true;
        }
        return !Character.isISOControl(c)
                && Character.getType(c) != Character.SURROGATE
                && (c & 0xFFFE) != 0xFFFE;
    }

    private static int lineAt(String text, int end) {
        return 1 + (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
    }
}
