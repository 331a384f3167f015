package io.sluice.gateway.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.cli.Gateway;
import io.sluice.testkit.Certificates;
import io.sluice.testkit.DatabaseServer;
import io.sluice.testkit.Durability;
import io.sluice.testkit.MySqlServer;
import io.sluice.testkit.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers that take encrypted connections alone, with certificates of an authority that only the
 * configuration trusts.
 */
final class EncryptionTest {

    private static final String ITEM = "CREATE TABLE item (id int PRIMARY KEY, name varchar(20))";

    @TempDir private static Path folder;

    private static DatabaseServer postgres;
    private static DatabaseServer mysql;
    private static Certificates certificates;
    private static Certificates others;

    @BeforeAll
    static void startServers() throws IOException {
        postgres = Servers.postgres(Durability.FAST);
        mysql = Servers.mysql(Durability.FAST);
        certificates =
                Certificates.forHost(
                        Files.createDirectory(folder.resolve("certificates")), "localhost");
        others = Certificates.forHost(Files.createDirectory(folder.resolve("others")), "localhost");
        certificates.require(postgres);
        certificates.require(mysql);
    }

    @AfterAll
    static void closeServers() {
        postgres.close();
        mysql.close();
    }

    @Test
    void fromPostgresToMySqlEveryConnectionIsEncryptedAndVerified() throws Exception {
        copiesAndStreams(postgres, mysql);
    }

    @Test
    void fromMySqlToPostgresEveryConnectionIsEncryptedAndVerified() throws Exception {
        copiesAndStreams(mysql, postgres);
    }

    private static void copiesAndStreams(DatabaseServer source, DatabaseServer target)
            throws Exception {
        try (TwoSites sites = sites(source, target, certificates).host("localhost")) {
            sites.onSource(ITEM, "INSERT INTO item VALUES (1, 'copied')");
            try (Gateway gateway = new Gateway(sites.config())) {
                Watching.awaitStreaming(gateway);
                sites.onSource("INSERT INTO item VALUES (2, 'streamed')");
                sites.awaitEqual(Duration.ofSeconds(180), List.of("item"));
            }
        }
    }

    @Test
    void anAuthorityThatIsNotTrustedIsSaidInOneSentence() throws Exception {
        assertRefused(others, "localhost", "CertPath");
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        assertRefused(certificates, "127.0.0.1", "127.0.0.1");
    }

    private static void assertRefused(Certificates trusted, String host, String reason)
            throws Exception {
        assertThat(refusal(sites(postgres, mysql, trusted).host(host)))
                .contains("certificate was not accepted", "sslrootcert", reason);
        assertThat(refusal(sites(mysql, postgres, trusted).host(host)))
                .contains("certificate was not accepted", "trustCertificateKeyStoreUrl", reason);
    }

    private static String refusal(TwoSites open) throws Exception {
        try (TwoSites sites = open) {
            sites.onSource(ITEM);
            try (Gateway gateway = new Gateway(sites.config())) {
                return Watching.awaitFailed(gateway).message();
            }
        }
    }

    /** As docs/operations.md has it. */
    private static TwoSites sites(
            DatabaseServer source, DatabaseServer target, Certificates trusted) {
        return TwoSites.between(source, target)
                .with("heartbeat: 200ms")
                .urlParameter("source", parameters(source, trusted))
                .urlParameter("target", parameters(target, trusted));
    }

    private static String parameters(DatabaseServer server, Certificates trusted) {
        boolean mysql = server instanceof MySqlServer;
        Matcher url =
                Pattern.compile(
                                "jdbc:%s://\\S+\\?(ssl\\S+)"
                                        .formatted(mysql ? "mysql" : "postgresql"))
                        .matcher(manual());
        assertThat(url.find()).isTrue();
        return url.group(1)
                .replace("/etc/sluice/ca.pem", trusted.authority().toString())
                .replace("/etc/sluice/ca.p12", trusted.trustStore().toString());
    }

    private static String manual() {
        try {
            return Files.readString(
                    Path.of(System.getProperty("sluice.root"), "docs", "operations.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
