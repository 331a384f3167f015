package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;

class ServersTest {
    @Test
    void theSharedServerIsOneForAll() {
        assertThat(Servers.sharedPostgres()).isSameAs(Servers.sharedPostgres());
    }

    @Test
    void anUnknownKindOfServersIsRefused() {
        assertThatThrownBy(() -> started("pigeons"))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("embedded or testcontainers");
    }

    @Test
    void testcontainersWithoutAnEngineFailLoudly() {
        assumeFalse(DockerClientFactory.instance().isDockerAvailable());
        assertThatThrownBy(() -> started("testcontainers"))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("no Docker engine answers");
    }

    private static PostgresServer started(String kind) {
        String before = System.getProperty("sluice.test.servers");
        System.setProperty("sluice.test.servers", kind);
        try {
            return Servers.postgres(Durability.REAL);
        } finally {
            if (before == null) {
                System.clearProperty("sluice.test.servers");
            } else {
                System.setProperty("sluice.test.servers", before);
            }
        }
    }
}
