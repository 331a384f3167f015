package io.sluice.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a database's URL must look like. No message repeats the URL: it may hold a secret. */
final class JdbcUrl {

    private static final Pattern URL =
            Pattern.compile(
                    "(jdbc:(?:postgresql|mysql)://(?:\\[[0-9a-fA-F:.]{2,45}]|[^\\s/?#:,@()\\[\\]]+)"
                            + "(?::([0-9]{1,5}))?)/([^\\s/?#]+)(?:\\?\\S*)?");
    private static final Pattern CREDENTIALS =
            Pattern.compile("(?i).*[?&;](?:user|username|password)=.*", Pattern.DOTALL);
    private static final Pattern USER_INFO =
            Pattern.compile("jdbc:[a-z]+://[^/?]*@.*", Pattern.DOTALL);

    private JdbcUrl() {}

    /**
     * Does nothing where the URL can be used.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    static void check(String url) {
        if (CREDENTIALS.matcher(url).matches() || USER_INFO.matcher(url).matches()) {
            throw new IllegalArgumentException(
                    "holds a user or a password; write them under `username` and `password`");
        }
        if (!url.startsWith("jdbc:postgresql:") && !url.startsWith("jdbc:mysql:")) {
            throw new IllegalArgumentException(
                    "must begin with `jdbc:postgresql:` or `jdbc:mysql:`");
        }
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches() || !isPort(matcher.group(2))) {
            throw new IllegalArgumentException(
                    "must be `jdbc:%s://HOST:PORT/DATABASE`, with one host and a database"
                            .formatted(isMySql(url) ? "mysql" : "postgresql"));
        }
    }

    static boolean isMySql(String url) {
        return url.startsWith("jdbc:mysql:");
    }

    /** The name of the database in a URL that was checked. */
    static String database(String url) {
        return URLDecoder.decode(matched(url).group(3).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** The part of a URL that was checked which says which server it is. */
    static String server(String url) {
        return matched(url).group(1);
    }

    private static Matcher matched(String url) {
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a URL that was checked");
        }
        return matcher;
    }

    static String withoutParameters(String url) {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    private static boolean isPort(@Nullable String digits) {
        return digits == null
                || (Integer.parseInt(digits) > 0 && Integer.parseInt(digits) <= 65_535);
    }
}
