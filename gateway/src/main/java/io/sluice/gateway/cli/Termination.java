package io.sluice.gateway.cli;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes SIGTERM and Ctrl-C drain a gateway and end the process with 0, as a stop that was asked for
 * is no error. Closing it before takes it back.
 */
final class Termination implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Termination.class);

    private final AutoCloseable toClose;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final Thread hook = new Thread(this::terminate, "termination");

    Termination(AutoCloseable toClose) {
        this.toClose = toClose;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Waits until the process is asked to end; the process ends while this waits. */
    void await() throws InterruptedException {
        asked.await();
    }

    private void terminate() {
        LOG.info("Stopping: draining what has been read.");
        int code = ExitCode.OK;
        try {
            toClose.close();
        } catch (Exception e) {
            LOG.error("Stopping failed", e);
            code = ExitCode.FAILED;
        }
        LOG.info("Stopped.");
        Runtime.getRuntime().halt(code);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and this very hook ends it.
        }
    }
}
