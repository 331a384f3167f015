package io.sluice.gateway.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sluice.gateway.server.Views;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "events",
        description = "Shows what happened to a running gateway's pipelines, and why.",
        mixinStandardHelpOptions = true)
final class EventsCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Mixin private final AskedGateway gateway = new AskedGateway();

    @Option(names = "--json", description = "Print the API's answer as it is.")
    private boolean json;

    @Option(
            names = "--after",
            paramLabel = "ID",
            description = "Only what came after the event of this id.")
    private @Nullable Long after;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many at most: 100 (the default), up to 1000.")
    private int limit = 100;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (limit < 1 || limit > 1000 || (after != null && after < 0)) {
            throw new ParameterException(
                    spec.commandLine(), "--limit takes 1 to 1000, and --after an event's id.");
        }
        String path =
                "/api/v1/events?limit=%d%s"
                        .formatted(limit, after == null ? "" : "&after=" + after);
        String body = gateway.ask(path);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(body);
        } else {
            ObjectMapper mapper =
                    new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
            Views.Events events = mapper.readValue(body, Views.Events.class);
            for (Views.Event event : events.events()) {
                out.printf(
                        "%-27s  %-8s  %s  %s%n",
                        event.at(), event.kind(), event.pipeline(), event.text());
            }
            if (events.events().isEmpty()) {
                out.println("Nothing has happened.");
            }
        }
        out.flush();
        return ExitCode.OK;
    }
}
