package io.engagementwebhooks.webhook.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.engagementwebhooks.testkit.TestKeys;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

    private static final PrivateKey KEY = TestKeys.rsa(2048).getPrivate();

    /** Line breaks as environment variables and forms pass them. */
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\\n", " ", ""})
    void a_key_is_read_with_missing_or_escaped_line_breaks(String lineBreak) {
        String pem = "Bag Attributes\n" + TestKeys.pem(KEY).replace("\n", lineBreak);

        assertEquals(KEY, Pem.privateKey(pem));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSASSA-PSS", "Ed448", "DSA"})
    void a_key_of_another_kind_does_not_sign_assertions(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        Secret pem = Secret.of(TestKeys.pem(generator.generateKeyPair().getPrivate()));

        assertThrows(PemException.class, () -> AssertionKey.of(pem));
    }

    @Test
    void invalid_base64_is_reported_without_the_text() {
        String pem = "-----BEGIN PRIVATE KEY-----\nhush*hush\n-----END PRIVATE KEY-----";

        PemException refused = assertThrows(PemException.class, () -> Pem.privateKey(pem));

        assertEquals("holds a block that is not Base64", refused.getMessage());
    }
}
