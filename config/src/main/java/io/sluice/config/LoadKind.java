package io.sluice.config;

/** How a table that was loaded anew takes the place of what stands. */
public enum LoadKind {
    /** All rows are replaced. */
    REPLACE("replace"),
    /** Rows that are new or other are written, and those that are gone are deleted. */
    MERGE("merge");

    private final String text;

    LoadKind(String text) {
        this.text = text;
    }

    static LoadKind parse(String text) {
        for (LoadKind kind : values()) {
            if (kind.text.equals(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("must be `replace` or `merge`");
    }

    /** As the file spells it. */
    @Override
    public String toString() {
        return text;
    }
}
