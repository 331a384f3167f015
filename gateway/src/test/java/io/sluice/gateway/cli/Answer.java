package io.sluice.gateway.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** How a command ended that was run in this process, and what it printed where. */
public record Answer(int exit, String out, String err) {

    public static Answer sluice(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands = Main.commandLine();
        commands.setOut(new PrintWriter(out));
        commands.setErr(new PrintWriter(err));
        int exit = commands.execute(arguments);
        return new Answer(exit, out.toString(), err.toString());
    }
}
