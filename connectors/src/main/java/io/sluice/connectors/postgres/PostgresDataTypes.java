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

    /**
     * As {@code format_type} prints them; arrays of any of them are like the one that stands here.
     */
    static final List<String> BUILT_IN =
            List.of(
                    "smallint",
                    "integer",
                    "bigint",
                    "numeric(12,2)",
                    "numeric",
                    "real",
                    "double precision",
                    "money",
                    "boolean",
                    "character(5)",
                    "character varying(10)",
                    "character varying",
                    "text",
                    "bpchar",
                    "name",
                    "\"char\"",
                    "bytea",
                    "date",
                    "time without time zone",
                    "time with time zone",
                    "timestamp without time zone",
                    "timestamp(3) with time zone",
                    "interval",
                    "bit(3)",
                    "bit varying(5)",
                    "bit varying",
                    "uuid",
                    "json",
                    "jsonb",
                    "jsonpath",
                    "xml",
                    "inet",
                    "cidr",
                    "macaddr",
                    "macaddr8",
                    "point",
                    "line",
                    "lseg",
                    "box",
                    "path",
                    "polygon",
                    "circle",
                    "tsvector",
                    "tsquery",
                    "int4range",
                    "int8range",
                    "numrange",
                    "tsrange",
                    "tstzrange",
                    "daterange",
                    "int4multirange",
                    "int8multirange",
                    "nummultirange",
                    "tsmultirange",
                    "tstzmultirange",
                    "datemultirange",
                    "oid",
                    "xid",
                    "xid8",
                    "cid",
                    "tid",
                    "pg_lsn",
                    "pg_snapshot",
                    "txid_snapshot",
                    "oidvector",
                    "int2vector",
                    "refcursor",
                    "aclitem",
                    "gtsvector",
                    "regclass",
                    "regcollation",
                    "regconfig",
                    "regdatabase",
                    "regdictionary",
                    "regnamespace",
                    "regoper",
                    "regoperator",
                    "regproc",
                    "regprocedure",
                    "regrole",
                    "regtype",
                    "integer[]");

    private PostgresDataTypes() {}

    /**
     * @param formatted the type as {@code format_type} prints it, of a domain's base type; names of
     *     users' types are qualified there, so that none is taken for a built-in one
     * @param labels of an enum; else empty
     */
    static DataType of(String formatted, List<String> labels) {
        if (!labels.isEmpty()) {
            return new DataType.Choice(labels);
        }
        Matcher matcher = TYPE.matcher(formatted);
        if (!matcher.matches()) {
            return new DataType.Native(LogicalType.TEXT);
        }
        String zone = matcher.group(4) == null ? "" : matcher.group(4);
        return of(matcher.group(1) + zone, new Size(number(matcher, 2, -1), number(matcher, 3, 0)));
    }

    private static DataType of(String name, Size size) {
        return switch (name) {
            case "boolean" -> new DataType.Bool();
            case "bytea" -> new DataType.Binary(false, 0);
            case "smallint" -> new DataType.Int(16, false);
            case "integer" -> new DataType.Int(32, false);
            case "bigint" -> new DataType.Int(64, false);
            case "oid" -> new DataType.Int(32, true);
            case "real" -> new DataType.Floating(32);
            case "double precision" -> new DataType.Floating(64);
            case "numeric" ->
                    size.first < 0
                            ? new DataType.Decimal(0, 0, false)
                            : new DataType.Decimal(size.first, size.second, false);
            case "name" -> new DataType.Chars(false, 63);
            case "text", "bpchar" -> new DataType.Chars(false, 0);
            case "character" -> new DataType.Chars(true, Math.max(1, size.first));
            case "character varying" -> new DataType.Chars(false, Math.max(0, size.first));
            case "date" -> new DataType.Date();
            case "time without time zone" -> new DataType.Time(fraction(size));
            case "timestamp without time zone" -> new DataType.DateTime(fraction(size));
            case "timestamp with time zone" -> new DataType.Moment(fraction(size));
            case "bit" -> new DataType.Bits(false, Math.max(1, size.first));
            case "bit varying" -> new DataType.Bits(true, Math.max(0, size.first));
            case "uuid" -> new DataType.Uuid();
            case "json" -> new DataType.Json(true);
            case "jsonb" -> new DataType.Json(false);
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
