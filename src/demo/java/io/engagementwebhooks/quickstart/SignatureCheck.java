package io.engagementwebhooks.quickstart;

import io.engagementwebhooks.testkit.Receiver.Got;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a receiver does with {@code webhook-id}, {@code webhook-timestamp} and {@code webhook-signature}. Thread-safe.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class SignatureCheck {

    private static final Duration TOLERANCE = Duration.ofMinutes(5);

    private final byte[] key;
    private final Clock clock;

    /** @param secret {@code whsec_} and Base64 */
    SignatureCheck(String secret, Clock clock) {
        this.key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
        this.clock = clock;
    }

    /** Why the request is not from who knows the secret, or empty. */
    Optional<String> refusal(Got request) {
        String id = request.header("webhook-id");
        String timestamp = request.header("webhook-timestamp");
        String signatures = request.header("webhook-signature");
        if (id == null || timestamp == null || signatures == null) {
            return Optional.of("webhook-id, webhook-timestamp or webhook-signature is missing");
        }
        if (!timestamp.matches("\\d{1,12}")
                || Math.abs(clock.instant().getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE.toSeconds()) {
            return Optional.of("webhook-timestamp is not of now");
        }
        String content = id + "." + timestamp + "." + request.body();
        byte[] expected = ("v1," + hmac(content)).getBytes(StandardCharsets.UTF_8);
        boolean matches = Arrays.stream(signatures.split(" "))
                .anyMatch(each -> MessageDigest.isEqual(expected, each.getBytes(StandardCharsets.UTF_8)));
        return matches ? Optional.empty() : Optional.of("webhook-signature does not match");
    }

    private String hmac(String content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
