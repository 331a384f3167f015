package io.sluice.connectors.postgres;

import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.DataType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What PostgreSQL's types can hold, for other engines. Pure. */
final class PostgresDataTypes {

    private static final Pattern TYPE =
            Pattern.compile("([a-z ]+?)(?:\\((\\d+)(?:,(-?\\d+))?\\))?( with(?:out)? time zone)?");

    /** Digits of the second where none are declared. */
    private static final int FRACTION = 6;

    private PostgresDataTypes() {}

    /**
     * @param oid of the type, of a domain's base type
     * @param formatted the type as {@code format_type} prints it, of a domain's base type
     * @param labels of an enum; else empty
     */
    static DataType of(long oid, String formatted, List<String> labels) {
        if (!labels.isEmpty()) {
            return new DataType.Choice(labels);
        }
        Matcher matcher = TYPE.matcher(formatted);
        Size size =
                matcher.matches()
                        ? new Size(number(matcher, 2, -1), number(matcher, 3, 0))
                        : new Size(-1, 0);
        return switch ((int) oid) {
            case 16 -> new DataType.Bool();
            case 17 -> new DataType.Binary(false, 0);
            case 20 -> new DataType.Int(64, false);
            case 21 -> new DataType.Int(16, false);
            case 23 -> new DataType.Int(32, false);
            case 26 -> new DataType.Int(32, true); // oid
            case 700 -> new DataType.Floating(32);
            case 701 -> new DataType.Floating(64);
            case 1700 ->
                    size.first < 0
                            ? new DataType.Decimal(0, 0, false)
                            : new DataType.Decimal(size.first, size.second, false);
            case 19 -> new DataType.Chars(false, 63); // name
            case 25 -> new DataType.Chars(false, 0);
            case 1042 -> new DataType.Chars(size.first > 0, Math.max(0, size.first));
            case 1043 -> new DataType.Chars(false, Math.max(0, size.first));
            case 1082 -> new DataType.Date();
            case 1083 -> new DataType.Time(fraction(size));
            case 1114 -> new DataType.DateTime(fraction(size));
            case 1184 -> new DataType.Moment(fraction(size));
            case 1560 -> new DataType.Bits(false, Math.max(1, size.first));
            case 1562 -> new DataType.Bits(true, Math.max(0, size.first));
            case 2950 -> new DataType.Uuid();
            case 114 -> new DataType.Json(true);
            case 3802 -> new DataType.Json(false);
            default -> new DataType.Native(LogicalType.TEXT);
        };
    }

    private record Size(int first, int second) {}

    private static int fraction(Size size) {
        return size.first < 0 ? FRACTION : size.first;
    }

    private static int number(Matcher matcher, int group, int otherwise) {
        return matcher.group(group) == null ? otherwise : Integer.parseInt(matcher.group(group));
    }
}
