package io.sluice.connectors.mysql;

import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Defaults of PostgreSQL that mean the same here: constants, and the present moment. Others are
 * left out: rows bring their values. Pure.
 */
final class DefaultTranslation {

    private static final Pattern NUMBER =
            Pattern.compile("\\(?'?([-+]?[0-9]+(?:\\.[0-9]+)?)'?\\)?(?:::[a-z ]+(?:\\(.*\\))?)?");
    private static final Pattern TEXT =
            Pattern.compile("'((?:[^']|'')*)'(?:::[^']+)?", Pattern.DOTALL);
    private static final Pattern NOW =
            Pattern.compile(
                    "(?i)(?:now\\(\\)|(?:current_timestamp|localtimestamp)(?:\\([0-6]\\))?)");

    private DefaultTranslation() {}

    static @Nullable String of(ColumnDefinition column, String nativeType) {
        String expression = column.defaultExpression();
        if (expression == null) {
            return null;
        }
        return switch (column.dataType()) {
            case DataType.Bool b ->
                    expression.equals("true") ? "1" : expression.equals("false") ? "0" : null;
            case DataType.Int i -> number(expression);
            case DataType.Decimal d -> number(expression);
            case DataType.Floating f -> number(expression);
            case DataType.Chars c -> text(expression, nativeType);
            case DataType.Choice c -> text(expression, nativeType);
            case DataType.DateTime d -> now(expression, d.fraction());
            case DataType.Moment m -> now(expression, m.fraction());
            default -> null;
        };
    }

    private static @Nullable String number(String expression) {
        Matcher matcher = NUMBER.matcher(expression);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** A text of any length has no constant for a default, but may have an expression. */
    private static @Nullable String text(String expression, String nativeType) {
        Matcher matcher = TEXT.matcher(expression);
        if (!matcher.matches()) {
            return null;
        }
        String literal = Sql.literal(matcher.group(1).replace("''", "'"));
        return nativeType.equals(MySqlForms.LONG_TEXT) ? "(" + literal + ")" : literal;
    }

    private static @Nullable String now(String expression, int fraction) {
        if (!NOW.matcher(expression).matches()) {
            return null;
        }
        return "(UTC_TIMESTAMP(" + fraction + "))";
    }
}
