package io.sluice.gateway.sites;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.sluice.change.LogicalType;
import io.sluice.connectors.spi.ColumnDefinition;
import io.sluice.connectors.spi.DataType;
import io.sluice.connectors.spi.Engine;
import io.sluice.gateway.sites.ValueForm.NoPlaceException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The forms that a site's columns have for what comes from another engine. Pure.
 *
 * <p>What has no such form, and would be refused by its column when it is written, is left as it
 * came. What this site would take for another value than was meant, or refuse without saying where,
 * has no place.
 */
final class ValueForms {

    /** Times of day, alone or of dates that both engines have, of no zone or of UTC. */
    private static final Pattern TIME =
            Pattern.compile(
                    "((?:[0-9]{4}-[0-9]{2}-[0-9]{2} |-)?[0-9]{2,3}:[0-9]{2}:[0-9]{2})(?:\\.([0-9]{1,6}))?(?:\\+00)?");

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private ValueForms() {}

    /**
     * @param here the column at this site
     * @param type in which its values come
     * @param key whether rows are known by it
     */
    static ValueForm of(Engine engine, ColumnDefinition here, LogicalType type, boolean key) {
        boolean postgres = engine == Engine.POSTGRESQL;
        return switch (here.dataType()) {
            case DataType.Bool bool when type == LogicalType.INTEGER -> ValueForms::truth;
            case DataType.Int number when type == LogicalType.BOOLEAN ->
                    value -> (Boolean) value ? 1L : 0L;
            case DataType.Uuid uuid -> key ? ValueForms::uuidOfKey : ValueForms::uuid;
            case DataType.DateTime time -> postgres ? trimmed("") : filled(time.fraction(), "");
            case DataType.Moment time -> postgres ? trimmed("+00") : filled(time.fraction(), "+00");
            case DataType.Time time -> postgres ? trimmed("") : filled(time.fraction(), "");
            case DataType.Json json when postgres && json.verbatim() -> ValueForms::document;
            case DataType.Choice choice when postgres -> label(choice.labels());
            default -> ValueForm.SAME;
        };
    }

    /**
     * For a value that stands here: as it is, but where this site has several texts for what is one
     * value at the other.
     */
    static ValueForm ofStanding(ColumnDefinition here, ColumnDefinition there) {
        boolean uuids =
                there.dataType() instanceof DataType.Uuid
                        && here.dataType() instanceof DataType.Chars;
        return uuids
                ? value -> UuidText.canonical(value.toString()).orElse(value.toString())
                : ValueForm.SAME;
    }

    private static Object truth(Object value) {
        long number = (Long) value;
        if (number != 0 && number != 1) {
            throw new NoPlaceException("is neither 0 nor 1, and the column is a boolean here");
        }
        return number == 1;
    }

    private static Object uuid(Object value) {
        return UuidText.canonical(value.toString())
                .orElseThrow(
                        () -> new NoPlaceException("is no UUID, and the column is of them here"));
    }

    /** Other texts of it would be other rows there, and are the same row here. */
    private static Object uuidOfKey(Object value) {
        if (!uuid(value).equals(value)) {
            throw new NoPlaceException(
                    "is a UUID that is not written in small letters and with its four hyphens, as those of keys have to be");
        }
        return value;
    }

    private static ValueForm label(List<String> labels) {
        return value -> {
            if (!labels.contains(value.toString())) {
                throw new NoPlaceException("is none of the labels that the column has here");
            }
            return value;
        };
    }

    private static Object document(Object value) {
        if (!isDocument(value.toString())) {
            throw new NoPlaceException("is not JSON, and the column is here");
        }
        return value;
    }

    /** One value, of any depth and length, and nothing after it. */
    private static boolean isDocument(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    /** As PostgreSQL writes a time: without zeros at the end of the second's digits. */
    private static ValueForm trimmed(String zone) {
        return value -> {
            Matcher time = TIME.matcher(value.toString());
            return time.matches()
                    ? time.group(1) + pointed(withoutZeros(time.group(2))) + zone
                    : value;
        };
    }

    /** As MySQL writes a time: with as many digits as its column has. */
    private static ValueForm filled(int fraction, String zone) {
        return value -> {
            Matcher time = TIME.matcher(value.toString());
            if (!time.matches()) {
                return value;
            }
            String digits = withoutZeros(time.group(2));
            return digits.length() > fraction
                    ? value
                    : time.group(1)
                            + pointed(digits + "0".repeat(fraction - digits.length()))
                            + zone;
        };
    }

    private static String pointed(String digits) {
        return digits.isEmpty() ? "" : "." + digits;
    }

    private static String withoutZeros(@Nullable String digits) {
        if (digits == null) {
            return "";
        }
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        return digits.substring(0, end);
    }
}
