package io.sluice.gateway.sites;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** UUIDs in every form that PostgreSQL reads. Pure. */
final class UuidText {

    private static final Pattern FORM = Pattern.compile("[0-9a-fA-F]{4}(?:-?[0-9a-fA-F]{4}){7}");

    private UuidText() {}

    /** As PostgreSQL writes it; nothing where the text is none. */
    static Optional<String> canonical(String text) {
        boolean braced = text.startsWith("{") && text.endsWith("}");
        String inner = braced ? text.substring(1, text.length() - 1) : text;
        if (!FORM.matcher(inner).matches()) {
            return Optional.empty();
        }
        String digits = inner.replace("-", "").toLowerCase(Locale.ROOT);
        return Optional.of(
                String.join(
                        "-",
                        digits.substring(0, 8),
                        digits.substring(8, 12),
                        digits.substring(12, 16),
                        digits.substring(16, 20),
                        digits.substring(20)));
    }
}
