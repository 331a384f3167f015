package io.sluice.connectors.debezium;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Text from the bytes of one of MySQL's character sets, or an error; never a replacement.
 *
 * <p>Where the server itself has a character for a code, it is that one. A code that it takes
 * without having a character for it, which it would show as a question mark, has the JVM's or is an
 * error.
 */
public final class CharsetText {

    /** Sets whose name is not the JVM's. */
    private static final Map<String, String> JAVA_NAMES =
            Map.ofEntries(
                    Map.entry("utf8mb4", "UTF-8"),
                    Map.entry("utf8mb3", "UTF-8"),
                    Map.entry("utf8", "UTF-8"),
                    Map.entry("ucs2", "UTF-16BE"),
                    Map.entry("utf16", "UTF-16BE"),
                    Map.entry("utf16le", "UTF-16LE"),
                    Map.entry("utf32", "UTF-32BE"),
                    Map.entry("ascii", "US-ASCII"),
                    Map.entry("latin1", "windows-1252"),
                    Map.entry("latin2", "ISO-8859-2"),
                    Map.entry("latin5", "ISO-8859-9"),
                    Map.entry("latin7", "ISO-8859-13"),
                    Map.entry("greek", "ISO-8859-7"),
                    Map.entry("hebrew", "ISO-8859-8"),
                    Map.entry("tis620", "x-windows-874"),
                    Map.entry("koi8r", "KOI8-R"),
                    Map.entry("koi8u", "KOI8-U"),
                    Map.entry("cp1250", "windows-1250"),
                    Map.entry("cp1251", "windows-1251"),
                    Map.entry("cp1256", "windows-1256"),
                    Map.entry("cp1257", "windows-1257"),
                    Map.entry("cp850", "IBM850"),
                    Map.entry("cp852", "IBM852"),
                    Map.entry("cp866", "IBM866"),
                    Map.entry("macroman", "x-MacRoman"),
                    Map.entry("macce", "x-MacCentralEurope"),
                    Map.entry("dec8", "ISO-8859-1"),
                    Map.entry("hp8", "US-ASCII"),
                    Map.entry("swe7", "US-ASCII"),
                    Map.entry("armscii8", "US-ASCII"),
                    Map.entry("geostd8", "US-ASCII"),
                    Map.entry("keybcs2", "US-ASCII"),
                    Map.entry("big5", "Big5"),
                    Map.entry("gb2312", "GB2312"),
                    Map.entry("gbk", "GBK"),
                    Map.entry("gb18030", "GB18030"),
                    Map.entry("sjis", "Shift_JIS"),
                    Map.entry("cp932", "windows-31j"),
                    Map.entry("ujis", "EUC-JP"),
                    Map.entry("eucjpms", "x-eucJP-Open"),
                    Map.entry("euckr", "x-windows-949"));

    private final String name;
    private final Charset charset;
    private final Map<Integer, String> own;

    private CharsetText(String name, Charset charset) {
        this.name = name;
        this.charset = charset;
        own = CharsetCodes.of(name);
    }

    /** A value that is no text of its column's character set; the message does not hold it. */
    public static final class UnreadableTextException extends RuntimeException {

        private static final long serialVersionUID = 1;

        private UnreadableTextException(String name) {
            super(
                    "holds bytes that are no characters of %s: correct the value, or make the column binary"
                            .formatted(name));
        }
    }

    /**
     * @param name MySQL's name
     * @throws IllegalArgumentException if the set cannot be read
     */
    public static CharsetText of(@Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("its character set is not known");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (!isReadable(lower)) {
            throw new IllegalArgumentException(
                    "character set " + lower + " cannot be read: convert it to utf8mb4");
        }
        return new CharsetText(lower, Charset.forName(JAVA_NAMES.get(lower)));
    }

    /**
     * Whether texts of the set can be read; a JVM may have been built without some.
     *
     * @param name MySQL's name
     */
    public static boolean isReadable(String name) {
        String java = JAVA_NAMES.get(name.toLowerCase(Locale.ROOT));
        return java != null && Charset.isSupported(java);
    }

    /**
     * @throws UnreadableTextException if the bytes are no text of the set
     */
    public String of(byte[] bytes) {
        if (charset == StandardCharsets.UTF_8 && isAscii(bytes)) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (own.isEmpty()) {
            return decoded(bytes, 0, bytes.length);
        }
        StringBuilder text = new StringBuilder(bytes.length);
        int from = 0;
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(length(bytes, at), bytes.length - at);
            String character = own.get(code(bytes, at, length));
            if (character != null) {
                text.append(decoded(bytes, from, at)).append(character);
                from = at + length;
            }
            at += length;
        }
        return text.append(decoded(bytes, from, at)).toString();
    }

    private String decoded(byte[] bytes, int from, int to) {
        if (from == to) {
            return "";
        }
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UnreadableTextException(name); // without the cause, that says where and what
        }
    }

    /** Of the character that begins there, in the sets with characters of their own. */
    private int length(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        if (lead < 0x80) {
            return 1;
        }
        return switch (name) {
            case "big5", "gbk" -> 2;
            case "sjis" -> lead >= 0xA0 && lead <= 0xDF ? 1 : 2;
            case "ujis", "eucjpms" -> lead == 0x8F ? 3 : 2;
            case "gb18030" ->
                    at + 1 < bytes.length && bytes[at + 1] >= '0' && bytes[at + 1] <= '9' ? 4 : 2;
            default -> 1;
        };
    }

    private static int code(byte[] bytes, int from, int length) {
        int code = 0;
        for (int i = from; i < from + length; i++) {
            code = code << 8 | bytes[i] & 0xFF;
        }
        return code;
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }
}
