package io.sluice.connectors.spi;

/** What is to be done to a column of a target's table. The definitions are the target's. */
public sealed interface ColumnStep {

    record Add(ColumnDefinition column) implements ColumnStep {}

    record Drop(String column) implements ColumnStep {}

    record Rename(String from, String to) implements ColumnStep {}

    /** Gives the column this type, and the same say about null. */
    record Retype(ColumnDefinition column) implements ColumnStep {}
}
