package io.sluice.connectors.postgres;

import io.sluice.change.Row;
import io.sluice.change.TableSchema;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * Which columns of a row hold what another engine has and PostgreSQL has not. The server says that
 * a value is none, and not which one. Pure.
 */
final class UnfitColumns {

    private static final Pattern ZERO_DATE =
            Pattern.compile("0000-.*|\\d{4}-00-.*|\\d{4}-\\d\\d-00.*");

    private static final Pattern NO_TIME_OF_DAY =
            Pattern.compile("-.*|\\d{3,}:.*|2[5-9]:.*|[3-9]\\d:.*|24:(?!00:00(?:\\.0+)?$).*");

    private UnfitColumns() {}

    /** As {@code ", column a, b"}; empty where none is seen to be unfit. */
    static String of(TargetTable target, TableSchema schema, Row row) {
        StringJoiner names = new StringJoiner(", ", ", column ", "");
        names.setEmptyValue("");
        for (int i = 0; i < schema.columns().size(); i++) {
            String name = schema.columns().get(i).name();
            if (row.get(i) instanceof String text
                    && isUnfit(target.column(name).castType(), text)) {
                names.add(name);
            }
        }
        return names.toString();
    }

    private static boolean isUnfit(String type, String text) {
        if (text.indexOf('\0') >= 0) {
            return true;
        }
        return switch (type) {
            case "date", "timestamp without time zone", "timestamp with time zone" ->
                    ZERO_DATE.matcher(text).matches();
            case "time without time zone" -> NO_TIME_OF_DAY.matcher(text).matches();
            case "jsonb" -> text.contains("\\u0000");
            default -> false;
        };
    }
}
