package io.sluice.connectors.spi;

import io.sluice.change.LogicalType;
import java.util.List;

/**
 * What a column can hold, apart from how any engine spells it: what a column is translated by when
 * it goes to another engine. Within one engine the native type is used, and nothing is translated.
 *
 * <p>Each type says in which form its values travel ({@link #logicalType()}); where that is text,
 * the form is given with the type. Every connector hands values out in these forms and takes them.
 */
public sealed interface DataType {

    /** The form in which values of this type travel. */
    default LogicalType logicalType() {
        return LogicalType.TEXT;
    }

    /** True or false. */
    record Bool() implements DataType {
        @Override
        public LogicalType logicalType() {
            return LogicalType.BOOLEAN;
        }
    }

    /**
     * A whole number of 8, 16, 24, 32 or 64 bits. An unsigned one of 64 bits travels as text of
     * decimal digits.
     */
    record Int(int bits, boolean unsigned) implements DataType {
        @Override
        public LogicalType logicalType() {
            return bits == 64 && unsigned ? LogicalType.TEXT : LogicalType.INTEGER;
        }
    }

    /**
     * A decimal number: {@code -12.50}; {@code NaN}, {@code Infinity} and {@code -Infinity} where
     * the source has them.
     *
     * @param precision digits in all; 0 for as many as there are, of any scale
     * @param scale digits after the point; negative to round before it
     * @param unsigned whether it is never negative
     */
    record Decimal(int precision, int scale, boolean unsigned) implements DataType {}

    /** IEEE 754, of 32 or 64 bits. */
    record Floating(int bits) implements DataType {
        @Override
        public LogicalType logicalType() {
            return bits == 32 ? LogicalType.FLOAT : LogicalType.DOUBLE;
        }
    }

    /**
     * Text.
     *
     * @param fixed whether it is filled up with spaces to its length
     * @param length in characters; 0 for no limit that is declared
     */
    record Chars(boolean fixed, long length) implements DataType {}

    /**
     * Bytes.
     *
     * @param fixed whether it is filled up with zeros to its length
     * @param length in bytes; 0 for no limit that is declared
     */
    record Binary(boolean fixed, long length) implements DataType {
        @Override
        public LogicalType logicalType() {
            return LogicalType.BYTES;
        }
    }

    /** Bits, as text of {@code 0} and {@code 1}, the most significant first, all of them. */
    record Bits(boolean varying, int length) implements DataType {}

    /** {@code 2024-02-29}; from MySQL also {@code 0000-00-00} and the like. */
    record Date() implements DataType {}

    /**
     * {@code 23:59:59.5}; from MySQL also negative and beyond a day, {@code -838:59:59}.
     *
     * @param fraction digits of the second that are kept, 0 to 6
     */
    record Time(int fraction) implements DataType {}

    /** {@code 2024-02-29 23:59:59.5}, of no time zone; from MySQL also zero dates. */
    record DateTime(int fraction) implements DataType {}

    /** A moment, in UTC and with its offset: {@code 2024-02-29 23:59:59.5+00}. */
    record Moment(int fraction) implements DataType {}

    /** A year from 1901 to 2155, or 0. */
    record Year() implements DataType {
        @Override
        public LogicalType logicalType() {
            return LogicalType.INTEGER;
        }
    }

    /** {@code 123e4567-e89b-12d3-a456-426614174000}. */
    record Uuid() implements DataType {}

    /**
     * JSON.
     *
     * @param verbatim whether its text counts, and not just what it says
     */
    record Json(boolean verbatim) implements DataType {}

    /** One of the labels. */
    record Choice(List<String> labels) implements DataType {
        public Choice {
            labels = List.copyOf(labels);
        }
    }

    /** Any of the labels, joined by commas in their order. */
    record Choices(List<String> labels) implements DataType {
        public Choices {
            labels = List.copyOf(labels);
        }
    }

    /** MySQL's geometry: four bytes of its reference system, little-endian, then its WKB. */
    record Geometry() implements DataType {
        @Override
        public LogicalType logicalType() {
            return LogicalType.BYTES;
        }
    }

    /**
     * PostgreSQL's amounts of money, or arrays of them: whole numbers, as text as if they had two
     * digits after the point.
     *
     * @param fraction digits after the point that its database reads them with
     */
    record Money(int fraction) implements DataType {}

    /** What only its own engine has, in that engine's own text or bytes. */
    record Native(LogicalType logicalType) implements DataType {}
}
