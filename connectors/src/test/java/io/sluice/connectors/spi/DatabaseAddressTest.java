package io.sluice.connectors.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password=hush",
                "sslpassword=hush;hush",
                "trustCertificateKeyStorePassword=hush",
                "accessToken=hush",
                "pwd=a;hush",
                "credentialFile=hush",
            })
    void whatIsPrintedHasNoSecret(String parameter) {
        String url = "jdbc:postgresql://keys.example/db?ssl=true&" + parameter + "&a=b";
        assertThat(new DatabaseAddress("east", url, "me", "hush").toString())
                .startsWith("east (jdbc:postgresql://keys.example/db?ssl=true&")
                .endsWith("=…&a=b)")
                .doesNotContain("hush");
    }
}
