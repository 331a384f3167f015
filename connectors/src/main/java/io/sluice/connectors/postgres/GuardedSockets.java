package io.sluice.connectors.postgres;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;

/**
 * Sockets whose time-out bounds writing as it bounds reading.
 *
 * <p>A peer that has stopped takes what fits into the buffers and then nothing, and Java has no
 * time-out for a write. Here a write goes in small parts; where one makes no progress for as long
 * as a read may wait, the socket is closed, and the writer gets an error. The driver makes this
 * factory by its name.
 */
public final class GuardedSockets extends SocketFactory {

    private static final int PART_BYTES = 64 * 1024;

    private static final Set<Guarded> OPEN = ConcurrentHashMap.newKeySet();

    private static final ScheduledExecutorService CLOCK =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("socket-guard").factory());

    static {
        CLOCK.scheduleWithFixedDelay(
                () -> OPEN.forEach(Guarded::closeIfStalled), 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public Socket createSocket() {
        return new Guarded();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw connectsLater();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        throw connectsLater();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw connectsLater();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        throw connectsLater();
    }

    private static IOException connectsLater() {
        return new IOException("the driver connects its sockets itself, for its time-out");
    }

    private static final class Guarded extends Socket {

        /** When the part that is being written was begun; 0 while none is. */
        private volatile long writingSince;

        @Override
        public OutputStream getOutputStream() throws IOException {
            OPEN.add(this);
            return new Parts(super.getOutputStream());
        }

        @Override
        public void close() throws IOException {
            OPEN.remove(this);
            super.close();
        }

        void closeIfStalled() {
            long since = writingSince;
            try {
                long limit = TimeUnit.MILLISECONDS.toNanos(getSoTimeout());
                if (since != 0 && limit != 0 && System.nanoTime() - since > limit) {
                    close();
                }
            } catch (SocketException e) {
                OPEN.remove(this);
            } catch (IOException e) {
                // It is of no use any more either way.
            }
        }

        private final class Parts extends FilterOutputStream {

            Parts(OutputStream out) {
                super(out);
            }

            @Override
            public void write(int oneByte) throws IOException {
                write(new byte[] {(byte) oneByte}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                try {
                    for (int done = 0; done < length; done += PART_BYTES) {
                        writingSince = System.nanoTime() | 1;
                        out.write(bytes, offset + done, Math.min(PART_BYTES, length - done));
                    }
                } finally {
                    writingSince = 0;
                }
            }
        }
    }
}
