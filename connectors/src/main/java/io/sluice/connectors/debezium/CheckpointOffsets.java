package io.sluice.connectors.debezium;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What Debezium takes for its stored offsets: always and only the acknowledged position.
 * Instantiated by name.
 */
public final class CheckpointOffsets implements OffsetBackingStore {

    private @Nullable EngineSession session;

    @Override
    public void configure(WorkerConfig config) {
        session =
                EngineSession.of(
                        Objects.requireNonNull(config.originalsStrings().get(EngineSession.KEY)),
                        EngineSession.class);
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Map<ByteBuffer, ByteBuffer> offsets = new HashMap<>();
        if (session != null) {
            byte[] offset = session.offset().getBytes(StandardCharsets.UTF_8);
            keys.forEach(key -> offsets.put(key, ByteBuffer.wrap(offset)));
        }
        return CompletableFuture.completedFuture(offsets);
    }

    /** Nothing is stored: what is durable is in the target, and is told by its checkpoint alone. */
    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> offsets, Callback<Void> callback) {
        callback.onCompletion(null, null);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
