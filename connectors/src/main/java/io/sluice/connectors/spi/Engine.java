package io.sluice.connectors.spi;

/** The database engines that have a connector. */
public enum Engine {
    POSTGRESQL("PostgreSQL"),
    MYSQL("MySQL");

    private final String title;

    Engine(String title) {
        this.title = title;
    }

    /** The name as its makers write it. */
    @Override
    public String toString() {
        return title;
    }
}
