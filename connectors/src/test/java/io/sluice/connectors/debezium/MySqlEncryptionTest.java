package io.sluice.connectors.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connection that reads the log, by itself: it asks for encryption and verifies it as the
 * driver's connections do. The server has the certificates that it made for itself.
 */
class MySqlEncryptionTest {

    private static final long TIMEOUT = TimeUnit.SECONDS.toMillis(20);

    private final MySqlFixture db = MySqlFixture.shared(true);

    @TempDir private Path folder;

    @BeforeEach
    void makeTable() {
        db.run("CREATE TABLE t (id int PRIMARY KEY)");
        db.publish("t");
    }

    @AfterEach
    void close() throws Exception {
        db.close();
    }

    @Test
    void itIsEncryptedWhereTheDriverIs() throws Exception {
        assertThat(cipher(Map.of("sslMode", "DISABLED"))).isEmpty();
        assertThat(cipher(Map.of())).isNotEmpty();
        assertThat(cipher(Map.of("sslMode", "REQUIRED"))).isNotEmpty();
        assertThat(cipher(Map.of("useSSL", "false"))).isEmpty();
        assertThat(cipher(verified("VERIFY_CA"))).isNotEmpty();
    }

    @Test
    void anAuthorityThatIsNotTrustedIsRefused() {
        // Without a store of its own, the JVM's, which does not know the server's.
        assertThatThrownBy(() -> cipher(Map.of("sslMode", "VERIFY_CA")))
                .hasRootCauseInstanceOf(java.security.GeneralSecurityException.class);
        assertThatThrownBy(
                        () -> cipher(Map.of("useSSL", "true", "verifyServerCertificate", "true")))
                .hasRootCauseInstanceOf(java.security.GeneralSecurityException.class);
    }

    @Test
    void aCertificateThatDoesNotNameTheServerIsRefused() {
        assertThatThrownBy(() -> cipher(verified("VERIFY_IDENTITY")))
                .hasRootCauseInstanceOf(CertificateException.class)
                .hasMessageContaining(db.server.host());
    }

    /** Of the connection that asks for the log; empty where it is not encrypted. */
    private String cipher(Map<String, String> driver) throws Exception {
        MySqlCaptureSettings settings = settings(driver);
        MySqlCaptureSession session = new MySqlCaptureSession(settings, db.now());
        BinlogClient client = new BinlogClient(session);
        client.setServerId(settings.serverId());
        client.setGtidSet("");
        client.setThreadFactory(Thread.ofPlatform().daemon().factory());
        client.setConnectTimeout(TIMEOUT);
        try {
            client.connect(TIMEOUT);
            return db.ask(
                    ("SELECT s.variable_value FROM performance_schema.status_by_thread s"
                                    + " JOIN performance_schema.threads t USING (thread_id)"
                                    + " WHERE t.processlist_id = %d AND s.variable_name = 'Ssl_cipher'")
                            .formatted(client.getConnectionId()));
        } finally {
            client.disconnect();
            session.end();
        }
    }

    private Map<String, String> verified(String mode) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        String authority =
                db.ask("SELECT CONVERT(LOAD_FILE(CONCAT(@@datadir, @@ssl_ca)) USING utf8mb4)");
        try (InputStream in =
                new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII))) {
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        Path file = folder.resolve("authority.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        return Map.of(
                "sslMode",
                mode,
                "trustCertificateKeyStoreUrl",
                file.toUri().toString(),
                "trustCertificateKeyStoreType",
                "PKCS12",
                "trustCertificateKeyStorePassword",
                "changeit");
    }

    private MySqlCaptureSettings settings(Map<String, String> driver) {
        MySqlCaptureSettings plain = db.settings();
        Map<String, String> properties = new HashMap<>(driver);
        properties.put("allowPublicKeyRetrieval", "true");
        return new MySqlCaptureSettings(
                plain.host(),
                plain.port(),
                plain.username(),
                plain.password(),
                properties,
                plain.pipeline(),
                plain.serverId(),
                plain.tables(),
                plain.origin(),
                plain.catalog(),
                plain.errors(),
                plain.history(),
                plain.limits());
    }
}
