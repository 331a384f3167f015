package io.sluice.gateway.journal;

import io.sluice.gateway.pipeline.PipelineStatus;
import io.sluice.gateway.rpo.Exposure.Basis;
import io.sluice.gateway.rpo.Forecast;
import io.sluice.gateway.rpo.Forecast.Look;
import io.sluice.gateway.rpo.ForecastAlarm;
import io.sluice.gateway.rpo.ObjectiveLedger;
import io.sluice.gateway.rpo.ObjectiveLedger.Budget;
import io.sluice.gateway.rpo.Outlook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one pipeline stands by its objective and what becomes of it, from a look each second. One
 * thread looks, any may ask.
 */
public final class PipelineOutlook {

    private static final int LOOKS = 600;

    /** A window's worth of slots is added up for it. */
    private static final Duration BUDGETED_EVERY = Duration.ofSeconds(10);

    /**
     * Between two loads or polls the RPO grows with the clock as it is meant to, and no log waits.
     */
    private static final Set<String> SAWTOOTH = Set.of("full", "snapshot", "key-based");

    private final ObjectiveLedger ledger;
    private final ObjectiveWatch watch;
    private final ForecastAlarm alarm;
    private final ArrayDeque<Look> looks = new ArrayDeque<>();
    private Instant budgeted = Instant.MIN;

    private volatile Outlook outlook;

    /**
     * @param started when this gateway did
     */
    public PipelineOutlook(ObjectiveLedger ledger, Instant started) {
        this.ledger = ledger;
        this.watch = new ObjectiveWatch(ledger, started);
        this.alarm = new ForecastAlarm(ledger.objective().objective());
        this.outlook = new Outlook(ledger.objective(), ledger.budget(started), Forecast.NONE);
    }

    public Outlook outlook() {
        return outlook;
    }

    public ObjectiveLedger ledger() {
        return ledger;
    }

    /** Looks at the pipeline; returns what is to be reported. */
    public List<Finding> look(PipelineStatus pipeline, Instant now) {
        List<Finding> findings = new ArrayList<>();
        Look look = look(pipeline, now.toEpochMilli() / 1000.0);
        Forecast forecast = forecast(look);
        alarm.look(forecast, look)
                .forEach(text -> findings.add(new Finding(EventKind.FORECAST, text)));
        watch.look(pipeline, now).ifPresent(findings::add);
        outlook = new Outlook(ledger.objective(), budget(now, findings), forecast);
        return findings;
    }

    private Forecast forecast(Look look) {
        Look last = looks.peekLast();
        if (last != null && last.at() >= look.at()) {
            looks.clear(); // the gateway's clock was set back
        }
        looks.add(look);
        if (looks.size() > LOOKS) {
            looks.remove();
        }
        return Forecast.of(List.copyOf(looks), ledger.objective().objective());
    }

    private Budget budget(Instant now, List<Finding> findings) {
        if (findings.isEmpty() && now.isBefore(budgeted.plus(BUDGETED_EVERY))) {
            return outlook.budget();
        }
        budgeted = now;
        return ledger.budget(now);
    }

    private static Look look(PipelineStatus pipeline, double at) {
        Duration age = pipeline.exposure().age();
        boolean sawtooth = SAWTOOTH.contains(pipeline.mode());
        return new Look(
                at,
                age == null || sawtooth ? null : age.toNanos() / 1e9,
                pipeline.lagBytes() < 0 ? null : (double) pipeline.lagBytes(),
                sawtooth ? null : room(pipeline, age),
                pipeline.exposure().basis() == Basis.BLIND);
    }

    private static @Nullable Double room(PipelineStatus pipeline, @Nullable Duration age) {
        if (pipeline.roomBytes() >= 0) {
            return (double) pipeline.roomBytes();
        }
        Duration kept = pipeline.logKeptFor();
        return kept == null || age == null ? null : kept.minus(age).toNanos() / 1e9;
    }
}
