package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.change.Lsn;
import io.sluice.connectors.spi.ConnectorException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LoopProbeTest {

    private static final String SERVER = "6f3a1b52-0000-4000-8000-00000000beef";

    @Test
    void whatIsReadWhileTheProbeIsWrittenWaitsForItsPlace() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<Lsn> answer = new CompletableFuture<>();
        LoopProbe probe =
                new LoopProbe(
                        "p",
                        capture(
                                name -> {
                                    asked.countDown();
                                    return answer.join();
                                }));
        probe.passed(new Lsn(1)); // from before the probe
        CompletableFuture<Void> writing = CompletableFuture.runAsync(probe::write);
        asked.await();
        CompletableFuture<Void> passed = new CompletableFuture<>();
        Thread reader =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        probe.passed(new Lsn(5));
                                        passed.complete(null);
                                    } catch (ConnectorException e) {
                                        passed.completeExceptionally(e);
                                    }
                                });
        while (reader.getState() != Thread.State.WAITING && !passed.isDone()) {
            Thread.onSpinWait();
        }
        assertThat(passed).isNotDone();

        answer.complete(new Lsn(3));
        writing.join();
        assertThatThrownBy(passed::join)
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("did not come out of the log before 0/5");
    }

    @Test
    void whatWaitsGoesOnWhereTheProbeCannotBeWritten() {
        LoopProbe probe =
                new LoopProbe(
                        "p",
                        capture(
                                name -> {
                                    throw new IllegalStateException("refused");
                                }));
        assertThatThrownBy(probe::write).hasMessage("refused");
        assertThatCode(() -> probe.passed(new Lsn(5))).doesNotThrowAnyException();
    }

    @Test
    void aServerIsKnownHoweverItsNameIsWritten() {
        SiteCapture capture = capture(name -> new Lsn(1));
        SiteLog site = new SiteLog("p", capture, new LoopProbe("p", capture));
        site.begin();
        site.server(SERVER.toUpperCase(Locale.ROOT));
        assertThat(site.drops()).isFalse();
        site.server("6f3a1b52-0000-4000-8000-00000000cafe");
        assertThat(site.drops()).isTrue();
    }

    private static SiteCapture capture(SiteCapture.Prober prober) {
        return new SiteCapture(Set.of("in"), Set.of(), Set.of(), Set.of(SERVER), prober);
    }
}
