package io.sluice.connectors.debezium;

import io.sluice.change.LogicalType;
import java.util.function.Function;

/**
 * How the binary log holds the values of one column that are not null.
 *
 * @param type what comes out
 * @param read takes the next value, in the form of its type
 */
record CellReader(LogicalType type, Function<BinlogBytes, Object> read) {}
