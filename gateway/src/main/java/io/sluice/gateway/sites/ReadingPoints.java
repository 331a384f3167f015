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

    private final ArrayDeque<Point> points = new ArrayDeque<>();

    /**
     * @param own no write of the site itself before is later
     */
    private record Point(ReadingPoint from, HybridTimestamp own) {}

    void beginAt(ReadingPoint point, HybridTimestamp own) {
        points.clear();
        points.add(new Point(point, own));
    }

    void add(ReadingPoint point, HybridTimestamp own) {
        points.add(new Point(point, own));
        if (points.size() > MOST) {
            thin();
        }
    }

    private void thin() {
        Point first = points.peekFirst();
        boolean keep = false;
        for (Iterator<Point> each = points.iterator(); each.hasNext(); ) {
            Point point = each.next();
            if (!keep && point != first) {
                each.remove();
            }
            keep = !keep;
        }
    }

    /** The last that is beyond neither; what is before it is forgotten. */
    ReadingPoint upTo(SourcePosition checkpoint, HybridTimestamp seenByPeer) {
        while (points.size() > 1) {
            Iterator<Point> each = points.iterator();
            each.next();
            Point second = each.next();
            if (second.own().compareTo(seenByPeer) > 0
                    || !checkpoint.covers(second.from().position())) {
                break;
            }
            points.removeFirst();
        }
        return points.getFirst().from();
    }
}
