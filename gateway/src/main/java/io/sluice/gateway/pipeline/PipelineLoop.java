package io.sluice.gateway.pipeline;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Checkpoint;
import io.sluice.connectors.spi.ConnectorException;
import io.sluice.connectors.spi.ErrorClass;
import io.sluice.connectors.spi.Finding;
import io.sluice.connectors.spi.Holder;
import io.sluice.connectors.spi.LogGapException;
import io.sluice.connectors.spi.RowRefusedException;
import io.sluice.connectors.spi.SourceDatabase;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TargetDatabase;
import io.sluice.connectors.spi.TargetSession;
import io.sluice.gateway.pipeline.Orders.Order;
import io.sluice.gateway.pipeline.PipelineStatus.Failure;
import io.sluice.gateway.pipeline.PipelineStatus.Gap;
import io.sluice.gateway.pipeline.PipelineStatus.LoadStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The pipeline's thread: attempt after attempt, each from the checkpoint with everything fresh,
 * until it is told to stop or an error does not pass by itself. Then, and while it is paused, it
 * waits for an operator.
 */
final class PipelineLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLoop.class);

    private static final Duration LOOK = Duration.ofMinutes(1);

    private final Pipeline pipeline;
    private final PipelineSettings settings;
    private final SourceDatabase source;
    private final TargetDatabase target;

    private final Holder holder;

    private @Nullable Checkpoint held;
    private @Nullable Set<TableId> taken;

    PipelineLoop(Pipeline pipeline) {
        this.pipeline = pipeline;
        this.settings = pipeline.settings();
        this.source = pipeline.source();
        this.target = pipeline.target();
        this.holder = settings.holder();
    }

    @Override
    public void run() {
        MDC.put("pipeline", settings.name());
        boolean ended = false;
        try {
            do {
                ended = attempts();
            } while (isToGoOn(ended));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as a stop
        }
        if (!ended) {
            pipeline.enter(PipelineState.STOPPED);
        }
    }

    /** Waits, where the work has ended or an operator said so, for an order to go on. */
    private boolean isToGoOn(boolean ended) throws InterruptedException {
        Orders orders = pipeline.stopSignal();
        if (ended) {
            orders.begin(Order.PAUSE); // there is nothing left to pause
        }
        Order order = orders.order();
        if (order == Order.PAUSE) {
            pipeline.enter(PipelineState.PAUSED);
        }
        if (order == Order.PAUSE || (order == Order.RUN && ended)) {
            order = orders.awaitOtherThan(order);
        }
        if (order == Order.RESTART) {
            orders.begin(order);
            held = null;
            taken = null;
            pipeline.pendingBuilds().anew();
            pipeline.failed(null, 0);
        }
        orders.attemptEnded();
        return order != Order.STOP;
    }

    /** Returns whether the work has ended by itself; else an order ended it. */
    private boolean attempts() {
        while (!pipeline.stopSignal().isRequested()) {
            try {
                attempt();
                if (pipeline.state() == PipelineState.COMPLETED) {
                    return true;
                }
                awaitDue();
            } catch (CancellationException | InterruptedException e) {
                return false; // told to stop
            } catch (ConnectorException e) {
                if (e.errorClass() != ErrorClass.RETRY) {
                    fail(e);
                    return true;
                }
                pauseAfter(e);
            } catch (RuntimeException | Error e) {
                fail(e);
                return true;
            }
        }
        return false;
    }

    /** Waits until more is due; returns at once where nothing is waited for. */
    private void awaitDue() {
        LoadStatus last = pipeline.lastLoad();
        while (pipeline.state() == PipelineState.WAITING && last != null && last.next() != null) {
            Instant now = pipeline.clock().instant();
            Duration left = Duration.between(now, last.next());
            // The clock may be set meanwhile, so it is looked at again.
            if (!left.isPositive()
                    || last.run().started().isAfter(now)
                    || pipeline.stopSignal().await(left.compareTo(LOOK) < 0 ? left : LOOK)) {
                return;
            }
        }
    }

    private void attempt() throws InterruptedException {
        if (pipeline.state() != PipelineState.WAITING) {
            pipeline.enter(PipelineState.STARTING);
        }
        settings.work().await(pipeline);
        List<TableDefinition> tables = select();
        if (tables.isEmpty()) {
            throw new ConnectorException(
                    ErrorClass.FATAL,
                    "No table of %s matches the replication's `tables`."
                            .formatted(settings.source()));
        }
        List<TableDefinition> wanted = tables.stream().map(settings.routing()::target).toList();
        pipeline.tables().begun(tables, wanted);
        requireNoBlocks(tables, wanted);
        target.prepare();
        Checkpoint claim = claim();
        pipeline.at(claim);
        try (TargetSession session = target.session(claim, settings.statementTimeout())) {
            pipeline.parking().count(session);
            settings.work().attempt(pipeline).run(session, claim, tables, wanted);
        }
    }

    /** The first attempt takes the pipeline over; a later one only keeps what is still its own. */
    private Checkpoint claim() {
        Checkpoint claim =
                held == null ? target.claim(settings.name(), holder) : target.renew(held, holder);
        held = claim;
        return claim;
    }

    /**
     * The tables of the first attempt. One that was created since does not make a retry fail: it is
     * named, and the next start of the gateway deals with it.
     */
    private List<TableDefinition> select() {
        List<TableDefinition> now = settings.routing().select(source.tables());
        Set<TableId> names = now.stream().map(TableDefinition::table).collect(Collectors.toSet());
        if (taken == null && !now.isEmpty()) {
            taken = Set.copyOf(names);
        }
        Set<TableId> first = taken == null || !settings.work().readsLog() ? names : taken;
        Set<TableId> later = new TreeSet<>(names);
        later.removeAll(first);
        if (!later.isEmpty()) {
            LOG.warn("Not replicated, for they were created after the start: {}.", later);
        }
        return now.stream().filter(table -> first.contains(table.table())).toList();
    }

    private void requireNoBlocks(List<TableDefinition> tables, List<TableDefinition> wanted) {
        List<Finding> findings = new ArrayList<>(settings.routing().check(tables));
        findings.addAll(settings.work().check(source, tables));
        findings.addAll(
                target.check(
                        settings.work()
                                .written(
                                        ColumnsToCome.left(
                                                wanted, source, target, settings.name()))));
        if (!settings.createTables()) {
            findings.addAll(missing(wanted));
        }
        String blocking =
                findings.stream()
                        .filter(f -> f.severity() == Finding.Severity.BLOCKS)
                        .map(f -> "%s: %s %s".formatted(f.subject(), f.problem(), f.remedy()))
                        .collect(Collectors.joining(" | "));
        if (!blocking.isEmpty()) {
            throw new ConnectorException(ErrorClass.FATAL, blocking);
        }
    }

    private List<Finding> missing(List<TableDefinition> wanted) {
        List<TableId> names = wanted.stream().map(TableDefinition::table).toList();
        List<TableId> standing = target.tables(names).stream().map(TableDefinition::table).toList();
        return names.stream()
                .filter(name -> !standing.contains(name))
                .map(
                        name ->
                                Finding.blocks(
                                        name.toString(),
                                        "The table is missing on the target.",
                                        "Create it, or set createTables: true."))
                .toList();
    }

    private void pauseAfter(ConnectorException e) {
        int attempts = pipeline.status().retries() + 1;
        Duration delay = settings.retry().delay(attempts);
        pipeline.failed(failure(e), attempts);
        pipeline.observer().failed("retry");
        pipeline.enter(PipelineState.STARTING);
        LOG.warn(
                "{} Tries again in {} ms (attempt {}).",
                e.getMessage(),
                delay.toMillis(),
                attempts);
        pipeline.stopSignal().await(delay);
    }

    private void fail(Throwable e) {
        Failure failure = failure(e);
        pipeline.failed(failure, 0);
        pipeline.observer().failed(failure.errorClass());
        pipeline.enter(PipelineState.FAILED);
        if (e instanceof ConnectorException) {
            LOG.error("FAILED: {}", failure.message());
        } else {
            LOG.error("FAILED: {}", failure.message(), e);
        }
    }

    private Failure failure(Throwable e) {
        String errorClass =
                e instanceof ConnectorException connector
                        ? connector.errorClass().name().toLowerCase(Locale.ROOT)
                        : "fatal";
        String message =
                e instanceof ConnectorException
                        ? String.valueOf(e.getMessage())
                        : "An error that nobody foresaw: " + e;
        RowRefusedException row = e instanceof RowRefusedException refused ? refused : null;
        return new Failure(
                errorClass,
                message,
                pipeline.clock().instant(),
                row == null ? null : row.table().toString(),
                row == null ? null : row.key(),
                e instanceof LogGapException gap ? new Gap(gap.from(), gap.to()) : null);
    }
}
