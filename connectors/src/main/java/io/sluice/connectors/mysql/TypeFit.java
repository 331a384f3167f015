package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether a column of one type can hold every value of another, unchanged. What is not known to fit
 * does not. Pure.
 */
final class TypeFit {

    /** Decimal digits that an integer of so many bits can need. */
    private static final Map<Integer, Integer> DIGITS = Map.of(8, 3, 16, 5, 24, 8, 32, 10, 64, 20);

    /** Bytes that columns without a length of their own hold. */
    private static final Map<String, Long> CAPACITIES =
            Map.of(
                    "tinytext", 0xFFL,
                    "text", 0xFFFFL,
                    "mediumtext", 0xFF_FFFFL,
                    "longtext", 0xFFFF_FFFFL,
                    "tinyblob", 0xFFL,
                    "blob", 0xFFFFL,
                    "mediumblob", 0xFF_FFFFL,
                    "longblob", 0xFFFF_FFFFL);

    private static final long CHARACTER_BYTES = 4;

    /** Digits of a number that a column declares to round to: {@code float(7,3)}. */
    private static final Pattern ROUNDED = Pattern.compile("(?:float|double)\\(.*");

    private TypeFit() {}

    static boolean fits(ColumnDefinition from, ColumnDefinition into) {
        return typeFits(from.nativeType(), into.nativeType())
                && charactersFit(from.collation(), into.collation());
    }

    /**
     * @param from as MySQL's catalog prints it
     * @param into as MySQL's catalog prints it
     */
    static boolean typeFits(String from, String into) {
        DataType target = MySqlDataTypes.of(into);
        return from.equals(into)
                || switch (MySqlDataTypes.of(from)) {
                    case DataType.Int i -> fits(i, target);
                    case DataType.Decimal d ->
                            target instanceof DataType.Decimal t
                                    && (d.unsigned() || !t.unsigned())
                                    && t.scale() >= d.scale()
                                    && t.precision() - t.scale() >= d.precision() - d.scale();
                    case DataType.Floating f ->
                            target instanceof DataType.Floating t
                                    && t.bits() >= f.bits()
                                    && !ROUNDED.matcher(into).matches();
                    case DataType.Chars c ->
                            target instanceof DataType.Chars t
                                    && (c.fixed() || !t.fixed())
                                    && fits(c.length(), from, t.length(), into, CHARACTER_BYTES);
                    case DataType.Binary b ->
                            target instanceof DataType.Binary t
                                    && !t.fixed()
                                    && fits(b.length(), from, t.length(), into, 1);
                    case DataType.Bits b ->
                            target instanceof DataType.Bits t && t.length() >= b.length();
                    case DataType.Time t ->
                            target instanceof DataType.Time other
                                    && other.fraction() >= t.fraction();
                    case DataType.DateTime d ->
                            target instanceof DataType.DateTime t && t.fraction() >= d.fraction();
                    case DataType.Moment m ->
                            target instanceof DataType.Moment t && t.fraction() >= m.fraction()
                                    || target instanceof DataType.DateTime u
                                            && u.fraction() >= m.fraction();
                    case DataType.Choice c ->
                            target instanceof DataType.Choice t
                                    && t.labels().containsAll(c.labels());
                    case DataType.Choices c ->
                            target instanceof DataType.Choices t
                                    && t.labels().containsAll(c.labels());
                    case DataType.Date d -> target instanceof DataType.Date;
                    case DataType.Year y -> target instanceof DataType.Year;
                    case DataType.Json j -> into.equals("longtext");
                    case DataType.Geometry g -> into.equals("geometry") && !from.contains(" SRID ");
                    default -> false;
                };
    }

    /**
     * Whether values of a site of another engine go into a column of this one, whose values go the
     * other way, but for those that are refused with their column's name.
     */
    static boolean isMet(DataType from, DataType into) {
        return from instanceof DataType.Moment moment
                && into instanceof DataType.Moment other
                && moment.fraction() == other.fraction();
    }

    private static boolean fits(DataType.Int from, DataType into) {
        return switch (into) {
            case DataType.Int t ->
                    from.unsigned() == t.unsigned()
                            ? t.bits() >= from.bits()
                            : from.unsigned() && t.bits() > from.bits();
            case DataType.Decimal t ->
                    (from.unsigned() || !t.unsigned())
                            && t.precision() - t.scale() >= DIGITS.getOrDefault(from.bits(), 20);
            default -> false;
        };
    }

    /**
     * @param unit bytes that one of the lengths takes at most
     */
    private static boolean fits(
            long fromLength, String from, long intoLength, String into, long unit) {
        Long source = CAPACITIES.get(from);
        Long target = CAPACITIES.get(into);
        if (source != null) {
            return target != null && target >= source;
        }
        return target != null ? target >= unit * fromLength : intoLength >= fromLength;
    }

    /**
     * @param from a character set or a collation; null for none
     */
    static boolean charactersFit(@Nullable String from, @Nullable String into) {
        if (from == null || into == null) {
            return true;
        }
        String source = characterSet(from);
        String target = characterSet(into);
        return source.equals(target)
                || target.equals("utf8mb4")
                || source.equals("ascii")
                || (target.equals("utf8mb3") && source.equals("latin1"));
    }

    private static String characterSet(String collation) {
        int end = collation.indexOf('_');
        String name = end < 0 ? collation : collation.substring(0, end);
        return name.equals("utf8") ? "utf8mb3" : name;
    }
}
