package io.sluice.connectors.spi;

import io.sluice.change.TableId;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An index, unique constraint or foreign key that is to be made on a target.
 *
 * @param name as it is called there
 * @param reference the other table of a foreign key; else null
 * @param alone whether nothing else can be made on its tables meanwhile
 * @param statement that makes it, in the target's SQL, for an operator to run too
 */
public record Build(
        SecondaryObject.Kind kind,
        TableId table,
        String name,
        @Nullable TableId reference,
        boolean alone,
        String statement) {

    /** The tables that it locks. */
    public Set<TableId> tables() {
        return Stream.concat(Stream.of(table), Stream.ofNullable(reference))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** For people: what it is, and where. */
    public String text() {
        return "%s %s of %s".formatted(kind.words(), name, table);
    }

    /** Where it is with a build. */
    public enum State {
        /** To be made, or begun and not known to be there. */
        PENDING,
        /** It is there. */
        DONE,
        /** The target refused it; the next start of a gateway tries again. */
        FAILED
    }

    /**
     * A build and how it went.
     *
     * @param failure what the target said, without row values; null unless it has FAILED
     */
    public record Planned(Build build, State state, @Nullable String failure) {}
}
