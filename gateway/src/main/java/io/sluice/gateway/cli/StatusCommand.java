package io.sluice.gateway.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.server.RpoViews;
import io.sluice.gateway.server.Views;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = "Shows a running gateway's replications: state, position, RPO.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Mixin private final AskedGateway gateway = new AskedGateway();

    @Option(names = "--json", description = "Print the API's answer as it is.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String body = gateway.ask("/api/v1/replications");
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(body);
        } else {
            ObjectMapper mapper =
                    new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
            print(mapper.readValue(body, Views.Replications.class), out);
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(Views.Replications all, PrintWriter out) {
        for (Views.Replication replication : all.replications()) {
            out.printf("%s  %s  %s%n", replication.name(), replication.mode(), replication.state());
            for (Views.Pipeline pipeline : replication.pipelines()) {
                print(pipeline, out);
            }
        }
        if (all.replications().isEmpty()) {
            out.println("The gateway has no replications.");
        }
    }

    private static void print(Views.Pipeline pipeline, PrintWriter out) {
        out.printf("  %s  %s since %s%n", pipeline.name(), pipeline.state(), pipeline.since());
        out.printf(
                "    RPO %s (%s), objective %s; lag %s; applied %,d changes in %,d transactions%n",
                seconds(pipeline.rpo().rpoSeconds()),
                pipeline.rpo().basis().toLowerCase(Locale.ROOT),
                seconds(pipeline.rpo().objectiveSeconds()),
                pipeline.lagBytes() == null
                        ? "unknown"
                        : "%,d bytes".formatted(pipeline.lagBytes()),
                pipeline.appliedChanges(),
                pipeline.appliedTransactions());
        Views.Rpo rpo = pipeline.rpo();
        out.printf(
                "    %,d transactions, %,d rows, %s under way; error budget %.1f %% left, burning at %.1f%s%n",
                rpo.unreplicatedTransactions(),
                rpo.unreplicatedRows(),
                CopyForecast.size(rpo.unreplicatedBytes()),
                100 * rpo.budget().leftRatio(),
                rpo.budget().burnRateHour(),
                forecast(rpo.forecast()));
        out.printf(
                "    position %s, committed at the source %s%n",
                pipeline.position() == null ? "none yet" : pipeline.position(),
                pipeline.commitTime() == null ? "unknown" : pipeline.commitTime());
        Views.Copy copy = pipeline.copy();
        if (copy != null && !"STREAMING".equals(pipeline.state())) {
            out.printf(
                    "    copied %,d of about %,d rows, %d of %d tables, %d of %d chunks, %,d rows/s,"
                            + " %s/s, %s left%s%n",
                    copy.rows(),
                    copy.rowsExpected(),
                    copy.tablesDone(),
                    copy.tables(),
                    copy.chunksDone(),
                    copy.chunks(),
                    copy.rowsPerSecond(),
                    CopyForecast.size(copy.bytesPerSecond()),
                    copy.remainingSeconds() == null
                            ? "unknown time"
                            : "%.0f s".formatted(copy.remainingSeconds()),
                    copy.paused() == null ? "" : "; pauses: " + copy.paused());
        }
        Views.Builds builds = pipeline.builds();
        if (!builds.building().isEmpty()) {
            out.printf(
                    "    building %s (%d of %d done)%n",
                    String.join(", ", builds.building()), builds.done(), builds.all());
        }
        for (Views.Unbuilt unbuilt : builds.unbuilt()) {
            out.printf(
                    "    not made: %s%n      %s%n      run: %s;%n",
                    unbuilt.object(), unbuilt.failure(), unbuilt.statement());
        }
        if (pipeline.parkedRows() > 0) {
            out.printf(
                    "    %,d rows that the target refused are parked: see `sluice dead-letters list`%n",
                    pipeline.parkedRows());
        }
        Views.Load load = pipeline.load();
        if (load != null) {
            out.printf(
                    "    load %d shows %s at %s: %,d rows, finished %s, next %s%n",
                    load.number(),
                    load.moment(),
                    load.position(),
                    load.rows(),
                    load.finished(),
                    load.next() == null ? "none" : load.next());
        }
        Views.Failure failure = pipeline.failure();
        if (failure != null) {
            out.printf("    %s at %s: %s%n", failure.errorClass(), failure.at(), failure.message());
            if (failure.table() != null) {
                out.printf("      table %s, row %s%n", failure.table(), failure.key());
            }
            if (failure.gap() != null) {
                out.printf("      gap from %s to %s%n", failure.gap().from(), failure.gap().to());
            }
        }
    }

    private static String forecast(RpoViews.Outlook forecast) {
        StringBuilder text = new StringBuilder();
        tell(text, "over its objective in", forecast.breach());
        tell(text, "caught up in", forecast.catchUp());
        tell(text, "log given up unread in", forecast.retention());
        return text.toString();
    }

    private static void tell(
            StringBuilder text, String what, RpoViews.@Nullable Estimate estimate) {
        if (estimate != null) {
            text.append("; %s %.0f s".formatted(what, estimate.seconds()));
        }
    }

    private static String seconds(@Nullable Double seconds) {
        return seconds == null ? "unknown" : "%.1f s".formatted(seconds);
    }
}
