package io.sluice.config;

import java.util.List;

/** Which tables take part: those that an include matches and no exclude does. */
public record TableFilter(List<Glob> include, List<Glob> exclude) {

    public TableFilter {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    public boolean matches(String schema, String table) {
        return include.stream().anyMatch(glob -> glob.matches(schema, table))
                && exclude.stream().noneMatch(glob -> glob.matches(schema, table));
    }

    /**
     * Whether two filters certainly share a table name. An exclude that touches what the includes
     * share is taken to remove all of it, so the answer may be no where it is yes, never otherwise.
     */
    boolean overlaps(TableFilter other) {
        for (Glob mine : include) {
            for (Glob theirs : other.include) {
                if (mine.overlaps(theirs)
                        && !touches(exclude, mine, theirs)
                        && !touches(other.exclude, mine, theirs)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean touches(List<Glob> excludes, Glob mine, Glob theirs) {
        return excludes.stream()
                .anyMatch(exclude -> exclude.overlaps(mine) && exclude.overlaps(theirs));
    }
}
