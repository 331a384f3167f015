package io.sluice.gateway.snapshot;

import io.sluice.change.TableSchema;
import io.sluice.connectors.spi.CopyFormat;
import io.sluice.connectors.spi.TableCopy;
import io.sluice.connectors.spi.TableDefinition;
import java.util.concurrent.atomic.AtomicInteger;

/** A part of a table that is to be copied. */
record CopyPart(Table table, TableCopy.Chunk chunk) {

    /** What the parts of one table share. Thread-safe. */
    static final class Table {

        private final TableDefinition source;
        private final TableSchema target;
        private final CopyFormat format;
        private final boolean begun;
        private final AtomicInteger left;

        /**
         * @param source as the source defines it
         * @param target its copied columns in the target's names
         * @param copy as it stands before any of these parts
         */
        Table(TableDefinition source, TableSchema target, CopyFormat format, TableCopy copy) {
            this.source = source;
            this.target = target;
            this.format = format;
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
