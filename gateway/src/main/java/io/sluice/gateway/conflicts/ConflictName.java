package io.sluice.gateway.conflicts;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which conflict is meant, {@code site/number}: each site numbers its own.
 *
 * @param site the database where it was decided
 */
public record ConflictName(String site, long id) {

    private static final Pattern FORM = Pattern.compile("(.+)/([1-9][0-9]{0,17})");

    public static Optional<ConflictName> of(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new ConflictName(matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return site + "/" + id;
    }
}
