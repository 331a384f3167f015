package io.sluice.connectors.mysql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes apart what {@code SHOW CREATE TABLE} answers. Pure. */
final class TableElements {

    private static final Pattern KEY =
            Pattern.compile(
                    "(?:UNIQUE |FULLTEXT |SPATIAL )?KEY (`(?:[^`]|``)+`) .*", Pattern.DOTALL);

    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)+)`");

    private TableElements() {}

    /** The indexes other than the primary key, as they stand there, by their names. */
    static Map<String, String> keys(String createTable) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String element : elements(createTable)) {
            Matcher matcher = KEY.matcher(element);
            if (matcher.matches()) {
                keys.put(unquoted(matcher.group(1)), element);
            }
        }
        return keys;
    }

    /** Every name that an index's definition mentions after its own. */
    static Set<String> mentioned(String key) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = NAME.matcher(key);
        matcher.find();
        while (matcher.find()) {
            names.add(unquoted(matcher.group()));
        }
        return names;
    }

    private static String unquoted(String name) {
        return name.substring(1, name.length() - 1).replace("``", "`");
    }

    /** What stands between the outermost parentheses, divided at its outermost commas. */
    static List<String> elements(String createTable) {
        List<String> elements = new ArrayList<>();
        int depth = 0;
        int begin = -1;
        for (int i = 0; i < createTable.length(); i++) {
            char c = createTable.charAt(i);
            if (c == '`' || c == '\'' || c == '"') {
                i = endOfQuoted(createTable, i);
            } else if (c == '(' && depth++ == 0) {
                begin = i + 1;
            } else if (c == ')' && --depth == 0) {
                elements.add(createTable.substring(begin, i).strip());
                return elements;
            } else if (c == ',' && depth == 1) {
                elements.add(createTable.substring(begin, i).strip());
                begin = i + 1;
            }
        }
        throw new IllegalArgumentException("not the definition of a table");
    }

    /** A doubled quote ends one and begins another, which comes to the same. */
    private static int endOfQuoted(String text, int begin) {
        char quote = text.charAt(begin);
        for (int i = begin + 1; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && quote != '`') {
                i++;
            } else if (text.charAt(i) == quote) {
                return i;
            }
        }
        throw new IllegalArgumentException("not the definition of a table");
    }
}
