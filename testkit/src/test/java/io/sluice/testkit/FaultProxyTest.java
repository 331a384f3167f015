package io.sluice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sluice.testkit.FaultProxy.Direction;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private EchoServer server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new EchoServer();
        proxy = FaultProxy.to("127.0.0.1", server.port());
    }

    @AfterEach
    void end() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void bytesPassUnchangedAndInOrder() throws Exception {
        byte[] sent = new byte[5_000_000];
        new Random(1).nextBytes(sent);
        try (Socket client = connect()) {
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(client, sent));
            byte[] received = client.getInputStream().readNBytes(sent.length);
            writing.get();
            assertThat(Arrays.equals(received, sent)).isTrue();
        }
    }

    @Test
    void anEndOfStreamIsPassedOnAndEndsTheConnection() throws IOException {
        try (Socket client = connect()) {
            write(client, "last".getBytes());
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes())).isEqualTo("last");
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> proxy.connections() == 0 && server.connections() == 0);
    }

    @Test
    void redirectLeadsLaterConnectionsToAnotherServer() throws IOException {
        EchoServer other = new EchoServer();
        try (Socket before = connected()) {
            proxy.redirect("127.0.0.1", other.port());
            try (Socket after = connected()) {
                assertThat(other.connections()).isEqualTo(1);
                write(before, "!".getBytes());
                assertThat(before.getInputStream().read()).isEqualTo('!');
            }
        } finally {
            other.close();
        }
    }

    @Test
    void cutEndsBothSidesInOrder() throws IOException {
        try (Socket client = connected()) {
            proxy.cut();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            await().atMost(Duration.ofSeconds(60)).until(() -> server.connections() == 0);
            assertThat(proxy.connections()).isZero();
        }
        connected().close();
    }

    @Test
    void resetBreaksBothSides() throws IOException {
        try (Socket client = connected()) {
            proxy.reset();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            await().atMost(Duration.ofSeconds(60)).until(() -> server.connections() == 0);
        }
        connected().close();
    }

    @Test
    void stallHoldsBytesBackWithoutLosingThem() throws IOException {
        try (Socket client = connected()) {
            proxy.stall();
            write(client, "held".getBytes());
            assertThatNothingComes(client);
            assertThat(proxy.connections()).isOne();
            proxy.resume();
            assertThat(new String(client.getInputStream().readNBytes(4))).isEqualTo("held");
        }
    }

    @Test
    void stallOfOneDirectionLetsTheOtherPass() throws IOException {
        try (Socket client = connected()) {
            proxy.stall(Direction.TO_CLIENT);
            write(client, "a".getBytes());
            assertThatNothingComes(client);
            proxy.stall(Direction.TO_SERVER);
            write(client, "b".getBytes());
            assertThatNothingComes(client);
            proxy.heal();
            assertThat(new String(client.getInputStream().readNBytes(2))).isEqualTo("ab");
        }
    }

    @Test
    void aStallPushesBackOnTheSender() throws IOException {
        try (Socket client = connected()) {
            proxy.stall(Direction.TO_SERVER);
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(() -> write(client, new byte[64_000_000]));
            await().during(Duration.ofMillis(500)).until(() -> !writing.isDone());
            proxy.reset();
            await().atMost(Duration.ofSeconds(60)).until(writing::isCompletedExceptionally);
        }
    }

    @Test
    void delayIsLatencyAndNotABrake() throws IOException {
        try (Socket client = connected()) {
            proxy.delay(Direction.TO_SERVER, Duration.ofMillis(200));
            proxy.delay(Direction.TO_CLIENT, Duration.ofMillis(100));
            long begin = System.nanoTime();
            for (int message = 0; message < 100; message++) {
                write(client, new byte[1000]);
            }
            client.getInputStream().readNBytes(100_000);
            assertThat(millisSince(begin)).isBetween(300L, 2_000L);
        }
    }

    @Test
    void limitBoundsTheRate() throws IOException {
        try (Socket client = connected()) {
            proxy.limit(100_000);
            long begin = System.nanoTime();
            write(client, new byte[100_000]);
            client.getInputStream().readNBytes(100_000);
            assertThat(millisSince(begin)).isBetween(900L, 3_000L);
            proxy.heal();
            begin = System.nanoTime();
            write(client, new byte[100_000]);
            client.getInputStream().readNBytes(100_000);
            assertThat(millisSince(begin)).isLessThan(900);
        }
    }

    @Test
    void halfOpenLeavesTheClientAloneUntilHealed() throws IOException {
        try (Socket client = connected()) {
            proxy.halfOpen();
            await().atMost(Duration.ofSeconds(60)).until(() -> server.connections() == 0);
            assertThat(proxy.connections()).isZero();
            write(client, "nobody hears".getBytes());
            assertThatNothingComes(client);
            write(client, "still nobody".getBytes());
            assertThatNothingComes(client);
            connected().close();
            proxy.heal();
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void refuseTurnsNewConnectionsAwayAndKeepsPresentOnes() throws IOException {
        try (Socket client = connected()) {
            proxy.refuse();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            write(client, "x".getBytes());
            assertThat(client.getInputStream().read()).isEqualTo('x');
            proxy.accept();
            connected().close();
        }
    }

    @Test
    void aServerThatIsDownBreaksTheClientsConnection() throws IOException {
        // A port of the server's own might be somebody else's by now.
        try (FaultProxy toNobody = FaultProxy.to("127.0.0.1", FreePort.find());
                Socket client = new Socket("127.0.0.1", toNobody.port())) {
            assertThatThrownBy(
                            () -> {
                                if (client.getInputStream().read() < 0) {
                                    throw new SocketException("ended");
                                }
                            })
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aDatabaseSessionBehindItFeelsAStallAndSurvivesIt() throws Exception {
        PostgresServer postgres = Servers.sharedPostgres();
        try (FaultProxy faulty = FaultProxy.to(postgres);
                Connection connection =
                        DriverManager.getConnection(
                                faulty.postgresUrl("postgres"),
                                postgres.superuser(),
                                postgres.password());
                Statement statement = connection.createStatement()) {
            faulty.stall();
            CompletableFuture<Boolean> query =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try (ResultSet result = statement.executeQuery("SELECT 1")) {
                                    return result.next();
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            await().during(Duration.ofMillis(300)).until(() -> !query.isDone());
            faulty.resume();
            assertThat(query.get(60, TimeUnit.SECONDS)).isTrue();
            faulty.reset();
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", proxy.port());
    }

    /** A connection that is known to reach the server. */
    private Socket connected() throws IOException {
        Socket client = connect();
        write(client, "!".getBytes());
        assertThat(client.getInputStream().read()).isEqualTo('!');
        return client;
    }

    private static void write(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertThatNothingComes(Socket client) throws IOException {
        client.setSoTimeout(300);
        assertThatThrownBy(() -> client.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
        client.setSoTimeout(0);
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
