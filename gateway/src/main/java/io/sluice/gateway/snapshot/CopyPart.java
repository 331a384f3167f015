package io.sluice.gateway.snapshot;

import io.sluice.change.Column;
import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A part of a table that is to be copied. */
record CopyPart(Table table, TableCopy.Chunk chunk) {

    /** What the parts of one table share. Thread-safe. */
    static final class Table {

        private final TableDefinition source;
        private final TableSchema target;
        private final CopyFormat format;
        private final List<TableSchema> keys;
        private final boolean begun;
        private final AtomicInteger left;

        /**
         * @param source as the source defines it
         * @param target its copied columns in the target's names
         * @param keys the target's unique keys
         * @param copy as it stands before any of these parts
         */
        Table(
                TableDefinition source,
                TableSchema target,
                CopyFormat format,
                List<TableSchema> keys,
                TableCopy copy) {
            this.source = source;
            this.target = target;
            this.format = format;
            this.keys = keys;
            begun = copy.isBegun();
            left = new AtomicInteger((int) copy.chunks().stream().filter(c -> !c.isDone()).count());
        }

        TableDefinition source() {
            return source;
        }

        TableSchema target() {
            return target;
        }

        CopyFormat format() {
            return format;
        }

        List<TableSchema> keys() {
            return keys;
        }

        List<String> columns() {
            return target.columns().stream().map(Column::name).toList();
        }

        /** Whether other parts are there already, as of an earlier moment. */
        boolean isBegun() {
            return begun;
        }

        /** Notes that a part is there; returns whether it was the last. */
        boolean partDone() {
            return left.decrementAndGet() == 0;
        }
    }
}
