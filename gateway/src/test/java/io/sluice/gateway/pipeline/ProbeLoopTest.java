package io.sluice.gateway.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.change.Lsn;
import io.sluice.change.SourcePosition;
import io.sluice.connectors.spi.SourceProbe;
import io.sluice.gateway.rpo.ClockOffset;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a look at the source says of the log's gaps; each look by the test itself. */
class ProbeLoopTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final FakeProbe source = new FakeProbe();
    private final ProbeLoop loop =
            new ProbeLoop(
                    "p",
                    source,
                    Duration.ofSeconds(1),
                    () -> NOON,
                    new ClockOffset(),
                    new ProbeLoop.Reader() {
                        @Override
                        public boolean reads() {
                            return true;
                        }

                        @Override
                        public @Nullable SourcePosition holds() {
                            return null;
                        }
                    });

    private static final class FakeProbe implements SourceProbe {

        private String log = "first";
        private long end = 1;
        private Runnable meanwhile = () -> {};

        @Override
        public Reading read() {
            Reading reading = new Reading(NOON, new Lsn(end++), -1, log);
            meanwhile.run();
            return reading;
        }

        @Override
        public void heartbeat() {}

        @Override
        public void close() {}
    }

    @Test
    void aGapStaysUntilAnotherLogIsBegun() {
        loop.readAnew();
        loop.measure();
        assertThat(loop.state().gap()).isNull();
        source.log = "second";
        loop.measure();
        String from = Objects.requireNonNull(loop.state().gap()).from();
        assertThat(from).isEqualTo(new Lsn(1).text());
        loop.readAnew();
        loop.measure();
        assertThat(loop.state().gap()).as("what lies in it is still missing").isNotNull();

        loop.logBegun();
        assertThat(loop.state().gap()).isNull();
        loop.readAnew();
        loop.measure();
        loop.measure();
        assertThat(loop.state().gap()).isNull();
        assertThat(loop.state().heartbeats()).isEqualTo(5);
        source.log = "third";
        loop.measure();
        assertThat(Objects.requireNonNull(loop.state().gap()).from()).isEqualTo(new Lsn(5).text());
    }

    @Test
    void aLookThatWasUnderWayWhenAnotherLogWasBegunSaysNothingOfIt() {
        loop.readAnew();
        loop.measure();
        source.log = "second";
        source.meanwhile = loop::logBegun;
        loop.measure();
        assertThat(loop.state().gap()).isNull();
        source.meanwhile = () -> {};
        source.log = "third";
        loop.measure();
        loop.measure();
        assertThat(loop.state().gap()).isNull();
        assertThat(loop.state().position()).isEqualTo(new Lsn(4));
    }
}
