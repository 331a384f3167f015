package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.conflict.VersionText;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.Checkpoint.Phase;
import io.sluice.connectors.spi.SiteSession;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SiteSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * From where the pipelines to a new site begin, but for that of its copy: where those to the first
 * site stood at the moment that was copied.
 */
public final class Joined {

    private final List<Beginning> beginnings;

    /**
     * @param checkpoint of the pipeline to the new site
     * @param point from which its member's log is read
     */
    record Beginning(MemberLogs.Member member, Checkpoint checkpoint, ReadingPoint point) {}

    private Joined(List<Beginning> beginnings) {
        this.beginnings = List.copyOf(beginnings);
    }

    /**
     * As of a moment of the first site; empty where it is too early: a member's log is not kept
     * from so far back, or something may still come from there that was made without knowledge of
     * what {@code first} wrote before its log tells it.
     *
     * @param agreed a time in the first site's log from which on that is heard
     */
    public static Optional<Joined> at(
            SiteSnapshot memory,
            List<MemberLogs.Member> members,
            Origin first,
            HybridTimestamp agreed) {
        List<Beginning> beginnings = new ArrayList<>();
        for (MemberLogs.Member member : members) {
            Optional<Checkpoint> reached = memory.checkpoint(member.toFirst());
            Optional<ReadingPoint> point = memory.readingPoint(member.toFirst());
            if (reached.isEmpty()
                    || point.isEmpty()
                    || !isReady(member, reached.get(), point.get(), first, agreed)) {
                return Optional.empty();
            }
            beginnings.add(beginning(member, reached.get(), point.get()));
        }
        return Optional.of(new Joined(beginnings));
    }

    private static boolean isReady(
            MemberLogs.Member member,
            Checkpoint reached,
            ReadingPoint point,
            Origin first,
            HybridTimestamp agreed) {
        HybridTimestamp seen =
                VersionText.seen(point.seen()).upTo().getOrDefault(first, HybridTimestamp.ZERO);
        return reached.phase() == Phase.STREAMING
                && reached.clock() != null
                && Objects.equals(reached.sourceIdentity(), member.claim().sourceIdentity())
                && point.position().covers(member.kept())
                && seen.compareTo(agreed) >= 0;
    }

    private static Beginning beginning(
            MemberLogs.Member member, Checkpoint reached, ReadingPoint point) {
        return new Beginning(
                member,
                member.claim()
                        .at(Objects.requireNonNull(reached.position()), reached.commitTime())
                        .in(Phase.STREAMING)
                        .stamped(Objects.requireNonNull(reached.clock())),
                point);
    }

    List<Beginning> beginnings() {
        return beginnings;
    }

    /** Has them begin with the commit of the session's transaction. */
    public void begin(SiteSession session) {
        beginnings.forEach(each -> session.begin(each.checkpoint(), each.point()));
    }
}
