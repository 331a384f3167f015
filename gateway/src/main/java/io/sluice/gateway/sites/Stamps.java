package io.sluice.gateway.sites;

import io.sluice.change.Change;
import io.sluice.change.SourcePosition;
import io.sluice.change.TransactionPiece;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which transaction each change is of that is not durable yet. Used by one thread. */
final class Stamps {

    private final Map<Change, Stamp> byChange = new IdentityHashMap<>();
    private final ArrayDeque<Noted> ended = new ArrayDeque<>();
    private List<Change> open = new ArrayList<>();
    private boolean openWasWritten;

    private record Noted(SourcePosition end, Stamp stamp, List<Change> changes) {}

    /** Notes a piece before it is applied. */
    void note(TransactionPiece piece, Stamp stamp) {
        if (piece.first() || openWasWritten) {
            // What was written as it came is not asked for again.
            open.forEach(byChange::remove);
            open = new ArrayList<>();
            openWasWritten = false;
        }
        for (Change change : piece.changes()) {
            byChange.put(change, stamp);
            open.add(change);
        }
        piece.end()
                .ifPresent(
                        end -> {
                            ended.add(new Noted(end.position(), stamp, open));
                            open = new ArrayList<>();
                        });
    }

    /** The stamp of a change that is being written. */
    Stamp of(Change change) {
        return Objects.requireNonNull(byChange.get(change));
    }

    /** Notes that these are being written, maybe before their transaction has ended. */
    void written(List<Change> changes) {
        if (!changes.isEmpty() && !open.isEmpty() && changes.getLast() == open.getLast()) {
            openWasWritten = true;
        }
    }

    /** The stamp of the transaction that ends there. */
    Stamp at(SourcePosition end) {
        Optional<Noted> found = ended.stream().filter(noted -> noted.end().equals(end)).findFirst();
        return found.orElseThrow().stamp();
    }

    /** All up to this end is durable. */
    void durable(@Nullable SourcePosition end) {
        while (!ended.isEmpty()) {
            Noted noted = ended.removeFirst();
            noted.changes().forEach(byChange::remove);
            if (noted.end().equals(end)) {
                return;
            }
        }
    }
}
