package io.engagementwebhooks.receivers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The request that the receivers' guide shows fits together. */
class ExampleRequestTest {

    private static final List<String> SHOWN = Snippets.of("http");
    private static final String BODY = SHOWN.get(0).split("\n\n", 2)[1].strip();

    @Test
    void its_length_is_that_of_its_body() {
        assertTrue(SHOWN.get(0).contains("\nContent-Length: " + BODY.length() + "\n"), () -> "it is " + BODY.length());
    }

    @Test
    void its_digest_is_that_of_its_body() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(BODY.getBytes(StandardCharsets.UTF_8));
        assertEquals(
                "Content-Digest: sha-256=:" + Base64.getEncoder().encodeToString(digest) + ":",
                SHOWN.get(1).lines().findFirst().orElseThrow());
    }

    @Test
    void it_was_signed_when_its_time_says() {
        String time = SHOWN.get(0).replaceFirst("(?s).*\nwebhook-timestamp: (\\d+)\n.*", "$1");
        assertTrue(SHOWN.get(1).contains(";created=" + time + ";"), time);
    }
}
