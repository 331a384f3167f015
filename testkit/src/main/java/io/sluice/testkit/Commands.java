package io.sluice.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Runs small programs of the operating system to their end. */
final class Commands {
    private Commands() {}

    /** Runs a program and returns all that it printed; a failure carries that as well. */
    static String run(List<String> command) {
        try {
            Process process = builder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String printed =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new ServerException(
                        command.getFirst() + " ended with status " + status + ":\n" + printed);
            }
            return printed;
        } catch (IOException e) {
            throw new ServerException("cannot run " + command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted while running " + command.getFirst(), e);
        }
    }

    /** A process builder without the settings of a user's own PostgreSQL. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        return builder;
    }

    /** Sends a signal; processes that are gone by now are nobody's concern. */
    static void signal(String signal, LongStream pids) {
        String list = pids.mapToObj(Long::toString).collect(Collectors.joining(" "));
        if (!list.isEmpty()) {
            run(List.of("sh", "-c", "kill -" + signal + " " + list + " 2>/dev/null || true"));
        }
    }
}
