package io.sluice.connectors.debezium;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text from the bytes of one of MySQL's character sets, or an error; never a replacement. */
final class CharsetText {

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
                    Map.entry("latin2", "ISO-8859-2"),
                    Map.entry("latin5", "ISO-8859-9"),
                    Map.entry("latin7", "ISO-8859-13"),
                    Map.entry("greek", "ISO-8859-7"),
                    Map.entry("hebrew", "ISO-8859-8"),
                    Map.entry("tis620", "TIS-620"),
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
                    Map.entry("big5", "Big5"),
                    Map.entry("gb2312", "GB2312"),
                    Map.entry("gbk", "GBK"),
                    Map.entry("gb18030", "GB18030"),
                    Map.entry("sjis", "Shift_JIS"),
                    Map.entry("cp932", "windows-31j"),
                    Map.entry("ujis", "EUC-JP"),
                    Map.entry("eucjpms", "x-eucJP-Open"),
                    Map.entry("euckr", "EUC-KR"));

    private static final String LATIN1 = "latin1";

    private final Charset charset;
    private final boolean latin1;

    private CharsetText(Charset charset, boolean latin1) {
        this.charset = charset;
        this.latin1 = latin1;
    }

    /**
     * @param name MySQL's name
     * @throws IllegalArgumentException if the JVM does not have it
     */
    static CharsetText of(@Nullable String name) {
        if (name == null) {
            throw new IllegalArgumentException("its character set is not known");
        }
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.equals(LATIN1)) {
            return new CharsetText(Charset.forName("windows-1252"), true);
        }
        String java = JAVA_NAMES.get(lower);
        if (java == null || !Charset.isSupported(java)) {
            throw new IllegalArgumentException(
                    "character set " + lower + " cannot be read: convert it to utf8mb4");
        }
        return new CharsetText(Charset.forName(java), false);
    }

    /**
     * @throws IllegalStateException if the bytes are no text of the set
     */
    String of(byte[] bytes) {
        if (charset == StandardCharsets.UTF_8 && isAscii(bytes)) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (latin1) {
            return latin1(bytes);
        }
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("holds bytes that are not " + charset.name(), e);
        }
    }

    /** MySQL's has the characters of Windows, and in its five holes those of ISO 8859-1. */
    private static String latin1(byte[] bytes) {
        String windows = new String(bytes, Charset.forName("windows-1252"));
        if (windows.indexOf('\uFFFD') < 0) {
            return windows;
        }
        StringBuilder text = new StringBuilder(windows);
        for (int i = 0; i < bytes.length; i++) {
            if (text.charAt(i) == '\uFFFD') {
                text.setCharAt(i, (char) (bytes[i] & 0xFF));
            }
        }
        return text.toString();
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
