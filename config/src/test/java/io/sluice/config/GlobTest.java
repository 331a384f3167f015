package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "public.orders, public, orders, true",
                "public.orders, public, Orders, false",
                "public.orders, public, orders2, false",
                "public.order_*, public, order_, true",
                "public.order_*, public, order_lines, true",
                "public.order_*, public, order, false",
                "public.*_*_x, public, a_b_c_x, true",
                "public.*_*_x, public, a_x, false",
                "*.*, any, thing, true",
                "p?blic.?, public, a, true",
                "p?blic.?, public, ab, false",
                "p?blic.?, public, '', false",
                "public.?, public, 😀, true",
                "'\"my.schema\".*', my.schema, t, true",
                "'\"my.schema\".*', my, schema, false",
                "'public.\"a*\"', public, a*, true",
                "'public.\"a*\"', public, ab, false",
                "'public.\"say \"\"hi\"\"\"', public, 'say \"hi\"', true",
                "public.a[b, public, a[b, true",
            })
    void matchesWholeNames(String pattern, String schema, String table, boolean expected) {
        assertThat(Glob.parse(pattern).matches(schema, table)).isEqualTo(expected);
        assertThat(Glob.parse(pattern)).hasToString(pattern);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "orders, must be a pattern `schema.table`",
                "a.b.c, must be a pattern `schema.table`",
                "'', a name must not be empty",
                "a., a name must not be empty",
                ".b, a name must not be empty",
                "'\"\".b', a name must not be empty",
                "'\"a.b', a quote is not closed",
                "'a\"b\".c', quotes must go around a whole name",
                "'\"a\"b.c', quotes must go around a whole name",
                "'a b.c', a name with blanks needs double quotes",
            })
    void saysWhatIsWrongWithAPattern(String pattern, String message) {
        assertThatThrownBy(() -> Glob.parse(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void patternsAreBounded() {
        assertThatThrownBy(() -> Glob.parse("a." + "b".repeat(600)))
                .hasMessage("must not be longer than 257");
        String quotes = '"' + "\"\"".repeat(63) + '"';
        assertThat(Glob.parse(quotes + "." + quotes).matches("\"".repeat(63), "\"".repeat(63)))
                .isTrue();
    }

    @Test
    void manyStarsTakeNoTime() {
        Glob glob = Glob.parse("a." + "*a".repeat(100) + "b");
        assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(glob.matches("a", "a".repeat(250))).isFalse());
    }

    @ParameterizedTest
    @CsvSource({
        "a.b, a.b, true",
        "a.b, a.c, false",
        "a.*, *.b, true",
        "a.x*, a.*y, true",
        "a.x*, a.y*, false",
        "a.x?, a.?y, true",
        "a.??, a.?, false",
        "a.*x*, a.*y*, true",
        "a.?*, a.?, true",
    })
    void knowsWhetherTwoPatternsShareAName(String one, String other, boolean expected) {
        assertThat(Glob.parse(one).overlaps(Glob.parse(other))).isEqualTo(expected);
        assertThat(Glob.parse(other).overlaps(Glob.parse(one))).isEqualTo(expected);
    }

    @Test
    void aPatternMatchesExactlyTheNamesThatItOverlaps() {
        Random random = new Random(20_261);
        int matching = 0;
        for (int round = 0; round < 20_000; round++) {
            NamePattern pattern = new NamePattern(text(random, "ab😀*?", 7), false);
            String name = text(random, "ab😀", 9);
            boolean matches = pattern.matches(name);
            assertThat(pattern.overlaps(new NamePattern(name, true)))
                    .as("%s and %s", pattern, name)
                    .isEqualTo(matches);
            matching += matches ? 1 : 0;
        }
        assertThat(matching).isGreaterThan(1_000);
    }

    private static String text(Random random, String alphabet, int most) {
        int[] letters = alphabet.codePoints().toArray();
        return random.ints(random.nextInt(1, most + 1), 0, letters.length)
                .map(i -> letters[i])
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void excludesGoBeforeIncludes() {
        TableFilter filter =
                new TableFilter(
                        List.of(Glob.parse("public.*"), Glob.parse("shop.orders")),
                        List.of(Glob.parse("*.tmp_*")));

        assertThat(filter.matches("public", "a")).isTrue();
        assertThat(filter.matches("shop", "orders")).isTrue();
        assertThat(filter.matches("shop", "other")).isFalse();
        assertThat(filter.matches("public", "tmp_a")).isFalse();
    }

    @Test
    void aTablesOwnNewNameGoesBeforeItsSchemas() {
        Renames renames =
                Texts.read(
                                Texts.DATABASES
                                        + Texts.REPLICATION
                                        + "    rename: {public: shop, public.orders: archive.old}\n")
                        .replications()
                        .get("orders")
                        .rename();

        assertThat(renames.rename(new TableName("public", "orders")))
                .isEqualTo(new TableName("archive", "old"));
        assertThat(renames.rename(new TableName("public", "Orders")))
                .isEqualTo(new TableName("shop", "Orders"));
        assertThat(renames.rename(new TableName("other", "orders")))
                .isEqualTo(new TableName("other", "orders"));
        assertThat(new TableName("a.b", "c*")).hasToString("\"a.b\".\"c*\"");
    }
}
