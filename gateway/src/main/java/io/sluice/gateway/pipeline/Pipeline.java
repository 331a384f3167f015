package io.sluice.gateway.pipeline;

import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableLoads.Run;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.gateway.apply.Parking;
import io.sluice.gateway.capture.PieceBuffer;
import io.sluice.gateway.keybased.SweepCounts;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.gateway.pipeline.PipelineStatus.LoadStatus;
import io.sluice.gateway.rpo.ClockOffset;
import io.sluice.gateway.rpo.Exposure;
import io.sluice.gateway.rpo.ExposureTracker;
import io.sluice.gateway.snapshot.BuildMonitor;
import io.sluice.gateway.snapshot.CopyMonitor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source, one target, one direction. Started once, stopped once; asked for its status by anyone
 * at any time.
 */
public final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    private final PipelineSettings settings;
    private final SourceDatabase source;
    private final TargetDatabase target;
    private final InstantSource clock;
    private final PipelineObserver observer;

    private final Orders stop = new Orders();
    private final PipelineOrders orders;
    private final ExposureTracker exposure;
    private final ClockOffset offset = new ClockOffset();
    private final TableBook tables;
    private final Parking parking;
    private final BuildMonitor builds = new BuildMonitor();
    private final PendingBuilds pendingBuilds;
    private final ProbeLoop probe;
    private final Thread thread;
    private final LongAdder transactions = new LongAdder();
    private final LongAdder changes = new LongAdder();

    private volatile PipelineState state = PipelineState.STARTING;
    private volatile Instant since;
    private volatile @Nullable Failure failure;
    private volatile int retries;
    private volatile @Nullable Checkpoint checkpoint;
    private volatile @Nullable PieceBuffer buffer;
    private volatile @Nullable SourcePosition idleAt;
    private volatile @Nullable SourcePosition consistentAt;
    private volatile @Nullable Instant shownMoment;
    private volatile boolean completedOnce;
    private volatile @Nullable LoadStatus lastLoad;
    private volatile boolean answers;
    private volatile SweepCounts sweeps = SweepCounts.NONE;

    /**
     * @param source closed along with the pipeline
     * @param target closed along with the pipeline
     */
    public Pipeline(
            PipelineSettings settings,
            SourceDatabase source,
            TargetDatabase target,
            InstantSource clock,
            PipelineObserver observer) {
        this.settings = settings;
        this.source = source;
        this.target = target;
        this.clock = clock;
        this.observer = observer;
        this.since = clock.instant();
        this.exposure = new ExposureTracker(settings.heartbeat(), System::nanoTime);
        this.tables = new TableBook(new CopyMonitor(clock, stop::isRequested), clock);
        this.parking =
                new Parking(
                        settings.parksRows(),
                        settings.maxParked(),
                        table -> observer.parked(table.toString()));
        this.probe =
                new ProbeLoop(
                        settings.name(),
                        source.probe(settings.name()),
                        settings.heartbeat(),
                        clock,
                        offset,
                        new Reading());
        this.pendingBuilds = new PendingBuilds(this);
        this.orders = new PipelineOrders(settings.name(), stop, () -> state);
        this.thread =
                Thread.ofPlatform()
                        .name("pipeline " + settings.name())
                        .unstarted(new PipelineLoop(this));
    }

    public void start() {
        if (settings.work().isProbed()) {
            probe.start();
        }
        thread.start();
    }

    public PipelineSettings settings() {
        return settings;
    }

    /** Lets it drain and waits for that; returns whether it ended in time. */
    public boolean stop(Duration atMost) throws InterruptedException {
        stop.request();
        boolean ended = thread.join(atMost);
        probe.stop();
        if (!ended) {
            LOG.warn("{} did not end within {} s and is left behind.", name(), atMost.toSeconds());
        }
        return ended;
    }

    @Override
    public void close() throws InterruptedException {
        try {
            stop(Duration.ofSeconds(9));
        } finally {
            cut();
        }
    }

    /** Lets go of both databases, whatever is still being done there. */
    public void cut() {
        source.close();
        target.close();
    }

    public String name() {
        return settings.name();
    }

    /** What an operator may tell it. */
    public PipelineOrders orders() {
        return orders;
    }

    /**
     * Whether everything is applied that the source had committed when it was first found that the
     * pipeline keeps up.
     */
    public boolean isCaughtUp() {
        SourcePosition goal = idleAt;
        return completedOnce
                || (goal != null && consistentAt == null && covers(goal) && !builds.hasPending());
    }

    public PipelineStatus status() {
        Checkpoint at = checkpoint;
        SourcePosition position = at == null ? null : at.position();
        ProbeLoop.State measured = probe.state();
        PieceBuffer filling = buffer;
        PieceBuffer.Fill fill = filling == null ? new PieceBuffer.Fill(0, 0) : filling.fill();
        return new PipelineStatus(
                settings.name(),
                settings.replication(),
                settings.mode(),
                settings.source(),
                settings.target(),
                state,
                since,
                text(position),
                at == null ? null : at.commitTime(),
                text(consistentAt),
                exposed(),
                settings.objective(),
                measured.bytesSince(position),
                measured.retainedBytes(),
                probe.room().bytes(),
                probe.room().keptFor(),
                offset.offset(),
                offset.uncertainty(),
                settings.work().isProbed() ? measured.reachable() : answers,
                fill.rows(),
                fill.bytes(),
                transactions.sum(),
                changes.sum(),
                tables.copies().progress(),
                parking.parked(),
                builds.progress(),
                sweeps,
                failure,
                retries,
                lastLoad);
    }

    /** What is known of each of its tables. */
    public TableBook tables() {
        return tables;
    }

    /** How far the target is, by the claim that this pipeline has or had last; null before one. */
    public @Nullable Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Where no log is read, what came after the moment that the target shows would be lost. */
    private Exposure exposed() {
        Instant now = offset.theirs(clock.instant());
        Instant moment = shownMoment;
        if (!settings.work().readsLog() && moment != null) {
            return Exposure.since(moment, now);
        }
        return settings.work().readsLog() && consistentAt == null
                ? exposure.at(now)
                : Exposure.UNKNOWN;
    }

    /** What the probe asks of the reading of the log. */
    private final class Reading implements ProbeLoop.Reader {

        @Override
        public boolean reads() {
            return buffer != null;
        }

        @Override
        public @Nullable SourcePosition holds() {
            Checkpoint at = checkpoint;
            return at == null ? null : at.position();
        }
    }

    // What follows is the loop's side; called by the pipeline's thread alone.

    SourceDatabase source() {
        return source;
    }

    TargetDatabase target() {
        return target;
    }

    InstantSource clock() {
        return clock;
    }

    PipelineObserver observer() {
        return observer;
    }

    Orders stopSignal() {
        return stop;
    }

    ExposureTracker exposure() {
        return exposure;
    }

    Parking parking() {
        return parking;
    }

    BuildMonitor builds() {
        return builds;
    }

    PendingBuilds pendingBuilds() {
        return pendingBuilds;
    }

    ProbeLoop probe() {
        return probe;
    }

    PipelineState state() {
        return state;
    }

    void enter(PipelineState next) {
        PipelineState before = state;
        if (before != next) {
            LOG.info("{} -> {}", before, next);
            state = next;
            since = clock.instant();
            observer.entered(before, next, failure);
        }
    }

    void at(Checkpoint reached) {
        checkpoint = reached;
    }

    void reading(@Nullable PieceBuffer from) {
        probe.readAnew();
        buffer = from;
    }

    /** Notes where the source stood when the pipeline was first found to keep up. */
    void keepsUpWith(SourcePosition position) {
        if (idleAt == null) {
            idleAt = position;
        }
    }

    /**
     * Notes up to where the target holds rows of different moments; null for nowhere. Until then
     * nothing is proved of it.
     */
    void consistentAt(@Nullable SourcePosition position) {
        if (consistentAt != null && position == null) {
            LOG.info("All rows of the copy are of one moment now.");
        }
        consistentAt = position;
    }

    /** The target shows the source as it was at this moment, by the source's clock. */
    void shows(Instant moment) {
        shownMoment = moment;
    }

    /**
     * What was due has been loaded.
     *
     * @param next when it is due again; null for never
     */
    void loaded(Run run, @Nullable Instant next) {
        lastLoad = new LoadStatus(run, next);
        shows(run.moment());
        completed();
    }

    @Nullable LoadStatus lastLoad() {
        return lastLoad;
    }

    /** The source has told its clock to the pipeline itself. */
    void answered(Instant asked, Instant answered, Instant theirs) {
        offset.sample(asked, answered, theirs);
        answers = true;
    }

    SweepCounts sweeps() {
        return sweeps;
    }

    void swept(SweepCounts counts) {
        sweeps = counts;
    }

    /** All that was due has been done, for the first time or again. */
    void completed() {
        completedOnce = true;
        retries = 0;
        failure = null;
    }

    @Nullable SourcePosition consistentAt() {
        return consistentAt;
    }

    private static @Nullable String text(@Nullable SourcePosition position) {
        return position == null ? null : position.text();
    }

    boolean covers(SourcePosition position) {
        Checkpoint at = checkpoint;
        return at != null && at.position() != null && at.position().covers(position);
    }

    void applied(long appliedTransactions, long appliedChanges) {
        transactions.add(appliedTransactions);
        changes.add(appliedChanges);
        if (retries > 0) {
            retries = 0;
            failure = null;
        }
    }

    void failed(@Nullable Failure why, int attempts) {
        answers = false;
        failure = why;
        retries = attempts;
        if (attempts > 0 && why != null) {
            observer.retried(why, attempts);
        }
    }

    Duration latency(Instant commitTime) {
        Duration latency = Duration.between(commitTime, offset.theirs(clock.instant()));
        return latency.isNegative() ? Duration.ZERO : latency;
    }
}
