package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Durability;
import io.sluice.testkit.PostgresBinaries;
import io.sluice.testkit.PostgresServer;
import io.sluice.testkit.ServerException;
import io.sluice.testkit.Servers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Databases that print and read {@code money} in different ways. */
class MoneyTest {

    /** Amounts as each database reads them, and not how it prints them. */
    private static final String AMOUNTS =
            """
            SELECT string_agg(concat_ws(' ', id, price::numeric, fee::numeric, many::numeric[]), ', '
              ORDER BY id) FROM sale
            """;

    private static @Nullable PostgresServer server;

    private @Nullable TwoSites sites;

    @BeforeAll
    static void start() {
        PostgresBinaries binaries = null;
        try {
            binaries =
                    PostgresBinaries.embedded().withLocales(List.of("de_DE.UTF-8", "ja_JP.UTF-8"));
        } catch (ServerException e) {
            abort(e.getMessage());
        }
        server = Servers.postgres(binaries, Durability.FAST, Map.of());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @AfterEach
    void close() {
        if (sites != null) {
            sites.close();
        }
    }

    private TwoSites between(String source, String target) {
        TwoSites made = TwoSites.between(server, server);
        sites = made;
        made.onSource(
                "ALTER DATABASE %s SET lc_monetary = '%s'".formatted(made.sourceDatabase, source));
        made.onTarget(
                "ALTER DATABASE %s SET lc_monetary = '%s'".formatted(made.targetDatabase, target));
        made.onSource(
                "CREATE DOMAIN cost AS money",
                "CREATE TABLE sale (id int, price money, fee cost, many money[])",
                "ALTER TABLE sale REPLICA IDENTITY FULL",
                "INSERT INTO sale SELECT i, (i * 1000)::money, (-i)::money,"
                        + " ARRAY[i::money, NULL] FROM generate_series(1, 3) i");
        return made;
    }

    @ParameterizedTest
    @CsvSource({"de_DE.UTF-8, C", "C, de_DE.UTF-8", "ja_JP.UTF-8, ja_JP.UTF-8"})
    void amountsArriveByCopyAndByTheLog(String source, String target) throws Exception {
        TwoSites sites = between(source, target);
        assertThat(sites.querySource("SHOW lc_monetary")).isEqualTo(source);
        assertThat(sites.queryTarget("SHOW lc_monetary")).isEqualTo(target);
        try (Gateway gateway = new Gateway(sites.config())) {
            sites.awaitOnTarget(AMOUNTS, sites.querySource(AMOUNTS));
            sites.onSource(
                    "INSERT INTO sale VALUES (4, 7::money, 123456::money, '{}')",
                    "UPDATE sale SET price = price + 5::money WHERE id = 2",
                    "DELETE FROM sale WHERE id = 1");
            sites.awaitOnTarget(AMOUNTS, sites.querySource(AMOUNTS));
            assertThat(sites.queryTarget("SELECT price::numeric FROM sale WHERE id = 2"))
                    .startsWith("2005");
        }
    }

    @Test
    void anAmountThatWouldBeAnotherIsRefused() throws Exception {
        TwoSites sites = between("ja_JP.UTF-8", "C");
        try (Gateway gateway = new Gateway(sites.config())) {
            assertThat(Watching.awaitFailed(gateway).message())
                    .contains("public.sale.price", "0 digits after the point, the target with 2")
                    .contains("public.sale.fee", "public.sale.many");
        }
    }
}
