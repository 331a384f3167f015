package io.sluice.gateway.apply;

import static io.sluice.gateway.apply.MemoryTarget.ORDERS;

import io.sluice.change.Change;
import io.sluice.change.Lsn;
import io.sluice.change.Origin;
import io.sluice.change.Row;
import io.sluice.change.RowChange.Delete;
import io.sluice.change.RowChange.Insert;
import io.sluice.change.RowChange.Update;
import io.sluice.change.TableId;
import io.sluice.change.TransactionEnd;
import io.sluice.change.TransactionPiece;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An applier over a target in memory, what is told of it, and what it is given. */
final class ApplierFixture {

    static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    final MemoryTarget target = new MemoryTarget();
    final List<Long> durable = new ArrayList<>();
    final List<Long> skipped = new ArrayList<>();
    final Map<Operation, Long> counts = new HashMap<>();
    final Map<String, Map<Operation, Long>> changed = new HashMap<>();

    Applier applier() {
        return applier(Parking.none(), Settling.NONE);
    }

    Applier applier(Parking parking, Settling settling) {
        return new Applier(
                target,
                new Checkpoint("p", 1, Phase.STREAMING, new Lsn(100), NOON, "somewhere"),
                null,
                new ApplyLimits(10, 1 << 20, Duration.ofMillis(5)),
                false,
                parking,
                settling,
                new Recorder());
    }

    private final class Recorder implements Applier.Observer {

        @Override
        public void committed(
                Checkpoint checkpoint, List<TransactionEnd> ends, Map<Operation, Long> changes) {
            ends.forEach(end -> durable.add(((Lsn) end.position()).value()));
            changes.forEach((operation, n) -> counts.merge(operation, n, Long::sum));
        }

        @Override
        public void changed(TableId table, Map<Operation, Long> changes) {
            changed.put(table.toString(), changes);
        }

        @Override
        public void skipped(TransactionEnd end) {
            skipped.add(((Lsn) end.position()).value());
        }
    }

    static TransactionPiece whole(long position, Change... changes) {
        return new TransactionPiece(true, NOON, List.of(changes), Optional.of(endAt(position)));
    }

    static TransactionPiece piece(boolean first, List<Change> changes) {
        return new TransactionPiece(first, NOON, changes, Optional.empty());
    }

    static TransactionPiece end(long position, List<Change> changes) {
        return new TransactionPiece(false, NOON, changes, Optional.of(endAt(position)));
    }

    static TransactionEnd endAt(long position) {
        return new TransactionEnd(new Lsn(position), NOON, new Origin("east"));
    }

    static List<Change> inserts(int from, int to) {
        List<Change> changes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            changes.add(insert(i, "n" + i));
        }
        return changes;
    }

    static Change insert(long id, String name) {
        return new Insert(ORDERS, Row.of(id, name));
    }

    static Change update(long id, String name) {
        return new Update(ORDERS, Row.of(id, Row.NOT_SENT), Row.of(id, name));
    }

    /** Without the value, as of one that PostgreSQL keeps out of line. */
    static Change partly(long id) {
        return new Update(ORDERS, Row.of(id, Row.NOT_SENT), Row.of(id, Row.NOT_SENT));
    }

    static Change delete(long id) {
        return new Delete(ORDERS, Row.of(id, Row.NOT_SENT));
    }
}
