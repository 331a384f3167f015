package io.sluice.conflict;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The form in which versions are stored: words with a blank between them, in which names are
 * written in plain letters and escapes, so that no name can be taken for something else. The same
 * value has the same text.
 */
public final class VersionText {

    private static final String GONE = "deleted";
    private static final String STANDS = "stands";

    /** Words of a row's version before its marks. */
    private static final int WORDS = 5;

    /** Before the four hexadecimal digits of a sign that is not plain. */
    private static final char ESCAPE = '%';

    private static final int DIGITS = 4;

    private VersionText() {}

    public static String of(Version version) {
        return version.at() + "@" + encoded(version.origin().name());
    }

    public static Version version(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            throw new IllegalArgumentException("not a version: no @");
        }
        return new Version(
                HybridTimestamp.parse(text.substring(0, at)),
                new Origin(decoded(text.substring(at + 1))));
    }

    /** {@code born last since life stands}, then {@code part=version} for each mark. */
    public static String of(RowVersion row) {
        StringBuilder text =
                new StringBuilder()
                        .append(of(row.born()))
                        .append(' ')
                        .append(of(row.last()))
                        .append(' ')
                        .append(row.since())
                        .append(' ')
                        .append(of(row.life()))
                        .append(' ')
                        .append(row.deleted() ? GONE : STANDS);
        new TreeMap<>(row.marks())
                .forEach(
                        (part, version) ->
                                text.append(' ')
                                        .append(encoded(part))
                                        .append('=')
                                        .append(of(version)));
        return text.toString();
    }

    public static RowVersion rowVersion(String text) {
        String[] words = text.split(" ", -1);
        if (words.length < WORDS || !(words[4].equals(GONE) || words[4].equals(STANDS))) {
            throw new IllegalArgumentException("not a row's version");
        }
        Map<String, Version> marks = new HashMap<>();
        for (int i = WORDS; i < words.length; i++) {
            int is = words[i].indexOf('=');
            marks.put(decoded(words[i].substring(0, is)), version(words[i].substring(is + 1)));
        }
        return new RowVersion(
                version(words[0]),
                version(words[1]),
                HybridTimestamp.parse(words[2]),
                life(words[3]),
                words[4].equals(GONE),
                marks);
    }

    /** A time alone was written where there was none. */
    private static Version life(String text) {
        return text.indexOf('@') < 0 ? Version.NONE : version(text);
    }

    /** {@code origin=time} for each origin; empty for nothing. */
    public static String of(Seen seen) {
        StringBuilder text = new StringBuilder();
        Map<String, HybridTimestamp> sorted = new TreeMap<>();
        seen.upTo().forEach((origin, time) -> sorted.put(origin.name(), time));
        sorted.forEach(
                (name, time) ->
                        text.append(text.isEmpty() ? "" : " ")
                                .append(encoded(name))
                                .append('=')
                                .append(time));
        return text.toString();
    }

    public static Seen seen(String text) {
        Map<Origin, HybridTimestamp> upTo = new HashMap<>();
        for (String word : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
            int is = word.indexOf('=');
            upTo.put(
                    new Origin(decoded(word.substring(0, is))),
                    HybridTimestamp.parse(word.substring(is + 1)));
        }
        return new Seen(upTo);
    }

    private static String encoded(String name) {
        StringBuilder text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char sign = name.charAt(i);
            boolean plain =
                    (sign >= 'a' && sign <= 'z')
                            || (sign >= 'A' && sign <= 'Z')
                            || (sign >= '0' && sign <= '9')
                            || sign == '-'
                            || sign == '_'
                            || sign == '.';
            if (plain) {
                text.append(sign);
            } else {
                text.append(ESCAPE).append(HexFormat.of().toHexDigits(sign));
            }
        }
        return text.toString();
    }

    private static String decoded(String text) {
        StringBuilder name = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            char sign = text.charAt(i);
            if (sign == ESCAPE) {
                name.append((char) HexFormat.fromHexDigits(text, i + 1, i + 1 + DIGITS));
                i += 1 + DIGITS;
            } else {
                name.append(sign);
                i++;
            }
        }
        return name.toString();
    }
}
