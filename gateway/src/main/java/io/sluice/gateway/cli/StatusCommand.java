package io.sluice.gateway.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.server.RpoViews;
import io.sluice.gateway.server.Views;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration of the gateway to ask.")
    private @Nullable Path config;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The gateway to ask, for example http://127.0.0.1:8085.")
    private @Nullable String url;

    @Option(names = "--json", description = "Print the API's answer as it is.")
    private boolean json;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:SLUICE_TOKEN}",
            description = "The gateway's token, where it asks for one (or SLUICE_TOKEN).")
    private @Nullable String token;

    @Override
    public Integer call() throws IOException, InterruptedException {
        GatewayAddress address = GatewayAddress.of(url, config, token);
        String body = ask(address, "/api/v1/replications");
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

    static String ask(GatewayAddress address, String path) throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.base().resolve(path)).timeout(Duration.ofSeconds(5));
        if (address.token() != null) {
            request.header("Authorization", "Bearer " + address.token());
        }
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build()) {
            HttpResponse<String> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return switch (answer.statusCode()) {
                case 200 -> answer.body();
                case 401 ->
                        throw new CommandException(
                                ExitCode.USAGE,
                                "The gateway at %s asks for its token: give --token or set"
                                                .formatted(address.base())
                                        + " SLUICE_TOKEN.");
                default ->
                        throw new CommandException(
                                ExitCode.NO_ANSWER,
                                "%s answers, but not as a gateway does (status %d): check the"
                                                .formatted(address.base(), answer.statusCode())
                                        + " address.");
            };
        } catch (IOException e) {
            throw new CommandException(
                    ExitCode.NO_ANSWER,
                    "No gateway answers at %s: start one with `sluice run`, or name another with --url."
                            .formatted(address.base()));
        }
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

    /** Where the gateway is, and what it asks for. */
    record GatewayAddress(URI base, @Nullable String token) {

        static GatewayAddress of(
                @Nullable String url, @Nullable Path config, @Nullable String token) {
            String given = token == null || token.isEmpty() ? null : token;
            if (url != null) {
                return new GatewayAddress(parse(url), given);
            }
            if (config == null) {
                return new GatewayAddress(URI.create("http://127.0.0.1:8085"), given);
            }
            return ConfigFiles.address(config, given);
        }

        private static URI parse(String url) {
            try {
                URI uri = URI.create(url);
                if (uri.getHost() != null && String.valueOf(uri.getScheme()).startsWith("http")) {
                    return uri;
                }
            } catch (IllegalArgumentException e) {
                // said below
            }
            throw new CommandException(
                    ExitCode.USAGE,
                    "`%s` is not an address of a gateway: give one like http://127.0.0.1:8085."
                            .formatted(url));
        }
    }
}
