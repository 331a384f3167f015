package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Locales that a machine may lack, compiled into the cache: few machines have more than two. */
final class LocaleCache {
    private LocaleCache() {}

    /**
     * A folder for {@code LOCPATH}.
     *
     * @param names such as {@code de_DE.UTF-8}
     */
    static synchronized Path compiled(List<String> names) {
        try {
            return CacheFolder.filled(
                    "locales-" + String.join("-", names),
                    folder -> {
                        for (String name : names) {
                            compile(name, folder);
                        }
                    });
        } catch (IOException e) {
            throw new ServerException("cannot keep the locales " + names, e);
        }
    }

    private static void compile(String name, Path folder) {
        int dot = name.indexOf('.');
        try {
            Commands.run(
                    List.of(
                            "localedef",
                            "--no-archive",
                            "-i",
                            name.substring(0, dot),
                            "-f",
                            name.substring(dot + 1),
                            folder.resolve(name).toString()));
        } catch (ServerException e) {
            throw new ServerException(
                    "the locale "
                            + name
                            + " cannot be compiled: install the C library's sources of locales"
                            + " (the package locales of Debian, glibc-locale-source of Fedora)",
                    e);
        }
    }
}
