package io.sluice.gateway.sites;

import io.sluice.change.HybridTimestamp;
import io.sluice.change.Origin;
import io.sluice.change.SourcePosition;
import io.sluice.change.TableSchema;
import io.sluice.conflict.TablePolicy;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.SiteSession.ReadingPoint;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.gateway.rpo.ClockOffset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What one pipeline of a pair knows of the other.
 *
 * @param source what the log says that this pipeline reads
 * @param target what the log says that the other one reads
 * @param other the pipeline in the other direction
 * @param here the target as the other one's source; closed along with what is opened here
 * @param prepare makes the gateway's own tables at the source, where they are missing
 * @param copied open until the second site has its rows; awaited by the pipeline that copies none
 * @param awaited what has to happen yet before the pipeline begins; empty for nothing
 * @param copies whether this one fills the second site
 * @param policies by a table in the target's names
 * @param maxSkew how far apart the sites' clocks may be
 * @param mesh where more than two sites write; else empty
 * @param tables whether tables of the source can take part
 * @param mask what conflicts at the target are recorded without
 * @param keys whether their rows are known by the same keys at the target
 * @param numbers whether the target numbers new rows otherwise than the source
 * @param forms how the source's values look at the target
 */
public record SiteSide(
        LocalLog source,
        LocalLog target,
        String other,
        Supplier<SourceDatabase> here,
        Runnable prepare,
        CountDownLatch copied,
        Supplier<Optional<String>> awaited,
        boolean copies,
        Function<TableSchema, TablePolicy> policies,
        Duration maxSkew,
        Optional<Mesh> mesh,
        SiteCheck tables,
        ConflictMask mask,
        KeyForms keys,
        KeyNumbering numbers,
        OwnForms forms) {

    /**
     * What a pipeline knows of the further sites.
     *
     * @param name under which the versions of the target's rows are kept
     * @param arrivals at the target
     * @param tombstones of the target
     * @param reached up to when each of the others' changes are at the target
     * @param begin a point of the source's log, from which it is read for the first time, with what
     *     others who read it know at that point
     * @param joining how the target joins others, of a pipeline that fills it
     */
    public record Mesh(
            String name,
            Arrivals arrivals,
            Tombstones tombstones,
            Supplier<Map<Origin, HybridTimestamp>> reached,
            Function<SourcePosition, ReadingPoint> begin,
            Optional<Joining> joining) {}

    /** How the target joins others that write already, where it is to and this one fills it. */
    public Optional<Joining> joining() {
        return mesh.flatMap(Mesh::joining).filter(Joining::isDue);
    }

    /** Whether these tables of the source can be written at both sites. */
    public List<Finding> check(SourceDatabase at, List<TableDefinition> of) {
        List<Finding> findings = new ArrayList<>(tables.findings(of));
        findings.addAll(mask.findings(of));
        findings.addAll(keys.findings(of));
        findings.addAll(numbers.findings(at::rowNumbers, of));
        mesh.flatMap(Mesh::joining).ifPresent(joining -> findings.addAll(joining.findings()));
        return findings;
    }

    /**
     * Whether the clocks of both sites are right enough. Told where the source's is behind, so that
     * it is told once of two sites.
     *
     * @param pipeline this one's name
     */
    public List<Finding> checkClocks(String pipeline, SourceDatabase from, InstantSource clock) {
        try (SourceDatabase to = here.get()) {
            ClockSkew skew =
                    ClockSkew.between(
                            offset(from.probe(pipeline), clock), offset(to.probe(other), clock));
            return skew.ahead().isNegative() && skew.isBeyond(maxSkew)
                    ? List.of(
                            Finding.warns(
                                    source.site().name(),
                                    skew.text(source.site().name(), target.site().name(), maxSkew),
                                    "Set the clocks of both servers by the same source of time."))
                    : List.of();
        } catch (ConnectorException e) {
            return List.of(); // the database's own check says that it cannot be asked
        }
    }

    /** The first answer takes as long as it takes to log in. */
    private static ClockOffset offset(SourceProbe probe, InstantSource clock) {
        ClockOffset offset = new ClockOffset();
        try (probe) {
            for (int i = 0; i < 3; i++) {
                Instant asked = clock.instant();
                Instant theirs = probe.read().clock();
                offset.sample(asked, clock.instant(), theirs);
            }
        }
        return offset;
    }
}
