package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest {

    private static final String EMPTY =
            "s.yaml: the file is empty; it needs `databases` and `replications`";

    @TempDir Path folder;

    @Test
    void allProblemsAreToldAtOnceInTheOrderOfTheirLines() {
        assertThat(
                        Texts.problems(
                                """
                                gatewy: {}
                                databases:
                                  east: {url: "jdbc:oracle:thin", username: a, pasword: hush}
                                replications:
                                  orders:
                                    mode: transactionl
                                    source: eest
                                    rpo: {objetive: 5s}
                                    heartbeat: 0s
                                    apply:
                                      maxRows: many
                                """))
                .containsExactly(
                        "s.yaml:1: unknown key `gatewy`, did you mean `gateway`?",
                        "s.yaml:3: databases.east.url: must begin with `jdbc:postgresql:` or `jdbc:mysql:`",
                        "s.yaml:3: missing key `databases.east.password`",
                        "s.yaml:3: unknown key `pasword`, did you mean `password`?",
                        "s.yaml:5: missing key `replications.orders.tables`",
                        "s.yaml:6: replications.orders.mode: unknown mode `transactionl`, did you"
                                + " mean `transactional`?",
                        "s.yaml:7: replications.orders.source: no database is named `eest`, did you"
                                + " mean `east`?",
                        "s.yaml:8: unknown key `objetive`, did you mean `objective`?",
                        "s.yaml:9: replications.orders.heartbeat: must be longer than 0",
                        "s.yaml:11: replications.orders.apply.maxRows: must be a whole number from"
                                + " 1 to 2147483647");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "# only a remark\n", "---\n", "~", "---\n...\n"})
    void anEmptyFileIsOneProblem(String yaml) {
        assertThat(Texts.problems(yaml)).containsExactly(EMPTY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "hello|s.yaml:1: must be a map with `databases`, found text",
                "[a]|s.yaml:1: must be a map with `databases`, found a list",
                "{}|s.yaml:1: missing key `databases`#s.yaml:1: missing key `replications`",
                "databases: []|s.yaml:1: databases: must be a map, found a list"
                        + "#s.yaml:1: missing key `replications`",
                "databases: {}|s.yaml:1: databases: must hold at least one"
                        + "#s.yaml:1: missing key `replications`",
                "databases:|s.yaml:1: missing key `databases`"
                        + "#s.yaml:1: missing key `replications`",
            })
    void aFileOfAnotherShapeIsToldSo(String yaml, String problems) {
        assertThat(Texts.problems(yaml)).containsExactlyInAnyOrder(problems.split("#"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "Mode: full|s.yaml:10: unknown key `Mode`, did you mean `mode`?",
                "max_rows: 1|s.yaml:10: unknown key `max_rows`; known are mode, source, target,"
                        + " tables, exclude, rename, excludeColumns, rpo, copy, apply, buffer, retry,"
                        + " heartbeat, stallTimeout, createTables, onRowError, schedule, load, keep,"
                        + " cursor, interval, overlap, deletes",
                "create-tables: true|s.yaml:10: unknown key `create-tables`, did you mean"
                        + " `createTables`?",
                "rpo:5s: |s.yaml:10: unknown key `rpo:…`; a colon needs a blank after it",
                "mode: log-based|s.yaml:10: duplicate key `mode`, it stands in line 6",
                "schedule: every 6h|s.yaml:10: replications.orders.schedule: is only for full and"
                        + " snapshot",
                "load: merge|s.yaml:10: replications.orders.load: is only for full",
                "keep: 3|s.yaml:10: replications.orders.keep: is only for snapshot",
                "between: [east, west]|s.yaml:10: replications.orders.between: is only for"
                        + " bidirectional and merge",
                "conflict: {}|s.yaml:10: replications.orders.conflict: is only for bidirectional"
                        + " and merge",
                "cursor: id|s.yaml:10: replications.orders.cursor: is only for key-based",
                "deletes: ignore|s.yaml:10: replications.orders.deletes: is only for key-based",
                "exclude: public.x|s.yaml:10: replications.orders.exclude: must be a list, found"
                        + " text",
                "exclude: [[a]]|s.yaml:10: replications.orders.exclude: must be text, found a list",
                "exclude: [~]|s.yaml:10: replications.orders.exclude: must be text, found nothing",
                "exclude: [orders]|s.yaml:10: replications.orders.exclude: must be a pattern"
                        + " `schema.table`, such as `public.order_*`; a name with a dot needs"
                        + " double quotes",
                "rename: [a]|s.yaml:10: replications.orders.rename: must be a map, found a list",
                "rename: {a: b.c}|s.yaml:10: replications.orders.rename: must rename a schema to a"
                        + " schema (`public: shop`) or a table to a table (`public.orders:"
                        + " archive.orders`)",
                "rename: {a.b.c: d}|s.yaml:10: replications.orders.rename: must rename a schema to"
                        + " a schema (`public: shop`) or a table to a table (`public.orders:"
                        + " archive.orders`)",
                "rename: {a.*: b.c}|s.yaml:10: replications.orders.rename: takes names, not"
                        + " patterns with `*` or `?`",
                "rename: {a.b: x.y, a.c: x.y}|s.yaml:10: replications.orders.rename: `a.b` and"
                        + " `a.c` both become `x.y`",
                "excludeColumns: {a: [b]}|s.yaml:10: replications.orders.excludeColumns: must be a"
                        + " pattern `schema.table`, such as `public.order_*`; a name with a dot"
                        + " needs double quotes",
                "excludeColumns: {a.b: c}|s.yaml:10: replications.orders.excludeColumns: must be a"
                        + " list, found text",
                "excludeColumns: {a.b: ['']}|s.yaml:10: replications.orders.excludeColumns: a name"
                        + " must not be empty",
                "rpo: 5s|s.yaml:10: replications.orders.rpo: must be a map, found text",
                "rpo: {objective: 5}|s.yaml:10: replications.orders.rpo.objective: must be a"
                        + " duration such as `5s`, in ms, s, m, h or d",
                "rpo: {objective: -5s}|s.yaml:10: replications.orders.rpo.objective: must be a"
                        + " duration such as `5s`, in ms, s, m, h or d",
                "rpo: {objective: 0ms}|s.yaml:10: replications.orders.rpo.objective: must be longer"
                        + " than 0",
                "rpo: {objective: 366d}|s.yaml:10: replications.orders.rpo.objective: must not be"
                        + " longer than 365d",
                "rpo: {target: 0.999}|s.yaml:10: replications.orders.rpo.target: must be a percentage"
                        + " such as `99.9%`",
                "rpo: {target: 100%}|s.yaml:10: replications.orders.rpo.target: must be more than 0%"
                        + " and less than 100%",
                "apply: {maxBytes: 64MB}|s.yaml:10: replications.orders.apply.maxBytes: must be a"
                        + " size such as `64MiB`, in B, KiB, MiB, GiB or TiB",
                "apply: {maxBytes: 0B}|s.yaml:10: replications.orders.apply.maxBytes: must be more"
                        + " than 0",
                "apply: {maxBytes: 999999999999999TiB}|s.yaml:10: replications.orders.apply"
                        + ".maxBytes: must not be more than 1024TiB",
                "buffer: {maxRows: 0}|s.yaml:10: replications.orders.buffer.maxRows: must be a"
                        + " whole number from 1 to 2147483647",
                "buffer: {maxRows: 1.5}|s.yaml:10: replications.orders.buffer.maxRows: must be a"
                        + " whole number from 1 to 2147483647",
                "buffer: {maxRows: 2147483648}|s.yaml:10: replications.orders.buffer.maxRows: must"
                        + " be a whole number from 1 to 2147483647",
                "retry: {initialDelay: 1m}|s.yaml:10: replications.orders.retry.initialDelay:"
                        + " `initialDelay` must not be longer than `maxDelay`",
                "retry: {maxDelay: 1ms}|s.yaml:10: replications.orders.retry.maxDelay:"
                        + " `initialDelay` must not be longer than `maxDelay`",
                "stallTimeout: 1s|s.yaml:10: replications.orders.stallTimeout: `stallTimeout` must"
                        + " be longer than `heartbeat`",
                "heartbeat: 30s|s.yaml:10: replications.orders.heartbeat: `stallTimeout` must be"
                        + " longer than `heartbeat`",
                "createTables: yes|s.yaml:10: replications.orders.createTables: must be true or"
                        + " false",
                "rpo: &a {objective: *a}|s.yaml:10: YAML aliases are not supported; write the value"
                        + " out, or in quotes if it begins with `*`",
                "rpo: !!map {objective: 5s}|s.yaml:10: YAML tags are not supported; write a value"
                        + " that begins with `!` in quotes",
            })
    void eachProblemOfAReplicationIsToldWithItsLine(String line, String problem) {
        assertThat(Texts.replicationProblems(line)).containsExactly(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "source: east|source: west|8: replications.orders.target: must be another database"
                        + " than `source`",
                "source: east|source: north|7: replications.orders.source: no database is named"
                        + " `north`; known are east, west",
                "source: east|source: {}|7: replications.orders.source: must be text, found a map",
                "target: west|region: west|8: unknown key `region`; known are mode, source, target,"
                        + " tables, exclude, rename, excludeColumns, rpo, copy, apply, buffer, retry,"
                        + " heartbeat, stallTimeout, createTables, onRowError, schedule, load, keep,"
                        + " cursor, interval, overlap, deletes"
                        + "#5: missing key `replications.orders.target`",
                "mode: transactional|mode: merge|5: missing key `replications.orders.between`#7:"
                        + " replications.orders.source: `between` names the sites#8:"
                        + " replications.orders.target: `between` names the sites",
                "mode: transactional|mode: key-based|5: missing key `replications.orders.cursor`",
                "mode: transactional|mode: bidirectional|5: missing key"
                        + " `replications.orders.between`#7: replications.orders.source: `between`"
                        + " names the sites#8: replications.orders.target: `between` names the"
                        + " sites",
                "mode: transactional|mode: [full]|6: replications.orders.mode: must be text, found"
                        + " a list",
                "[\"public.*\"]|[]|9: replications.orders.tables: must hold at least one pattern,"
                        + " such as `public.*`",
                "[\"public.*\"]|public.*|9: replications.orders.tables: must be a list, found text",
                "orders:|a b:|5: replications: `a b` must be 1 to 40 letters, digits, `_` or `-`",
                "east:|ä:|2: databases: `ä` must be 1 to 40 letters, digits, `_` or `-`"
                        + "#7: replications.orders.source: no database is named `east`, did you"
                        + " mean `west`?",
                "password: east-hush|password: ''|2: databases.east.password: must not be empty",
                "password: east-hush|password: [hush]|2: databases.east.password: must be text,"
                        + " found a list",
                "password: east-hush|password:hush|2: unknown key `password:…`; a colon needs a"
                        + " blank after it#2: missing key `databases.east.password`",
                "password: east-hush|password: *hush|2: YAML aliases are not supported; write the"
                        + " value out, or in quotes if it begins with `*`",
                "password: east-hush|password: !hush hush|2: YAML tags are not supported; write a value"
                        + " that begins with `!` in quotes",
                "username: sluice|username: ''|2: databases.east.username: must not be empty",
                "password: east-hush|password: east-hush, region: a/b|2: databases.east.region:"
                        + " must be 1 to 40 letters, digits, `_` or `-`",
                "password: east-hush|password: '${env:NONE}'|2: databases.east.password:"
                        + " `${env:NONE}` is not set",
                "password: east-hush|password: '${env:EMPTY}'|2: databases.east.password:"
                        + " `${env:EMPTY}` is empty",
                "password: east-hush|password: '${file:/no/such}'|2: databases.east.password:"
                        + " `${file:/no/such}` does not exist",
                "password: east-hush|password: '${file:/}'|2: databases.east.password: `${file:/}`"
                        + " cannot be read",
                "password: east-hush|password: 'hush${env:A'|2: databases.east.password: holds a"
                        + " `${` that is not closed",
                "password: east-hush|password: '${hush}'|2: databases.east.password: holds a"
                        + " reference that is neither `${env:NAME}` nor `${file:/absolute/path}`;"
                        + " write `$${` for a plain `${`",
                "password: east-hush|password: '${file:hush}'|2: databases.east.password: holds a"
                        + " reference that is neither `${env:NAME}` nor `${file:/absolute/path}`;"
                        + " write `$${` for a plain `${`",
                "127.0.0.1:5432/shop|${env:NONE}/shop|2: databases.east.url: `${env:NONE}` is not"
                        + " set",
                "127.0.0.1:5433/shop|127.0.0.1:5432/shop?ssl=true|5: replications.orders: `source`"
                        + " and `target` are the same place, and nothing is renamed",
            })
    void eachProblemOfAChangedPlaceIsToldWithItsLine(String place, String change, String problems) {
        String yaml = Texts.DATABASES + Texts.REPLICATION;
        assertThat(yaml).contains(place);
        String changed = yaml.replaceFirst(Pattern.quote(place), Matcher.quoteReplacement(change));

        assertThat(Texts.problems(changed))
                .containsExactlyInAnyOrder(
                        Pattern.compile("#")
                                .splitAsStream(problems)
                                .map(problem -> "s.yaml:" + problem)
                                .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "jdbc:mysql://h:3306|must be `jdbc:mysql://HOST:PORT/DATABASE`, with one host and a database",
                "jdbc:oracle:thin:@h:1521/x|must begin with `jdbc:postgresql:` or `jdbc:mysql:`",
                "postgresql://h/shop|must begin with `jdbc:postgresql:` or `jdbc:mysql:`",
                "jdbc:postgresql:shop|must be `jdbc:postgresql://HOST:PORT/DATABASE`, with one host"
                        + " and a database",
                "jdbc:postgresql://h|must be `jdbc:postgresql://HOST:PORT/DATABASE`, with one host"
                        + " and a database",
                "jdbc:postgresql://h:5432/|must be `jdbc:postgresql://HOST:PORT/DATABASE`, with one"
                        + " host and a database",
                "jdbc:postgresql://h:0/shop|must be `jdbc:postgresql://HOST:PORT/DATABASE`, with"
                        + " one host and a database",
                "jdbc:postgresql://h:99999/shop|must be `jdbc:postgresql://HOST:PORT/DATABASE`,"
                        + " with one host and a database",
                "jdbc:postgresql://a:1,b:2/shop|must be `jdbc:postgresql://HOST:PORT/DATABASE`,"
                        + " with one host and a database",
                "jdbc:postgresql://h/shop?password=hush|holds a user or a password; write them"
                        + " under `username` and `password`",
                "jdbc:postgresql://h/shop?ssl=true&USER=hush|holds a user or a password; write them"
                        + " under `username` and `password`",
                "jdbc:postgresql://u:hush@h/shop|holds a user or a password; write them under"
                        + " `username` and `password`",
                "jdbc:mysql://u:hush@h/shop|holds a user or a password; write them under"
                        + " `username` and `password`",
            })
    void eachProblemOfAUrlIsToldWithoutTheUrl(String url, String problem) {
        String yaml = Texts.DATABASES + Texts.REPLICATION;

        assertThat(Texts.problems(yaml.replace("jdbc:postgresql://127.0.0.1:5432/shop", url)))
                .containsExactly("s.yaml:2: databases.east.url: " + problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "name: ''|gateway.name: must be 1 to 40 letters, digits, `_` or `-`",
                "http: {listen: 8085}|gateway.http.listen: must be a host and a port from 0 to"
                        + " 65535, such as `127.0.0.1:8085` or `[::1]:8085`",
                "http: {listen: 'localhost:70000'}|gateway.http.listen: must be a host and a port"
                        + " from 0 to 65535, such as `127.0.0.1:8085` or `[::1]:8085`",
                "http: {listen: '0.0.0.0:8085'}|gateway.http.listen: an address other than loopback"
                        + " needs a `token` beside it",
                "http: {listen: '[::]:8085'}|gateway.http.listen: an address other than loopback"
                        + " needs a `token` beside it",
                "http: {listen: 'localhost.example:8085'}|gateway.http.listen: an address other"
                        + " than loopback needs a `token` beside it",
                "http: {listen: '0.0.0.0:8085', token: ''}|gateway.http.token: must not be empty",
                "http: {listen: '0.0.0.0:8085', token: '${env:NONE}'}|gateway.http.token:"
                        + " `${env:NONE}` is not set",
                "http: {tokens: {a: {role: admin, token: x}}}|gateway.http.tokens.a.role: must be"
                        + " viewer or operator",
                "http: {tokens: {a: {role: viewer}}}|missing key `gateway.http.tokens.a.token`",
                "http: {tokens: {'a b': {token: x}}}|gateway.http.tokens: `a b` must be 1 to 40"
                        + " letters, digits, `_` or `-`",
                "http: {tokens: {a: {rol: viewer, token: x}}}|unknown key `rol`, did you mean"
                        + " `role`?",
            })
    void eachProblemOfTheGatewayIsToldWithItsLine(String line, String problem) {
        assertThat(
                        Texts.problems(
                                "gateway:\n  " + line + "\n" + Texts.DATABASES + Texts.REPLICATION))
                .containsExactly("s.yaml:2: " + problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "127.8.9.1:80", "localhost:80", "[::1]:80"})
    void loopbackNeedsNoToken(String listen) {
        assertThat(
                        Texts.problems(
                                ("gateway: {http: {listen: '" + listen + "'}}\n")
                                        + Texts.DATABASES
                                        + Texts.REPLICATION))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "password: @hush|found character '@' that cannot start any token",
                "password: 'hush|found unexpected end of stream",
                "password: h: hush|mapping values are not allowed here",
                "password: !hush!hush x|found undefined tag handle",
                "\tpassword: hush|a tab cannot indent",
                "{hush|expected ',' or '}'",
                "password: \"\\hush\"|found unknown escape character;",
                "password: &* hush|unexpected character found",
            })
    void brokenYamlIsToldWithItsLineAndNothingOfItsText(String line, String reason) {
        List<String> problems = Texts.problems("databases:\n  east:\n    " + line + "\n");

        assertThat(problems).hasSize(1);
        assertThat(problems.getFirst())
                .matches("s\\.yaml:[34]: is not valid YAML: .*")
                .contains(reason)
                .doesNotContain("hush");
    }

    @Test
    void controlCharactersAndSecondDocumentsAreProblems() {
        assertThat(Texts.problems("a: 1\nb: \u0000"))
                .containsExactly("s.yaml:2: the character U+0000 is not text");
        assertThat(Texts.problems("a: \uFFFE"))
                .containsExactly("s.yaml:1: the character U+FFFE is not text");
        assertThat(Texts.problems("a: \uD800"))
                .containsExactly("s.yaml:1: the character U+D800 is not text");
        assertThat(Texts.problems("a:\n    b: 1\n   c: 2\n"))
                .containsExactly(
                        "s.yaml:3: is not valid YAML: the indentation does not fit the lines above,"
                                + " or a quote is missing");
        assertThat(Texts.problems(Texts.DATABASES + Texts.REPLICATION + "---\na: 1\n"))
                .containsExactly(
                        "s.yaml:11: a second document begins here; one file is one document");
    }

    @Test
    void anExpandingDocumentIsRefusedAtOnce() {
        String bomb =
                "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
                        + IntStream.range(1, 40)
                                .mapToObj(
                                        i ->
                                                "a%d: &a%d [%s]\n"
                                                        .formatted(
                                                                i,
                                                                i,
                                                                ("*a" + (i - 1) + ", ").repeat(9)))
                                .collect(Collectors.joining());

        List<String> problems =
                assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Texts.problems(bomb));
        assertThat(problems).hasSize(Problems.MOST + 1);
        assertThat(problems.getLast()).matches("s\\.yaml: and \\d+ more problems");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- "})
    void deepNestingIsRefusedAtOnce(String open) {
        List<String> problems =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> Texts.problems(open.repeat(200_000)));
        assertThat(problems)
                .isNotEmpty()
                .first()
                .asString()
                .startsWith("s.yaml:1: is nested more than 20 deep");
    }

    @Test
    void nestingIsBounded() {
        String yaml = "a: " + "[".repeat(20) + "]".repeat(20) + "\n";

        assertThat(Texts.problems(yaml)).contains("s.yaml:1: is nested more than 20 deep");
    }

    @Test
    void largeAndMonotonousTextsTakeNoTime() {
        String keys =
                IntStream.range(0, 60_000)
                        .mapToObj(i -> "k" + i + ": 1\n")
                        .collect(Collectors.joining());
        List<String> problems =
                assertTimeoutPreemptively(Duration.ofSeconds(20), () -> Texts.problems(keys));
        assertThat(problems).hasSize(Problems.MOST + 1);
        assertThat(Texts.problems("x".repeat(ConfigReader.LARGEST_FILE + 1)))
                .containsExactly("s.yaml: is larger than 1MiB; this cannot be a configuration");
    }

    @Test
    void aKeyIsShownOnOneShortLine() {
        assertThat(Texts.replicationProblems("\"a\\nb\\e\": 1").getFirst())
                .startsWith("s.yaml:10: unknown key `a?b?`");
        assertThat(Texts.replicationProblems("x".repeat(100) + ": 1").getFirst())
                .startsWith("s.yaml:10: unknown key `" + "x".repeat(60) + "…`");
    }

    @Test
    void secretFilesAreBoundedTextWithSomethingInThem() throws IOException {
        Path file = folder.resolve("secret");
        String yaml =
                (Texts.DATABASES + Texts.REPLICATION)
                        .replace("east-hush", "'${file:" + file + "}'");
        String start = "s.yaml:2: databases.east.password: `${file:" + file + "}` ";

        Files.writeString(file, "\n");
        assertThat(Texts.problems(yaml)).containsExactly(start + "is empty");
        Files.write(file, new byte[] {(byte) 0xff});
        assertThat(Texts.problems(yaml)).containsExactly(start + "is not UTF-8");
        Files.writeString(file, "h".repeat(64 * 1024 + 1));
        assertThat(Texts.problems(yaml)).containsExactly(start + "is larger than 64KiB");
    }

    @Test
    void eachPairOfSitesIsLookedAt() {
        assertThat(
                        Texts.problems(
                                Texts.DATABASES
                                        + """
                                          again: {url: "jdbc:postgresql://127.0.0.1:5433/shop", username: u, password: p}
                                        replications:
                                          catalog:
                                            mode: merge
                                            between: [east, west, again]
                                            tables: ["public.*"]
                                          back:
                                            mode: transactional
                                            source: again
                                            target: east
                                            tables: ["public.orders"]
                                        """))
                .anyMatch(line -> line.contains("are the same place"))
                .anyMatch(line -> line.contains("`catalog`"));
    }

    @Test
    void twoReplicationsMustNotWriteTheSameTable() {
        assertThat(Texts.problems(second("east", "west", "[\"*.orders\"]", "")))
                .containsExactly(
                        "s.yaml:10: replications.more: replicates tables that `orders` already"
                                + " replicates to `west`");
        assertThat(Texts.problems(second("east", "west", "[\"shop.*\"]", ""))).isEmpty();
        assertThat(Texts.problems(second("east", "west", "[\"*.x\"]", "exclude: [\"public.*\"]")))
                .isEmpty();
        assertThat(Texts.problems(second("east", "west", "[\"public.*\"]", "rename: {public: a}")))
                .isEmpty();
    }

    @Test
    void aTableMustNotGoRoundInACircle() {
        assertThat(Texts.problems(second("west", "east", "[\"public.orders\"]", "")))
                .containsExactly(
                        "s.yaml:10: replications.more: sends tables back that `orders` brings from"
                                + " `east`; both directions need mode `bidirectional`");
        assertThat(Texts.problems(second("west", "east", "[\"shop.orders\"]", ""))).isEmpty();
    }

    private static String second(String source, String target, String tables, String more) {
        return Texts.DATABASES
                + Texts.REPLICATION
                + "  more: {mode: log-based, source: %s, target: %s, tables: %s, %s}%n"
                        .formatted(source, target, tables, more);
    }

    @Test
    void rowsAreParkedOnlyByModesThatReadTheLog() {
        String yaml = Texts.DATABASES + Texts.REPLICATION.replace("transactional", "full");
        assertThat(Texts.problems(yaml + "    onRowError: park\n"))
                .containsExactly(
                        "s.yaml:10: replications.orders.onRowError: can be park only for"
                                + " transactional and log-based");
    }
}
