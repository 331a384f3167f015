package io.sluice.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * An authority of its own that nobody else trusts, and a server's certificate that it signed, made
 * by the JDK's {@code keytool}.
 *
 * @param folder holds the authority as {@code authority.pem} and {@code authority.p12}
 */
public record Certificates(Path folder) {

    /** Of {@link #trustStore}; no secret. */
    public static final String STORE_PASSWORD = "changeit";

    private static final String AUTHORITY = "authority";
    private static final String SERVER = "server";

    /**
     * Makes them.
     *
     * @param folder is there, and is removed by the caller
     * @param hostName the only name that the server's certificate is for
     */
    public static Certificates forHost(Path folder, String hostName) {
        Certificates made = new Certificates(folder);
        made.make(hostName);
        return made;
    }

    /** The authority's certificate, as PostgreSQL's driver reads it. */
    public Path authority() {
        return folder.resolve("authority.pem");
    }

    /** The authority's certificate, as MySQL's driver reads it. */
    public Path trustStore() {
        return folder.resolve("authority.p12");
    }

    /** From now on the server has this certificate and takes encrypted connections alone. */
    public void require(DatabaseServer server) {
        try {
            KeyStore store = open(folder.resolve("keys.p12"));
            String key =
                    pem(
                            "PRIVATE KEY",
                            store.getKey(SERVER, STORE_PASSWORD.toCharArray()).getEncoded());
            String chain = Files.readString(folder.resolve("server.pem")).replace("\r", "");
            switch (server) {
                case PostgresServer postgres -> require(postgres, key, chain);
                case MySqlServer mysql -> require(mysql, key, chain, Files.readString(authority()));
            }
        } catch (IOException | GeneralSecurityException | SQLException e) {
            throw new ServerException("cannot encrypt the connections of " + server, e);
        }
    }

    private static void require(PostgresServer server, String key, String chain)
            throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            String data = text(statement, "SHOW data_directory") + "/";
            // The server takes a key only from a file that it alone can read.
            write(statement, data + "server.key", key);
            write(statement, data + "server.crt", chain);
            write(statement, data + "pg_hba.conf", "hostssl all,replication all all scram-sha-256");
            statement.execute("ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2'");
        }
        server.setting("ssl", "on");
    }

    private static void write(Statement statement, String file, String text) throws SQLException {
        statement.execute(
                "COPY (SELECT unnest(string_to_array('%s', E'\\n'))) TO PROGRAM 'umask 077; cat > %s'"
                        .formatted(text.strip(), file));
    }

    /** The server verifies its own certificate before it uses it. */
    private static void require(MySqlServer server, String key, String chain, String authority)
            throws SQLException {
        try (Connection connection = server.connect("mysql");
                Statement statement = connection.createStatement()) {
            String data = text(statement, "SELECT @@datadir");
            Map<String, String> files = Map.of("key", key, "cert", chain, "ca", authority);
            for (Map.Entry<String, String> file : files.entrySet()) {
                String name = "own-" + file.getKey() + ".pem";
                statement.execute(
                        "SELECT '%s' INTO DUMPFILE '%s%s'".formatted(file.getValue(), data, name));
                statement.execute("SET PERSIST ssl_%s = '%s'".formatted(file.getKey(), name));
            }
            statement.execute("ALTER INSTANCE RELOAD TLS");
        }
        server.setting("require_secure_transport", "ON");
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private void make(String hostName) {
        String keys = folder.resolve("keys.p12").toString();
        Path request = folder.resolve("server.csr");
        Path signed = folder.resolve("server.pem");
        pair(keys, AUTHORITY, "-dname", "CN=Test authority", "-ext", "bc:critical=ca:true");
        pair(keys, SERVER, "-dname", "CN=server");
        keytool(keys, SERVER, "-certreq", "-file", request.toString());
        keytool(
                keys,
                AUTHORITY,
                "-gencert",
                "-rfc",
                "-validity",
                "2",
                "-ext",
                "san=dns:" + hostName,
                "-infile",
                request.toString(),
                "-outfile",
                signed.toString());
        try {
            Certificate authority = open(Path.of(keys)).getCertificate(AUTHORITY);
            Files.writeString(authority(), pem("CERTIFICATE", authority.getEncoded()));
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(AUTHORITY, authority);
            try (var out = Files.newOutputStream(trustStore())) {
                trusted.store(out, STORE_PASSWORD.toCharArray());
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new ServerException("cannot write certificates to " + folder, e);
        }
    }

    private static void pair(String keys, String alias, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        arguments.addAll(Arrays.asList("-validity", "2"));
        arguments.addAll(Arrays.asList(more));
        keytool(keys, alias, "-genkeypair", arguments.toArray(String[]::new));
    }

    private static void keytool(String keys, String alias, String command, String... more) {
        List<String> whole =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                command,
                                "-keystore",
                                keys,
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                STORE_PASSWORD,
                                "-alias",
                                alias));
        whole.addAll(Arrays.asList(more));
        Commands.run(whole);
    }

    private static KeyStore open(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, STORE_PASSWORD.toCharArray());
        }
        return store;
    }

    private static String pem(String kind, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, body, kind);
    }
}
