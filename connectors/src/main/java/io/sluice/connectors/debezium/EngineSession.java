package io.sluice.connectors.debezium;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a source shares with the objects that Debezium makes by class name: they find it by the
 * identifier in their configuration. Thread-safe.
 */
sealed interface EngineSession permits CaptureSession, MySqlCaptureSession {

    /** The key of the identifier in Debezium's configuration. */
    String KEY = "sluice.session";

    /**
     * The number of this session in this JVM, in a form that Debezium takes for the name of
     * everything: topics, MBeans, threads.
     */
    String id();

    /** Done once the server streams. */
    CompletableFuture<Void> streaming();

    /** What Debezium is to take for its stored offset, as JSON. */
    String offset();

    /**
     * Cuts all connections, those to come included, without a word to the server. Threads that wait
     * on them get an exception.
     */
    void cut();

    /** Its run has ended, though the engine lives yet: nobody takes anything any more. */
    default void ending() {}

    /** Nothing finds this session any more. */
    default void end() {
        Registry.OPEN.remove(id());
    }

    static String newId() {
        return "sluice_" + Registry.NUMBERS.incrementAndGet();
    }

    static void open(EngineSession session) {
        Registry.OPEN.put(session.id(), session);
    }

    /**
     * @throws IllegalStateException if there is none of this kind, or it was ended
     */
    static <S extends EngineSession> S of(String id, Class<S> kind) {
        EngineSession session = Registry.OPEN.get(id);
        if (!kind.isInstance(session)) {
            throw new IllegalStateException("no capture session " + id);
        }
        return kind.cast(session);
    }

    /** The sessions of this JVM that are open. */
    final class Registry {

        private static final AtomicLong NUMBERS = new AtomicLong();
        private static final Map<String, EngineSession> OPEN = new ConcurrentHashMap<>();

        private Registry() {}
    }
}
