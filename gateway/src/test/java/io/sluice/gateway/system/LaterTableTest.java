package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.gateway.pipeline.PipelineState;
import io.sluice.testkit.FaultProxy;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table of the source that is created while a pipeline runs whose patterns it matches. */
class LaterTableTest {

    @ParameterizedTest
    @ValueSource(strings = {"transactional", "log-based"})
    void aTableCreatedAfterTheStartIsNamedAndDoesNotHoldUpARetry(String mode) throws Exception {
        try (TwoSites sites =
                        TwoSites.shared()
                                .mode(mode)
                                .tables("[\"public.*\"]")
                                .with("heartbeat: 200ms");
                LogCapture log = new LogCapture()) {
            sites.onSource("CREATE TABLE item (id int PRIMARY KEY)");
            FaultProxy toSource = sites.proxySource();
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource(
                        "CREATE TABLE later (id int PRIMARY KEY)",
                        // One that would stop a start: the log could not name its rows.
                        "CREATE TABLE worse (id int)",
                        "INSERT INTO later VALUES (1)");

                toSource.refuse();
                toSource.reset();
                assertThat(Watching.awaitRetry(gateway).errorClass()).isEqualTo("retry");
                toSource.heal();

                sites.onSource("INSERT INTO item VALUES (1)");
                Watching.awaitState(gateway, PipelineState.STREAMING, Duration.ofSeconds(180));
                sites.awaitOnTarget("SELECT count(*) FROM item", "1");
                assertThat(Watching.status(gateway).failure()).isNull();
                assertThat(log.text())
                        .contains(
                                "Not replicated, for they were created after the start:"
                                        + " [public.later, public.worse].");
                assertThat(sites.queryTarget("SELECT to_regclass('later')")).isNull();
            }
        }
    }
}
