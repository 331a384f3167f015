package io.sluice.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports.Binding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A MySQL in a container. Loaded only where the switch asks for it: Testcontainers is an optional
 * dependency. Not by Testcontainers' own class for MySQL, which gives the server settings that no
 * server has by itself: packets of a megabyte, four open tables.
 *
 * <p>Its port is bound by number, since an engine would choose another one at each start.
 */
final class ContainerMySql implements MySqlServer {
    private static final String SUPERUSER = "root";
    private static final int INNER_PORT = 3306;
    private static final int ORDERLY_SECONDS = 30;
    private static final Duration START = Duration.ofSeconds(120);

    private final GenericContainer<?> container;
    private final Path log;
    private final String password;
    private final int port;
    private boolean closed;

    private ContainerMySql(GenericContainer<?> container, Path log, String password, int port) {
        this.container = container;
        this.log = log;
        this.password = password;
        this.port = port;
    }

    /**
     * Makes a new server and starts it.
     *
     * @param image such as {@code mysql:9} or {@code mysql:8.0}
     */
    @SuppressWarnings("resource") // the server that is returned owns the container
    static ContainerMySql create(
            String image, Durability durability, Map<String, String> settings) {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new ServerException(
                    "sluice.test.servers is testcontainers, and no Docker engine answers: start one,"
                            + " or choose embedded");
        }
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        int port = FreePort.find();
        GenericContainer<?> container =
                new GenericContainer<>(DockerImageName.parse(image))
                        .withEnv("MYSQL_ROOT_PASSWORD", password)
                        .withEnv("MYSQL_INITDB_SKIP_TZINFO", "yes")
                        .withCommand(command(port, durability, settings))
                        .withCreateContainerCmdModifier(
                                create ->
                                        create.withHostConfig(bound(create.getHostConfig(), port)))
                        .waitingFor(
                                // The image's own preparation listens on no port.
                                Wait.forLogMessage(".*ready for connections.*port: 3306\\s.*", 1)
                                        .withStartupTimeout(START));
        try {
            Path log = Files.createTempFile("sluice-mysql-", ".log");
            container.start();
            ContainerMySql server = new ContainerMySql(container, log, password, port);
            server.awaitConnections();
            return server;
        } catch (IOException e) {
            throw new ServerException("cannot make a file for the server's log", e);
        } catch (RuntimeException e) {
            container.stop();
            throw e;
        }
    }

    private static HostConfig bound(HostConfig config, int port) {
        return (config == null ? HostConfig.newHostConfig() : config)
                .withPortBindings(
                        new PortBinding(
                                Binding.bindIpAndPort("127.0.0.1", port),
                                ExposedPort.tcp(INNER_PORT)));
    }

    private static String[] command(int port, Durability durability, Map<String, String> own) {
        Map<String, String> settings = new TreeMap<>(MySqlFolder.SETTINGS);
        settings.putAll(durability.mySqlSettings());
        settings.put("server_id", Integer.toString(port));
        settings.putAll(own);
        List<String> command = new ArrayList<>(List.of("mysqld"));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        return command.toArray(String[]::new);
    }

    private void awaitConnections() {
        Waiting.until(START, "connections to the container on port " + port, this::answers);
    }

    private boolean answers() {
        try (Connection connection = connect(MySqlSql.ADMIN)) {
            return connection.isValid(1);
        } catch (ServerException | SQLException e) {
            return false;
        }
    }

    private DockerClient docker() {
        return container.getDockerClient();
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String superuser() {
        return SUPERUSER;
    }

    @Override
    public String password() {
        return password;
    }

    @Override
    public void start() {
        docker().startContainerCmd(container.getContainerId()).exec();
        awaitConnections();
    }

    @Override
    public void stop() {
        docker().stopContainerCmd(container.getContainerId()).withTimeout(ORDERLY_SECONDS).exec();
    }

    @Override
    public void kill() {
        docker().killContainerCmd(container.getContainerId()).exec();
        Waiting.until(START, "the container on port " + port + " to end", () -> !isRunning());
    }

    @Override
    public void pause() {
        docker().pauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void resume() {
        docker().unpauseContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public boolean isRunning() {
        return !closed
                && Boolean.TRUE.equals(
                        docker().inspectContainerCmd(container.getContainerId())
                                .exec()
                                .getState()
                                .getRunning());
    }

    @Override
    public Path log() {
        try {
            return Files.writeString(log, container.getLogs());
        } catch (IOException e) {
            throw new ServerException("cannot write the server's log to " + log, e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            container.stop();
            Folders.delete(log);
        }
    }

    @Override
    public String toString() {
        return container.getDockerImageName() + " on port " + port;
    }
}
