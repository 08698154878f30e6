package io.engagementwebhooks.webhook.signing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Forms of other senders; their libraries verify them in {@code OtherLanguagesTest}. */
class CustomSignatureTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_531_420_618);

    /** Of GitHub's documentation: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries. */
    private static final String GITHUBS = "It's a Secret to Everybody";

    @Test
    void a_secret_that_the_receiver_has_already_signs_as_it_does_with_its_sender() {
        CustomSignature github = signature("sha256=", "{body}", key("k1", GITHUBS, Validity.ALWAYS));
        assertEquals(
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                github.headers("msg_1", "Hello, World!".getBytes(StandardCharsets.UTF_8), NOW)
                        .get("X-Sig"));
    }

    @Test
    void a_key_signs_while_it_is_valid_and_without_one_there_are_no_headers() {
        SigningKey later = key("k2", "b".repeat(24), new Validity(NOW.plusSeconds(1), Instant.MAX));
        SigningKey now = key("k1", "a".repeat(24), new Validity(Instant.MIN, NOW.plusSeconds(1)));
        CustomSignature both = signature("t={timestamp},v1=", "{id}.{body}", later, now);
        CustomSignature first = signature("t={timestamp},v1=", "{id}.{body}", now);
        assertEquals(first.headers("msg_1", new byte[0], NOW), both.headers("msg_1", new byte[0], NOW));
        assertEquals(Map.of(), first.headers("msg_1", new byte[0], NOW.plusSeconds(1)));
    }

    @Test
    void of_several_keys_what_follows_the_last_comma_of_the_prefix_is_repeated() {
        SigningKey one = key("k1", "a".repeat(24), Validity.ALWAYS);
        SigningKey two = key("k2", "b".repeat(24), Validity.ALWAYS);
        String first = signature("t={timestamp},v1=", "{body}", one)
                .headers("m", new byte[0], NOW)
                .get("X-Sig");
        String second =
                signature("v1=", "{body}", two).headers("m", new byte[0], NOW).get("X-Sig");
        assertEquals(
                first + "," + second,
                signature("t={timestamp},v1=", "{body}", one, two)
                        .headers("m", new byte[0], NOW)
                        .get("X-Sig"));
    }

    private static CustomSignature signature(String prefix, String content, SigningKey... keys) {
        return new CustomSignature(
                List.of(keys),
                "X-Sig",
                Optional.of("X-Time"),
                CustomSignature.Algorithm.SHA256,
                CustomSignature.Encoding.HEX,
                prefix,
                content,
                CustomSignature.KeyAs.BYTES);
    }

    private static SigningKey key(String id, String secret, Validity validity) {
        String text = HmacKey.SHARED + Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
        return new SigningKey(id, SigningKey.Scheme.V1, Secret.of(text), validity);
    }
}
