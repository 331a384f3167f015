package io.sluice.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The user that a server runs as: the one who runs the JVM, except that PostgreSQL refuses root and
 * so runs as {@code nobody} there.
 *
 * @param name null for the JVM's own user
 */
record ServerUser(@Nullable String name) {

    static ServerUser current() {
        return new ServerUser("root".equals(System.getProperty("user.name")) ? "nobody" : null);
    }

    boolean isOther() {
        return name != null;
    }

    /**
     * The command that runs another one as this user, in a session of its own where that can be
     * had: so that a Ctrl-C in a terminal reaches the JVM alone, which then ends its servers in
     * order. The first choices replace themselves by the command and keep the process id.
     */
    List<String> command(List<String> command) {
        List<String> all = new ArrayList<>();
        onPath("setsid").ifPresent(all::add);
        if (name != null) {
            Optional<String> setpriv = onPath("setpriv");
            Optional<String> runuser = onPath("runuser");
            if (setpriv.isPresent()) {
                all.addAll(
                        List.of(
                                setpriv.get(),
                                "--reuid=" + name,
                                "--regid=" + group(),
                                "--clear-groups",
                                "--"));
            } else if (runuser.isPresent()) {
                all.addAll(List.of(runuser.get(), "-u", name, "--"));
            } else {
                throw new ServerException(
                        "PostgreSQL does not run as root, and neither setpriv nor runuser"
                                + " (util-linux) is here to start it as "
                                + name
                                + ": install one, or run as another user");
            }
        }
        all.addAll(command);
        return all;
    }

    /** Hands a folder or file over to this user. */
    void own(Path path) throws IOException {
        if (name != null) {
            Files.setOwner(
                    path,
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(name));
        }
    }

    private String group() {
        return Commands.run(List.of("id", "-g", String.valueOf(name))).strip();
    }

    private static Optional<String> onPath(String program) {
        for (String folder :
                System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator)) {
            Path file = Path.of(folder, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file.toString());
            }
        }
        return Optional.empty();
    }
}
