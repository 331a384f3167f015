package io.sluice.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Virtual threads that wait for a class, each on a carrier that it keeps, leave some for others.
 */
class CarriersTest {

    private static final int WAITING = 20;

    @Test
    void whoWaitsForAClassDoesNotKeepOthersFromRunning() throws Exception {
        Process program =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:ActiveProcessorCount=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Program.class.getName())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            assertThat(program.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    /** On one processor, in a process of its own. */
    static final class Program {

        static final CountDownLatch REACHED = new CountDownLatch(1);
        static final CountDownLatch RELEASED = new CountDownLatch(1);

        private Program() {}

        public static void main(String[] args) throws InterruptedException {
            Main.prepare();
            Thread[] waiting = new Thread[WAITING];
            for (int i = 0; i < WAITING; i++) {
                waiting[i] = Thread.ofVirtual().start(Slow::touch);
            }
            REACHED.await();
            Thread.ofVirtual().start(RELEASED::countDown);
            boolean all = true;
            for (Thread thread : waiting) {
                all &= thread.join(Duration.ofSeconds(60));
            }
            Runtime.getRuntime().halt(all ? 0 : 1);
        }
    }

    /** A class whose initialising takes until another virtual thread has run. */
    private static final class Slow {

        static {
            Program.REACHED.countDown();
            try {
                Program.RELEASED.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private Slow() {}

        static void touch() {}
    }
}
