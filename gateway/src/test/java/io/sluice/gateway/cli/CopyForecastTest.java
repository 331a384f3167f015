package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.TableId;
import io.sluice.connectors.spi.Engine;
import io.sluice.connectors.spi.TableDefinition;
import io.sluice.connectors.spi.TableDefinition.RowIdentity;
import io.sluice.gateway.snapshot.BuildMonitor;
import io.sluice.gateway.snapshot.CopyMonitor;
import io.sluice.gateway.snapshot.CopySettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyForecastTest {

    private static final long GIBIBYTE = 1L << 30;

    @Test
    void sizeAndTimeAreToldLargestTablesFirst() {
        List<TableDefinition> tables =
                List.of(table("small", 10, 4_096), table("large", 5_000_000, 2 * GIBIBYTE));
        assertThat(CopyForecast.of("east", tables, settings(0)).problem())
                .isEqualTo(
                        "The copy: 2 tables, about 5,000,010 rows, 2.0 GiB. At 20.0 MiB/s (assumed,"
                                + " not measured: the first lines of run tell the real rate) the rows"
                                + " take about 1 min 42 s, indexes not counted. Largest: s.large 2.0"
                                + " GiB, s.small 4.0 KiB.");
    }

    @Test
    void theLimitOfTheConfigurationAndTablesWithoutStatisticsAreNamed() {
        List<TableDefinition> tables = List.of(table("new", -1, -1), table("t", 1, GIBIBYTE));
        assertThat(CopyForecast.of("east", tables, settings(1 << 20)).problem())
                .contains("1.0 GiB (1 without statistics)")
                .contains("At 1.0 MiB/s (copy.maxBytesPerSecond)")
                .contains("17 min 4 s");
    }

    @Test
    void theLineOfACopyHasItsFigures() {
        assertThat(
                        ProgressLog.copyLine(
                                new CopyMonitor.Progress(
                                        1,
                                        3,
                                        7,
                                        9,
                                        1_200,
                                        4_000,
                                        3 << 20,
                                        600,
                                        3 << 19,
                                        Duration.ofSeconds(75),
                                        "eu_1 lags 11.0 s behind, more than 10.0 s")))
                .isEqualTo(
                        "copying: 1 of 3 tables, 7 of 9 chunks, 1,200 of about 4,000 rows, 600"
                                + " rows/s, 1.5 MiB/s, 1 min 15 s left; pauses: eu_1 lags 11.0 s"
                                + " behind, more than 10.0 s");
        assertThat(
                        ProgressLog.buildLine(
                                new BuildMonitor.Progress(
                                        5, 2, 3, List.of("index i of s.t"), List.of())))
                .isEqualTo("building: 2 of 5 done, now index i of s.t");
    }

    private static CopySettings settings(long limit) {
        return new CopySettings(4, 1 << 20, limit, null, Duration.ofSeconds(60));
    }

    private static TableDefinition table(String name, long rows, long bytes) {
        return new TableDefinition(
                new TableId("s", name),
                Engine.POSTGRESQL,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                RowIdentity.KEY,
                false,
                rows,
                bytes);
    }
}
