package io.sluice.connectors.postgres;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.CopyFormat;
import java.util.Collection;
import java.util.stream.Collectors;

/** Quotes names and constants for PostgreSQL's SQL. */
final class Sql {

    private Sql() {}

    /**
     * A name as an identifier, whatever it is made of.
     *
     * @throws IllegalArgumentException for what PostgreSQL cannot have as a name: nothing, or NUL
     */
    static String identifier(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("not a name in PostgreSQL: empty or with a NUL");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String identifiers(Collection<String> names) {
        return names.stream().map(Sql::identifier).collect(Collectors.joining(", "));
    }

    static String table(TableId table) {
        return identifier(table.schema()) + "." + identifier(table.name());
    }

    /** What {@code COPY} needs to be told of a format; the text format is its default. */
    static String copyOptions(CopyFormat format) {
        return format == CopyFormat.POSTGRES_BINARY ? " (FORMAT binary)" : "";
    }

    /** A string constant, under either setting of {@code standard_conforming_strings}. */
    static String literal(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("PostgreSQL's texts hold no NUL");
        }
        String quoted = '\'' + text.replace("'", "''") + '\'';
        return text.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }
}
