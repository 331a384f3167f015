package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

class ServersTest {
    private static final List<Supplier<AutoCloseable>> SERVERS =
            List.of(() -> Servers.postgres(Durability.REAL), () -> Servers.mysql(Durability.REAL));

    @Test
    void theSharedServerIsOneForAll() {
        assertThat(Servers.sharedPostgres()).isSameAs(Servers.sharedPostgres());
        assertThat(Servers.sharedMySql()).isSameAs(Servers.sharedMySql());
    }

    @Test
    void anUnknownKindOfServersIsRefused() {
        for (Supplier<AutoCloseable> server : SERVERS) {
            assertThatThrownBy(() -> started("pigeons", server))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("embedded or testcontainers");
        }
    }

    @Test
    void testcontainersWithoutAnEngineFailLoudly() {
        assumeFalse(DockerClientFactory.instance().isDockerAvailable());
        for (Supplier<AutoCloseable> server : SERVERS) {
            assertThatThrownBy(() -> started("testcontainers", server))
                    .isInstanceOf(ServerException.class)
                    .hasMessageContaining("no Docker engine answers");
        }
    }

    private static AutoCloseable started(String kind, Supplier<AutoCloseable> server) {
        String before = System.getProperty("sluice.test.servers");
        System.setProperty("sluice.test.servers", kind);
        try {
            return server.get();
        } finally {
            if (before == null) {
                System.clearProperty("sluice.test.servers");
            } else {
                System.setProperty("sluice.test.servers", before);
            }
        }
    }
}
