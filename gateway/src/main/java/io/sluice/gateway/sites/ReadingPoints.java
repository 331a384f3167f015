package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import java.util.ArrayDeque;
import java.util.Iterator;

/** Points from which a log could be read again, in its order. Not thread-safe. */
final class ReadingPoints {

    /** Of more than these every second one goes. */
    private static final int MOST = 1_000;

    private final ArrayDeque<ReadingPoint> points = new ArrayDeque<>();

    void beginAt(ReadingPoint point) {
        points.clear();
        points.add(point);
    }

    void add(ReadingPoint point) {
        points.add(point);
        if (points.size() > MOST) {
            thin();
        }
    }

    private void thin() {
        ReadingPoint first = points.peekFirst();
        boolean keep = false;
        for (Iterator<ReadingPoint> each = points.iterator(); each.hasNext(); ) {
            ReadingPoint point = each.next();
            if (!keep && point != first) {
                each.remove();
            }
            keep = !keep;
        }
    }

    /** The last that is beyond neither; what is before it is forgotten. */
    ReadingPoint upTo(SourcePosition checkpoint, HybridTimestamp seenByPeer) {
        while (points.size() > 1) {
            Iterator<ReadingPoint> each = points.iterator();
            each.next();
            ReadingPoint second = each.next();
            if (second.clock().compareTo(seenByPeer) > 0 || !checkpoint.covers(second.position())) {
                break;
            }
            points.removeFirst();
        }
        return points.getFirst();
    }
}
