package io.sluice.connectors.postgres;

import io.sluice.connectors.spi.DataType;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a column of one type can hold every value of another, unchanged. What is not known to fit
 * does not.
 */
final class TypeFit {

    private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");

    /** Decimal digits that an integer type can need. */
    private static final List<Integer> DIGITS = List.of(5, 10, 19);

    private static final List<String> OF_ANY_LENGTH = List.of("text", "character varying");

    private static final Pattern SIZED =
            Pattern.compile("([a-z ]+?)\\((\\d+)(?:,(-?\\d+))?\\)(.*)");

    private TypeFit() {}

    /**
     * @param from as {@code format_type} prints it
     * @param into as {@code format_type} prints it
     */
    static boolean fits(String from, String into) {
        if (from.equals(into)) {
            return true;
        }
        if (from.endsWith("[]") && into.endsWith("[]")) {
            return fits(element(from), element(into));
        }
        if (INTEGERS.contains(from)) {
            return integerFits(INTEGERS.indexOf(from), into);
        }
        Matcher source = SIZED.matcher(from);
        boolean sourceSized = source.matches();
        String sourceName = sourceSized ? source.group(1) + source.group(4) : from;
        if (sourceName.equals("character varying") || sourceName.equals("text")) {
            return OF_ANY_LENGTH.contains(into) || (sourceSized && isLonger(source, into));
        }
        if (sourceName.equals("numeric")) {
            return into.equals("numeric") || (sourceSized && isRoomier(source, into));
        }
        if (sourceName.equals("bit varying") || sourceName.matches("(time|timestamp) .*")) {
            return into.equals(sourceName) || (sourceSized && isLonger(source, into));
        }
        return false;
    }

    /**
     * Whether values of a site of another engine go into a column of this one, whose values go the
     * other way, but for those that are refused with their column's name.
     */
    static boolean isMet(DataType from, DataType into) {
        return switch (into) {
            case DataType.Bool bool -> from instanceof DataType.Int number && number.bits() == 8;
            case DataType.Uuid uuid -> from instanceof DataType.Chars text && text.length() == 36;
            case DataType.Moment moment ->
                    from instanceof DataType.DateTime time && time.fraction() == moment.fraction();
            case DataType.Json json ->
                    json.verbatim()
                            && from instanceof DataType.Chars text
                            && !text.fixed()
                            && text.length() == 0;
            case DataType.Choice choice ->
                    from instanceof DataType.Choice other
                            && Set.copyOf(other.labels()).equals(Set.copyOf(choice.labels()));
            default -> false;
        };
    }

    private static boolean integerFits(int size, String into) {
        if (INTEGERS.contains(into)) {
            return INTEGERS.indexOf(into) >= size;
        }
        Matcher target = SIZED.matcher(into);
        return into.equals("numeric")
                || (target.matches()
                        && target.group(1).equals("numeric")
                        && scale(target) >= 0
                        && precision(target) - scale(target) >= DIGITS.get(size));
    }

    /** Same type, greater length or precision. */
    private static boolean isLonger(Matcher source, String into) {
        Matcher target = SIZED.matcher(into);
        return target.matches()
                && target.group(1).equals(source.group(1))
                && target.group(4).equals(source.group(4))
                && precision(target) >= precision(source);
    }

    private static boolean isRoomier(Matcher source, String into) {
        Matcher target = SIZED.matcher(into);
        return target.matches()
                && target.group(1).equals("numeric")
                && scale(target) >= scale(source)
                && precision(target) - scale(target) >= precision(source) - scale(source);
    }

    private static int precision(Matcher type) {
        return Integer.parseInt(type.group(2));
    }

    private static int scale(Matcher type) {
        return type.group(3) == null ? 0 : Integer.parseInt(type.group(3));
    }

    private static String element(String array) {
        return array.substring(0, array.length() - 2);
    }
}
