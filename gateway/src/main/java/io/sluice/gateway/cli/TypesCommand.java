package io.sluice.gateway.cli;

import io.sluice.connectors.spi.Connector;
import io.sluice.connectors.spi.DataType;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "types",
        description = {
            "Says for every built-in type of one engine what holds it in the other, and what does"
                    + " not fit there, as tables in Markdown.",
            "Within one engine every type stays what it is."
        },
        mixinStandardHelpOptions = true)
final class TypesCommand implements Callable<Integer> {

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        for (Connector from : Wiring.CONNECTORS) {
            for (Connector to : Wiring.CONNECTORS) {
                if (from.engine() != to.engine()) {
                    print(from, to, out);
                }
            }
        }
        out.flush();
        return ExitCode.OK;
    }

    private static void print(Connector from, Connector to, PrintWriter out) {
        out.printf("## %s to %s%n%n", from.engine(), to.engine());
        out.printf("| %s | %s | |%n| --- | --- | --- |%n", from.engine(), to.engine());
        for (String nativeType : from.types()) {
            DataType type = from.typeOf(nativeType);
            out.printf(
                    "| `%s` | `%s` | %s |%n",
                    nativeType,
                    to.nativeType(type),
                    Objects.requireNonNullElse(to.loss(type), "exact"));
        }
        out.println();
    }
}
