package io.sluice.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Ends a server and removes its folder when the JVM that started it is gone, even by {@code
 * SIGKILL}.
 *
 * <p>A small shell waits at the other end of a pipe that only this JVM holds. When the JVM ends in
 * any way the operating system closes the pipe; the shell then wakes frozen processes, tells the
 * server to quit at once, kills it if it does not, and removes the folder. The shell stands in a
 * session of its own, so that a terminal's Ctrl-C does not reach it.
 *
 * <p>There is no shutdown hook beside it: hooks run all at once, and the server would vanish under
 * programs that still finish their work in hooks of their own.
 */
final class OrphanGuard implements AutoCloseable {
    /** $1: the folder; the first line of a file in it tells the server's process. */
    private static final String SCRIPT =
            """
            trap '' INT HUP TERM
            read -r order && [ "$order" = release ] && exit 0
            children() {
              ps -A -o ppid= -o pid= | while read -r parent pid; do
                [ "$parent" = "$1" ] && echo "$pid"
              done
            }
            pid=$(cat "$1/data/postmaster.pid" "$1/mysqld.pid" 2>/dev/null | head -n 1)
            lives() { ps -o args= -p "$pid" 2>/dev/null | grep -qF "$1/data"; }
            if [ -n "$pid" ] && lives "$1"; then
              backends=$(children "$pid")
              kill -QUIT "$pid" 2>/dev/null
              kill -CONT "$pid" $backends 2>/dev/null
              for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
                lives "$1" || break
                sleep 0.2
              done
              lives "$1" && kill -KILL "$pid" $backends 2>/dev/null
            fi
            rm -rf "$1"
            sleep 1
            rm -rf "$1"
            """;

    private final Process shell;

    private OrphanGuard(Process shell) {
        this.shell = shell;
    }

    /** Watches over the server whose data are in {@code data} under a folder. */
    static OrphanGuard over(Path folder) {
        List<String> command =
                new ServerUser(null)
                        .command(List.of("sh", "-c", SCRIPT, "sluice-guard", folder.toString()));
        try {
            return new OrphanGuard(
                    new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start());
        } catch (IOException e) {
            throw new ServerException("cannot start the guard of " + folder, e);
        }
    }

    /** Ends the watch; the server and its folder are left as they are. */
    @Override
    public void close() {
        try (var pipe = shell.getOutputStream()) {
            pipe.write("release\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // Gone already: then nothing watches, which is what was asked for.
        }
    }
}
